import Tensors

/// How the attention maps of several heads become one.
public enum HeadFusion: String, CaseIterable, Sendable {
  /// The mean of all heads.
  case mean
  /// What even the least attentive head sees.
  case min
  /// What any head sees.
  case max

  /// Windows × heads × queries × keys as windows × queries × keys.
  func callAsFunction(_ heads: Tensor) -> Tensor {
    let (windows, count) = (heads.shape[0], heads.shape[1])
    switch self {
    case .mean: return heads.channelSum() * (1 / Float(count))
    case .min: return folded(heads, windows, count) { Swift.min($0, $1) }
    case .max: return folded(heads, windows, count) { Swift.max($0, $1) }
    }
  }

  private func folded(_ heads: Tensor, _ windows: Int, _ count: Int, _ choose: (Float, Float) -> Float) -> Tensor {
    let (rows, columns) = (heads.shape[2], heads.shape[3])
    let size = rows * columns
    return Tensor(unfilled: [windows, rows, columns]) { result in
      heads.withScalars { heads in
        for place in 0..<windows * size {
          let first = place / size * count * size + place % size
          var value = heads[first]
          for head in 0..<count { value = choose(value, heads[first + head * size]) }
          result[place] = value
        }
      }
    }
  }
}
