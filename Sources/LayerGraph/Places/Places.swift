import Tensors

/// Where in the picture the scalars of a node's result lie: for each of one sample a row and a column, or none.
///
/// Rows and columns are counted in pixels from 1, so that 0 can stand for none: a class token, a bias, what is a mean of the
/// whole picture. Axes along which they are the same have extent 1.
public struct Places: Sendable {
  /// The rows; as many axes as the sample has, with its extents or 1.
  public let rows: Tensor
  /// The columns, likewise.
  public let columns: Tensor

  /// Places of a sample, brought to the fewest extents.
  init(rows: Tensor, columns: Tensor) {
    self.rows = rows.withoutRepetition()
    self.columns = columns.withoutRepetition()
  }

  /// Those of a picture C×H×W.
  init(picture shape: Shape) {
    let (height, width) = (shape[-2], shape[-1])
    rows = Tensor((1...height).map(Float.init), shape: [1, height, 1])
    columns = Tensor((1...width).map(Float.init), shape: [1, 1, width])
  }

  /// None anywhere.
  static func none(rank: Int) -> Places {
    let zero = Tensor(repeating: 0, shape: Shape([Int](repeating: 1, count: rank)))
    return Places(rows: zero, columns: zero)
  }

  /// Whether there are none.
  public var isNone: Bool { rows.count == 1 && rows.scalars == [0] }

  /// Whether all scalars lie at one place, as what mixes the whole picture does, or at none.
  var isSingle: Bool { rows.count == 1 && columns.count == 1 }

  /// Whether they are the same along an axis.
  public func isConstant(along axis: Int) -> Bool { rows.shape[axis] == 1 && columns.shape[axis] == 1 }

  /// Rows and columns put through a function.
  func mapped(_ function: (Tensor) -> Tensor) -> Places {
    Places(rows: function(rows), columns: function(columns))
  }

  /// For each scalar of a sample its row and column.
  public func expanded(to shape: Shape) -> (rows: Tensor, columns: Tensor) {
    (rows.expanded(to: shape), columns.expanded(to: shape))
  }

  /// What an op that only moves scalars makes of the places of a sample of some shape. What it fills in has none.
  func moved(by op: some Op, from shape: Shape) -> Places {
    mapped { tensor in
      let moved = op.forward([tensor.expanded(to: shape).reshaped(to: shape.batched(1))])
      return moved.reshaped(to: moved.shape.perSample)
    }
  }

  /// Along one axis the middle one of the places in place of each: the mean of the middle two of an even number.
  public func middle(over axis: Int) -> Places {
    mapped { tensor in
      guard tensor.shape[axis] > 1 else { return tensor }
      let runs = AxisRuns(tensor.shape, axis: axis)
      var extents = tensor.shape.extents
      extents[axis] = 1
      return Tensor(unfilled: Shape(extents)) { middles in
        tensor.withScalars { places in
          for index in middles.indices {
            let first = index / runs.inner * runs.extent * runs.inner + index % runs.inner
            let found = (0..<runs.extent).map { places[first + $0 * runs.inner] }.filter { $0 > 0 }.sorted()
            let half = found.count / 2
            middles[index] =
              found.isEmpty ? 0 : found.count % 2 == 1 ? found[half] : (found[half - 1] + found[half]) / 2
          }
        }
      }
    }
  }

  /// Along some axes only, with one of extent 1 behind them for channels; nil where they differ along another axis.
  public func along(_ axes: [Int]) -> Places? {
    let others = rows.shape.extents.indices.filter { !axes.contains($0) }
    guard others.allSatisfy(isConstant) else { return nil }
    return mapped { tensor in tensor.reshaped(to: Shape(axes.map { tensor.shape[$0] } + [1])) }
  }

  /// Without one axis; nil where they differ along it.
  func dropping(axis: Int) -> Places? {
    guard isConstant(along: axis) else { return nil }
    return mapped { $0.reshaped(to: $0.shape.removing(axis: axis)) }
  }

  /// The first ones, and others where these are none.
  func merged(with other: Places, shape: Shape) -> Places {
    if other.isSingle { return self }
    if isSingle { return other }
    guard rows.scalars.contains(0) else { return self }
    let (own, others) = (expanded(to: shape), other.expanded(to: shape))
    func merge(_ a: Tensor, _ b: Tensor) -> Tensor {
      a.combined(with: b) { a, b, y, count in for index in 0..<count { y[index] = a[index] == 0 ? b[index] : a[index] }
      }
    }
    return Places(rows: merge(own.rows, others.rows), columns: merge(own.columns, others.columns))
  }
}

extension Tensor {
  /// The tensor with extent 1 along axes along which nothing changes.
  fileprivate func withoutRepetition() -> Tensor {
    var result = self
    for axis in shape.extents.indices where result.shape[axis] > 1 {
      let runs = AxisRuns(result.shape, axis: axis)
      let isRepeated = result.withScalars { scalars in
        (0..<runs.outer).allSatisfy { outer in
          let first = outer * runs.extent * runs.inner
          return (first + runs.inner..<first + runs.extent * runs.inner).allSatisfy {
            scalars[$0] == scalars[$0 - runs.inner]
          }
        }
      }
      guard isRepeated else { continue }
      let sliced = Slice(axis: axis, range: 0..<1).forward([result.reshaped(to: result.shape.batched(1))])
      result = sliced.reshaped(to: sliced.shape.perSample)
    }
    return result
  }
}
