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

extension ImageSize {
  /// The grid of patches of a side, the last ones cut off or, rounding up, padded.
  func divided(by side: Int, roundingUp: Bool = false) -> ImageSize {
    func count(_ length: Int) -> Int { max(1, (roundingUp ? length + side - 1 : length) / side) }
    return ImageSize(height: count(height), width: count(width))
  }
}
