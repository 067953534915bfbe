import CKernels
import Tensors

/// What is added to the scores of an attention while they are made, laid out as its kernel reads it.
struct ScoreBias: Sendable {
  /// Heads × queries × keys, with −∞ behind the keys up to whole panels; one head and one query where it is the same for
  /// all.
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
