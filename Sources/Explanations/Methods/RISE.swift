import Images
import Tensors

/// The mean score of randomly masked pictures that show a pixel, as far as it is above the mean of all (Petsiuk, Das and
/// Saenko 2018, "RISE", equation 3): Σ_n s(x ⊙ M_n) M_n / Σ_n M_n − mean of s(x ⊙ M_n).
///
/// The paper does not subtract the mean, which shifts the map only, but scores are negative too; and it divides by the expected
/// Σ M_n, N p, which adds the chance of the masks to the map. A mask is a coarse grid of zeros and ones, enlarged and shifted by
/// chance (section 3.2); the masks follow from the seed.
public struct RISE: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "rise"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "mean score of randomly masked pictures (Petsiuk et al. 2018)"

  /// The number of masks.
  public let masks: Int
  /// The rows and columns of a mask's grid.
  public let cells: Int
  /// How likely a cell of the grid lets the picture through.
  public let probability: Double
  /// What the masks follow from.
  public let seed: UInt64

  /// RISE with 1,000 masks of 7×7 cells, half of them open, unless told otherwise.
  public init(masks: Int = 1000, cells: Int = 7, probability: Double = 0.5, seed: UInt64 = 0) {
    self.masks = max(1, masks)
    self.cells = max(1, cells)
    self.probability = probability
    self.seed = seed
  }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [.wholeRuns] }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let size = evidence.model.imageSize
    return try evidence.inputMaps { picture in
      let scores = try evidence.scores(ofVariants: masks, picture: picture, keptAs: "masked") { number, scalars in
        let mask = mask(number, size: size)
        for start in stride(from: 0, to: scalars.count, by: size.count) {
          for place in 0..<size.count { scalars[start + place] *= mask[place] }
        }
      }
      let mean = scores.reduce(0, +) / Float(scores.count)
      var (sums, open) = ([Float](repeating: 0, count: size.count), [Float](repeating: 0, count: size.count))
      // The masks are made anew: to keep them would take as much memory as all the pictures.
      for (number, score) in scores.enumerated() {
        for (place, value) in mask(number, size: size).enumerated() {
          sums[place] += (score - mean) * value
          open[place] += value
        }
      }
      return Tensor(zip(sums, open).map { $1 > 0 ? $0 / $1 : 0 }, shape: [size.height, size.width])
    }
  }

  /// A mask, H×W, between 0 and 1: the grid enlarged bilinearly by a cell more than the picture, and cut out where chance says.
  func mask(_ number: Int, size: ImageSize) -> [Float] {
    let random = SeededRandom(seed: seed)
    let first = number * (cells * cells + 2)
    let grid = (0..<cells * cells).map { Float(random.uniform(at: first + $0) < probability ? 1 : 0) }
    let rows = samples(size.height, shift: random.uniform(at: first + cells * cells))
    let columns = samples(size.width, shift: random.uniform(at: first + cells * cells + 1))
    var mask = [Float]()
    mask.reserveCapacity(size.count)
    for row in rows {
      let (above, below) = (row.first * cells, row.second * cells)
      for column in columns {
        let top = grid[above + column.first] * (1 - column.weight) + grid[above + column.second] * column.weight
        let bottom = grid[below + column.first] * (1 - column.weight) + grid[below + column.second] * column.weight
        mask.append(top * (1 - row.weight) + bottom * row.weight)
      }
    }
    return mask
  }

  /// For each row (or column) of the picture the two of the grid that it lies between, and how near it is to the second.
  private func samples(_ length: Int, shift: Double) -> [(first: Int, second: Int, weight: Float)] {
    let side = (length + cells - 1) / cells
    let offset = Int(shift * Double(side))
    let scale = Double(cells) / Double((cells + 1) * side)
    return (0..<length).map { index in
      let place = max(0, (Double(index + offset) + 0.5) * scale - 0.5)
      let first = min(Int(place), cells - 1)
      return (first, min(first + 1, cells - 1), Float(place - Double(first)))
    }
  }
}
