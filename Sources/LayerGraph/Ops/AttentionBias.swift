import CKernels
import Tensors

/// What is added to the scores of attention in windows (Liu et al. 2021, equation 4): a learned value for each head and
/// relative position, and −100 between tokens that only the cyclic shift has made neighbours.
///
/// The scores are windows × heads × queries × keys.
struct AttentionBias: Op {
  let table: Tensor  // [(2h − 1)(2w − 1), heads], for the offsets from −(h−1), −(w−1) on
  let windows: WindowGrid
  /// See ``WindowGrid/parts``.
  let parts: [[Float]?]

  init(table: Tensor, windows: WindowGrid) {
    self.table = table
    self.windows = windows
    parts = windows.parts
  }

  private var heads: Int { table.shape[1] }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape == [windows.count, heads, windows.area, windows.area] else {
      throw ShapeError(
        "expected scores of \(windows.count)×\(heads)×\(windows.area)×\(windows.area), found \(shape)")
    }
    return shape
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let scores = inputs[0]
    let area = windows.area
    let bias = expandedTable()
    return Tensor(unfilled: scores.shape) { result in
      scores.withScalars { scores in
        bias.withScalars { bias in
          Workers.current.forEachRange(of: scores.count / (area * area), grain: 4) { range in
            for plane in range {
              let start = plane * area * area
              let head = bias.base + plane % heads * area * area
              add(head, to: scores.base + start, window: plane / heads % windows.count, into: result.base + start)
            }
          }
        }
      }
    }
  }

  /// One head of one window.
  private func add(
    _ bias: UnsafePointer<Float>, to scores: UnsafePointer<Float>, window: Int,
    into result: UnsafeMutablePointer<Float>
  ) {
    if let parts = parts[window] {
      parts.withUnsafeBufferPointer { vitcam_add_masked(scores, bias, $0.base, result, windows.area) }
    } else {
      vitcam_add(scores, bias, result, windows.area * windows.area)
    }
  }

  /// The bias of each head, query and key.
  func expandedTable() -> Tensor {
    let (height, width) = (windows.window.height, windows.window.width)
    let area = windows.area
    return Tensor(unfilled: [heads, area, area]) { result in
      table.withScalars { table in
        Workers.current.forEachRange(of: heads * area, grain: max(1, (1 << 14) / area)) { range in
          for index in range {
            let (head, query) = (index / area, index % area)
            let (row, column) = (query / width + height - 1, query % width + width - 1)
            let target = result.base + index * area
            for key in 0..<area {
              let offset = (row - key / width) * (2 * width - 1) + column - key % width
              target[key] = table[offset * heads + head]
            }
          }
        }
      }
    }
  }

  /// ∂x = ∂y.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [gradient]
  }
}

extension GraphBuilder {
  /// Adds the relative position bias and the mask of shifted windows to scores, windows × heads × queries × keys.
  ///
  /// - Parameter table: (2h − 1)(2w − 1) × heads, row by row from the offset −(h−1), −(w−1) of query and key on.
  public func attentionBias(_ name: String, _ scores: Value, table: Tensor, windows: WindowGrid) -> Value {
    append(name, AttentionBias(table: table, windows: windows), [scores])
  }
}
