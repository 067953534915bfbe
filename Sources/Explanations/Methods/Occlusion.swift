import Tensors

/// How much the score falls where a square of the picture is gray, the mean over all squares that cover a pixel (Zeiler and
/// Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2). Gray is zero, the mean color of the
/// preprocessing.
public struct Occlusion: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "occlusion"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "how the score falls where a square of the picture is gray (Zeiler and Fergus 2014)"

  /// The side of the square in pixels; nil for a seventh of the picture's shorter side.
  public let side: Int?
  /// How far apart the squares are; nil for half a side.
  public let step: Int?

  /// Occlusion by squares of a seventh of the picture's side, unless told otherwise.
  public init(side: Int? = nil, step: Int? = nil) {
    self.side = side.map { max(1, $0) }
    self.step = step.map { max(1, $0) }
  }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [.wholeRuns] }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let size = evidence.model.imageSize
    let side = min(size.shorterSide, side ?? max(1, (size.shorterSide + 3) / 7))
    let step = step ?? max(1, side / 2)
    let rows = Self.ranges(size.height, side: side, step: step)
    let columns = Self.ranges(size.width, side: side, step: step)
    return try evidence.inputMaps { picture in
      let scores = try evidence.scores(
        ofVariants: rows.count * columns.count, picture: picture, keptAs: "occluded"
      ) { number, scalars in
        for row in rows[number / columns.count] {
          for start in stride(from: row * size.width, to: scalars.count, by: size.count) {
            for column in columns[number % columns.count] { scalars[start + column] = 0 }
          }
        }
      }
      var (falls, covers) = ([Float](repeating: 0, count: size.count), [Float](repeating: 0, count: size.count))
      for (number, score) in scores.enumerated() {
        for row in rows[number / columns.count] {
          for column in columns[number % columns.count] {
            falls[row * size.width + column] += evidence.scores[picture] - score
            covers[row * size.width + column] += 1
          }
        }
      }
      return Tensor(zip(falls, covers).map { $1 > 0 ? $0 / $1 : 0 }, shape: [size.height, size.width])
    }
  }

  /// The rows (or columns) that the squares cover: from the first on, until one reaches the end, where it is cut off.
  private static func ranges(_ length: Int, side: Int, step: Int) -> [Range<Int>] {
    (0...(max(0, length - side) + step - 1) / step).map { $0 * step..<min($0 * step + side, length) }
      .filter { !$0.isEmpty }
  }
}
