import Images
import LayerGraph
import Tensors

extension Value {
  /// A map C×H×W as tokens L×C, row by row.
  func asTokens() -> Value {
    reshaped(to: [shape[0], shape[1] * shape[2]]).permuted(1, 0)
  }

  /// Tokens L×C as a map C×H×W.
  func asMap(_ grid: Extent) -> Value {
    permuted(1, 0).reshaped(to: [shape[1], grid.height, grid.width])
  }

  /// A map H×W×C as tokens L×C, row by row.
  func asRows() -> Value {
    reshaped(to: [shape[0] * shape[1], shape[2]])
  }
}

extension FeatureLayout {
  /// Tokens L×C, after `leading` ones that are no patches, or a map C×H×W, where they cover one of some grids.
  static func tokensOrMap(_ shape: Shape, grids: [ImageSize], leading: Int = 0) -> FeatureLayout? {
    switch shape.rank {
    case 2:
      return grids.first { shape[0] == $0.count + leading }.map { .tokens(leading: leading, grid: $0) }
    case 3:
      return grids.contains { shape[1] == $0.height && shape[2] == $0.width } ? .channelsFirst : nil
    default: return nil
    }
  }
}

extension ImageSize {
  /// The grid of patches of a side, the last ones cut off or, rounding up, padded.
  func divided(by side: Int, roundingUp: Bool = false) -> ImageSize {
    func count(_ length: Int) -> Int { max(1, (roundingUp ? length + side - 1 : length) / side) }
    return ImageSize(height: count(height), width: count(width))
  }
}

extension String {
  /// The number behind a component of a layer's name: 2 behind `stages` in `stages.2.blocks.0`.
  func number(after component: String) -> Int? {
    let parts = split(separator: ".")
    guard let place = parts.firstIndex(of: component[...]), place + 1 < parts.count else { return nil }
    return Int(parts[place + 1])
  }
}
