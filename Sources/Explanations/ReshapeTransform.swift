import Architectures
import Images
import LayerGraph
import Tensors

/// How the features that a layer gives become feature maps B×C×H×W, for the activation and the gradient alike.
///
/// It is a value with a closure inside: a model of one's own needs one line.
///
///     ReshapeTransform("drop the class token") { tokens in
///       tokens.droppingTokens(1).permuted([0, 2, 1]).reshaped(to: [tokens.batchCount, 192, 14, 14])
///     }
public struct ReshapeTransform: Sendable, CustomStringConvertible {
  /// What it does, in the notation of the command line where it has one: `automatic`, `14x14-1`.
  public let description: String
  private let transform: @Sendable (Tensor, FeatureLayout?) throws -> Tensor

  /// A transform of one's own, from what a layer gives (batch first) to B×C×H×W.
  public init(_ description: String, _ transform: @escaping @Sendable (Tensor) throws -> Tensor) {
    self.init(description: description) { tensor, _ in try transform(tensor) }
  }

  private init(
    description: String, _ transform: @escaping @Sendable (Tensor, FeatureLayout?) throws -> Tensor
  ) {
    self.description = description
    self.transform = transform
  }

  /// The features of a layer as B×C×H×W.
  ///
  /// - Parameters:
  ///   - features: what the layer gives, batch first.
  ///   - layout: what the architecture says of the layer.
  /// - Throws: ``ReshapeError`` where they cannot become maps; what a closure of one's own throws.
  public func callAsFunction(_ features: Tensor, layout: FeatureLayout?) throws -> Tensor {
    let maps = try transform(features, layout)
    guard maps.shape.rank == 4, maps.batchCount == features.batchCount, maps.count > 0 else {
      throw ReshapeError(
        "reshape '\(description)': expected B×C×H×W with B = \(features.batchCount), found \(maps.shape)")
    }
    return maps
  }

  // MARK: Built in

  /// From the architecture and the layer: class, distillation and register tokens are dropped, the grid is the model's,
  /// windows are joined and shifted back.
  public static let automatic = ReshapeTransform(description: "automatic") { features, layout in
    switch layout {
    case .channelsFirst: return features
    case .channelsLast: return features.permuted([0, 3, 1, 2])
    case .tokens(let leading, let grid): return features.patchMaps(grid: grid, dropping: leading)
    case .windows(let windows): return windows.joined(features).permuted([0, 3, 1, 2])
    case .arranged(let arrangement): return arrangement.maps(of: features)
    case nil:
      throw ReshapeError(
        "reshape 'automatic': a layer that gives \(features.shape.perSample) is no map of the picture; take another layer "
          + "or say how with a grid such as 14x14-1")
    }
  }

  /// Feature maps as they are, as layers of a CNN give them.
  public static let none = ReshapeTransform("none") { features in
    guard features.shape.rank == 4 else {
      throw ReshapeError("reshape 'none': expected C×H×W, found \(features.shape.perSample)")
    }
    return features
  }

  /// Tokens, row by row, as a grid; the first ones, which are no patches, are dropped. Layers that give the grid as H×W×C
  /// or C×H×W are taken too.
  public static func grid(height: Int, width: Int, dropping leading: Int = 0) -> ReshapeTransform {
    let name = "\(height)x\(width)" + (leading > 0 ? "-\(leading)" : "")
    return ReshapeTransform(description: name) { features, layout in
      let shape = features.shape.perSample
      if layout == .channelsLast, leading == 0, shape.rank == 3, shape[0] == height, shape[1] == width {
        return features.permuted([0, 3, 1, 2])
      }
      if layout == .channelsFirst, leading == 0, shape.rank == 3, shape[1] == height, shape[2] == width {
        return features
      }
      guard height > 0, width > 0, leading >= 0 else {
        throw ReshapeError("reshape '\(name)': expected a grid such as 14x14 or 14x14-1")
      }
      guard shape.rank == 2, shape[0] == height * width + leading else {
        throw ReshapeError(
          "reshape '\(name)': expected \(height * width + leading)×C tokens, found \(shape)\(fitting(shape))")
      }
      return features.patchMaps(grid: ImageSize(height: height, width: width), dropping: leading)
    }
  }

  /// A transform in the command line's notation: `auto`, `none`, `12x12`, `14x14-1`, or a pattern with an arrow.
  ///
  /// - Parameter sizes: the sizes of a pattern's axes.
  /// - Throws: ``ReshapeError`` where the text is none of these.
  public init(parsing text: String, sizes: [String: Int] = [:]) throws(ReshapeError) {
    guard sizes.isEmpty || text.contains("->") else {
      throw ReshapeError("reshape '\(text)': only a pattern such as 'b (h w) c -> b c h w' has axes with sizes")
    }
    switch text {
    case _ where text.contains("->"): self = try .pattern(text, sizes)
    case "auto", "automatic": self = .automatic
    case "none": self = .none
    default:
      guard let grid = Grid(parsing: text) else {
        throw ReshapeError("reshape '\(text)': expected auto, none, a grid such as 12x12 or 14x14-1, or a pattern")
      }
      self = .grid(height: grid.height, width: grid.width, dropping: grid.leading)
    }
  }

  /// A grid as the command line writes it: `12x12`, or `14x14-1` where one token before it is no patch.
  public struct Grid: Sendable, Equatable {
    /// The number of rows.
    public let height: Int
    /// The number of columns.
    public let width: Int
    /// The number of tokens before the patches.
    public let leading: Int

    /// The grid of a text, nil where it is none.
    public init?(parsing text: String) {
      let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let sides = parts[0].lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
      guard sides.count == 2, let height = sides[0], let width = sides[1], (1...4096).contains(height),
        (1...4096).contains(width)
      else { return nil }
      var leading = 0
      if parts.count == 2 {
        guard let count = Int(parts[1]), (0...4096).contains(count) else { return nil }
        leading = count
      }
      self.height = height
      self.width = width
      self.leading = leading
    }
  }

  /// The grids that would fit a layer's tokens, for an error to name.
  private static func fitting(_ shape: Shape) -> String {
    if shape.rank == 3 { return ": a feature map already, so 'none' or 'auto' would do" }
    guard shape.rank == 2 else { return "" }
    let grids = [0, 1, 2, 5].compactMap { leading -> String? in
      let count = shape[0] - leading
      let side = Int(Double(max(0, count)).squareRoot().rounded())
      guard side > 1, side * side == count else { return nil }
      return "\(side)x\(side)" + (leading > 0 ? "-\(leading)" : "")
    }
    return grids.isEmpty ? "" : "; what would fit: \(grids.joined(separator: ", "))"
  }
}

/// Features that cannot become maps.
public struct ReshapeError: Error, Equatable, CustomStringConvertible {
  /// One line: what was expected, what was found, and what would fit.
  public let description: String

  /// An error of one line.
  public init(_ description: String) {
    self.description = description
  }
}

extension Tensor {
  /// B×L×C without the first tokens.
  public func droppingTokens(_ count: Int) -> Tensor {
    precondition(shape.rank == 3 && count <= shape[1], "\(shape) has no \(count) tokens to drop")
    let kept = shape[1] - count
    let width = shape[2]
    return Tensor(unfilled: [batchCount, kept, width]) { result in
      withScalars { tokens in
        for sample in 0..<batchCount {
          (result.base + sample * kept * width).update(
            from: tokens.base + (sample * shape[1] + count) * width, count: kept * width)
        }
      }
    }
  }

  /// B×L×C as B×C×H×W: the tokens after the leading ones are patches, row by row.
  func patchMaps(grid: ImageSize, dropping leading: Int) -> Tensor {
    droppingTokens(leading).permuted([0, 2, 1]).reshaped(to: [batchCount, shape[2], grid.height, grid.width])
  }
}
