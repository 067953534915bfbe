import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A separable Gaussian filter; beyond the picture's border everything is 0, which in a normalised input is the mean color.
public struct GaussianBlur: Sendable {
  /// The weights along one axis, an odd number that sums up to 1.
  let weights: [Float]

  /// RISE's blurring: 11 weights of standard deviation 5. The tails that the 11 places cut off are reflected into them, as
  /// SciPy's `gaussian_filter` does when RISE's authors let it make the kernel.
  public static let rise: GaussianBlur = {
    let tails = plain(radius: 20, sigma: 5)
    var folded = [Double](repeating: 0, count: 11)
    for (index, weight) in tails.enumerated() {
      // Reflection repeats with a period of 22: places 11 to 21 are 10 to 0.
      let place = (index - 20 + 5 + 22 * 2) % 22
      folded[min(place, 21 - place)] += weight
    }
    return GaussianBlur(weights: folded.map(Float.init))
  }()

  /// A Gaussian that ends after a radius of places.
  public init(sigma: Double, radius: Int) {
    weights = Self.plain(radius: radius, sigma: sigma).map(Float.init)
  }

  /// A Gaussian as far as three standard deviations; nil where there is nothing to do.
  init?(sigma: Double) {
    guard sigma > 0 else { return nil }
    self.init(sigma: sigma, radius: Int((3 * sigma).rounded(.up)))
  }

  private init(weights: [Float]) {
    self.weights = weights
  }

  private static func plain(radius: Int, sigma: Double) -> [Double] {
    let powers = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The blurred maps: the last two axes are the height and the width of a map, those before them are kept.
  public func callAsFunction(_ maps: Tensor) -> Tensor {
    let (height, width) = (maps.shape[-2], maps.shape[-1])
    let across = filtered(maps, count: width, step: 1, lines: height, lineStep: width)
    return filtered(across, count: height, step: width, lines: width, lineStep: 1)
  }

  /// The filter along one axis, whose `count` values are `step` apart.
  private func filtered(_ maps: Tensor, count: Int, step: Int, lines: Int, lineStep: Int) -> Tensor {
    let radius = weights.count / 2
    let size = count * lines
    return Tensor(unfilled: maps.shape) { result in
      maps.withScalars { source in
        Workers.current.forEach(source.count / max(1, size)) { map in
          for line in 0..<lines {
            let start = map * size + line * lineStep
            for place in 0..<count {
              var sum: Float = 0
              for tap in max(0, place - radius)...min(count - 1, place + radius) {
                sum += source[start + tap * step] * weights[tap - place + radius]
              }
              result[start + place * step] = sum
            }
          }
        }
      }
    }
  }
}
