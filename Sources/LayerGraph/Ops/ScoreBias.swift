import CKernels
import Tensors

/// What is added to the scores of an attention while they are made, laid out as its kernel reads it.
struct ScoreBias: Sendable {
  /// Heads × queries × keys, or windows and heads, with −∞ behind the keys up to whole panels; one head and one query where it
  /// is the same for all.
  let table: Tensor
  /// For each window the numbers of its tokens' parts, between which nothing is attended to, see ``WindowGrid/parts``.
  let parts: [[Float]?]

  /// Nothing is added.
  init(keys: Int) {
    table = Self.padded(Tensor(repeating: 0, shape: [1, 1, keys]))
    parts = []
  }

  /// The bias and the mask of windows.
  init(_ bias: AttentionBias) {
    table = Self.padded(bias.expandedTable())
    parts = bias.parts
  }

  /// Whether constants are the same for whole matrices of scores, or for all of their rows.
  static func canAdd(_ constants: [ConstantOperand], scores: Shape) -> Bool {
    let matrix = scores[-2] * scores[-1]
    let largest = constants.reduce(matrix) { max($0, $1.values.count) }
    return constants.allSatisfy { constant in
      let count = constant.values.count
      return constant.inner == 1 && largest % count == 0 && (count % matrix == 0 || count == scores[-1])
    }
  }

  /// Constants that are added one after the other: biases of heads, masks of windows.
  ///
  /// - Precondition: ``canAdd(_:scores:)``.
  init(_ constants: [ConstantOperand], scores: Shape) {
    let (queries, keys) = (scores[-2], scores[-1])
    let count = constants.reduce(queries * keys) { max($0, $1.values.count) }
    var sum = [Float](repeating: 0, count: count)
    for constant in constants {
      constant.values.withScalars { values in
        for start in stride(from: 0, to: count, by: values.count) {
          for index in 0..<values.count { sum[start + index] += values[index] }
        }
      }
    }
    table = Self.padded(Tensor(sum, shape: [count / (queries * keys), queries, keys]))
    parts = []
  }

  private static func padded(_ table: Tensor) -> Tensor {
    let keys = table.shape[2]
    let panel = Int(VITCAM_PANEL_COLUMNS)
    let columns = (keys + panel - 1) / panel * panel
    return Tensor(unfilled: [table.shape[0], table.shape[1], columns]) { padded in
      padded.update(repeating: -.infinity)
      table.withScalars { table in
        for row in 0..<padded.count / columns {
          (padded.base + row * columns).update(from: table.base + row * keys, count: keys)
        }
      }
    }
  }

  /// Calls `body` with the rows of one of the matrices of scores, windows × heads, and with the numbers of its tokens' parts
  /// where it is masked.
  func withRows(
    of matrix: Int, _ body: (_ bias: UnsafePointer<Float>, _ stride: Int, _ parts: UnsafePointer<Float>?) -> Void
  ) {
    let (heads, rows, columns) = (table.shape[0], table.shape[1], table.shape[2])
    table.withScalars { table in
      let bias = table.base + matrix % heads * rows * columns
      let stride = rows == 1 ? 0 : columns
      if parts.isEmpty {
        body(bias, stride, nil)
      } else if let parts = parts[matrix / heads % parts.count] {
        parts.withUnsafeBufferPointer { body(bias, stride, $0.base) }
      } else {
        body(bias, stride, nil)
      }
    }
  }
}
