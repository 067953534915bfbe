import Architectures
import Images
import Tensors

/// What the tokens of a layer read of each other, for one picture, the heads fused: a matrix over the tokens of the layer.
///
/// The matrix is never written out. Within windows it is block-diagonal up to a permutation, and with reduced keys it is the
/// product of queries × keys and of averaging over the tokens of each key; relevance is passed through either as it is.
struct TokenAttention {
  /// Windows × queries × keys, a single window where the layer has none; zero between padding and anything.
  let weights: Tensor
  /// The tokens.
  let layout: AttentionLayout

  /// Attention of a layer.
  ///
  /// - Parameter weights: what the heads were fused to, windows × queries × keys.
  init(_ weights: Tensor, layout: AttentionLayout) {
    self.layout = layout
    guard let places = Self.places(in: layout) else {
      self.weights = weights
      return
    }
    let area = weights.shape[2]
    self.weights = Tensor(unfilled: weights.shape) { result in
      weights.withScalars { weights in
        for index in 0..<weights.count {
          let (row, column) = (index / area, index % area)
          result[index] = places[row] * places[row / area * area + column] * weights[index]
        }
      }
    }
  }

  /// For each place of the windows one where a token stands and zero for padding; nil where there is no padding.
  private static func places(in layout: AttentionLayout) -> [Float]? {
    guard case .windows(let windows) = layout.keys, windows.count * windows.area > layout.grid.count else { return nil }
    let ones = Tensor(repeating: 1, shape: [1, layout.grid.height, layout.grid.width, 1])
    return windows.cut(ones).scalars
  }

  /// Without the given share of the smallest weights, of all that the model computes for this layer.
  func discarding(_ ratio: Double) -> TokenAttention {
    var values = weights.scalars
    if let places = Self.places(in: layout) {
      let area = weights.shape[2]
      values = values.indices.filter { index in
        places[index / area] * places[index / area / area * area + index % area] > 0
      }.map { values[$0] }
    }
    let count = Int(Double(values.count) * ratio)
    guard count > 0 else { return self }
    let threshold = values.sorted()[count - 1]
    let kept = weights.mapped { x, y, count in
      for index in 0..<count { y[index] = x[index] > threshold ? x[index] : 0 }
    }
    return TokenAttention(kept, layout: layout)
  }

  /// How much each token reads in all: Σ_k A_qk.
  var rowSums: [Float] {
    let (windows, queries, keys) = (weights.shape[0], weights.shape[1], weights.shape[2])
    let sums = weights.reshaped(to: [windows, queries, 1, keys]).channelSums()
    return tokens(ofQueries: sums.scalars)
  }

  /// What the tokens owe to those that they read: Σ_q r_q A_qk for each token k.
  ///
  /// - Parameter relevance: r, one value for each token of the layer.
  func passedOn(_ relevance: [Float]) -> [Float] {
    let (windows, queries, keys) = (weights.shape[0], weights.shape[1], weights.shape[2])
    let owed = Tensor(unfilled: [windows, keys]) { result in
      weights.withScalars { weights in
        self.queries(of: relevance).withUnsafeBufferPointer { relevance in
          for window in 0..<windows {
            MatrixMultiplication.multiply(
              MatrixOperand(relevance.base + window * queries, stride: queries),
              MatrixOperand(weights.base + window * queries * keys, stride: keys), into: result.base + window * keys,
              outStride: keys, rows: 1, columns: keys, depth: queries)
          }
        }
      }
    }
    switch layout.keys {
    case .sameTokens: return owed.scalars
    case .windows: return tokens(ofQueries: owed.scalars)
    case .reduced(let reduction): return reduction.spread(owed.scalars)
    }
  }

  // MARK: Tokens and windows

  /// The tokens' values where the queries stand.
  private func queries(of tokens: [Float]) -> [Float] {
    guard case .windows(let windows) = layout.keys else { return tokens }
    return windows.cut(Tensor(tokens, shape: [1, layout.grid.height, layout.grid.width, 1])).scalars
  }

  /// The queries' values where the tokens stand.
  private func tokens(ofQueries values: [Float]) -> [Float] {
    guard case .windows(let windows) = layout.keys else { return values }
    return windows.joined(Tensor(values, shape: [1, windows.count, windows.area, 1])).scalars
  }
}

extension GridReduction {
  /// Values of the coarse grid on the fine one, each divided equally among the places that it stands for. The transpose of
  /// averaging: no value is lost.
  func spread(_ values: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: fine.count)
    for (row, below) in rows.enumerated() {
      for (column, beside) in columns.enumerated() {
        let share = values[row * coarse.width + column] / Float(below.count * beside.count)
        for y in below { for x in beside { result[y * fine.width + x] += share } }
      }
    }
    return result
  }
}
