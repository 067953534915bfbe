import Tensors

/// The structural similarity of two maps (Wang, Bovik, Sheikh, Simoncelli 2004, equation 13), averaged over all places of
/// the window that lie wholly inside.
///
/// A Gaussian window of 11×11 with standard deviation 1.5, K₁ = 0.01, K₂ = 0.03, values from 0 to 1. Maps smaller than the
/// window are compared through a single window that covers them.
public struct StructuralSimilarity: Sendable {
  private let blur = GaussianBlur(sigma: 1.5, radius: 5)
  private let radius = 5

  /// The measure has no parameters.
  public init() {}

  /// The similarity of two maps of one size, H×W; 1 where they are equal.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Float {
    precondition(a.shape == b.shape && a.shape.rank == 2, "expected H×W twice, found \(a.shape) and \(b.shape)")
    let moments = [a, b, a * a, b * b, a * b].map { blur($0).scalars.map(Double.init) }
    let (height, width) = (a.shape[0], a.shape[1])
    guard height > 2 * radius, width > 2 * radius else {
      let means = [a, b, a * a, b * b, a * b].map { Double($0.scalars.reduce(0, +)) / Double(a.count) }
      return Float(Self.index(means[0], means[1], means[2], means[3], means[4]))
    }
    var sum = 0.0
    for row in radius..<height - radius {
      for column in radius..<width - radius {
        let place = row * width + column
        sum += Self.index(
          moments[0][place], moments[1][place], moments[2][place], moments[3][place], moments[4][place])
      }
    }
    return Float(sum / Double((height - 2 * radius) * (width - 2 * radius)))
  }

  /// The index of one window, from the means of a, b, a², b² and ab in it.
  private static func index(_ a: Double, _ b: Double, _ aa: Double, _ bb: Double, _ ab: Double) -> Double {
    let (c1, c2) = (0.01 * 0.01, 0.03 * 0.03)
    let luminance = (2 * a * b + c1) / (a * a + b * b + c1)
    return luminance * (2 * (ab - a * b) + c2) / (aa - a * a + bb - b * b + c2)
  }
}
