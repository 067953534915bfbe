import Tensors

/// The mean of each cell of a grid that is laid over each channel, whatever its size. Where the size is no multiple of
/// the grid's, neighbouring cells overlap; where it is smaller, they repeat values.
struct AdaptiveAveragePool: Op {
  let grid: Extent

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let map = try featureMap(inputs)
    guard map.height > 0, map.width > 0 else { throw ShapeError("expected a map with places, found \(inputs)") }
    return [map.channels, grid.height, grid.width]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let (height, width) = (x.shape[2], x.shape[3])
    let cells = cells(height: height, width: width)
    return Tensor(unfilled: [x.batchCount, x.shape[1], grid.height, grid.width]) { y in
      x.withScalars { x in
        Tensor.forEachRow(of: y.count / cells.count, columns: height * width) { planes in
          for plane in planes {
            for (index, cell) in cells.enumerated() {
              var sum: Float = 0
              for row in cell.rows {
                for column in cell.columns { sum += x[(plane * height + row) * width + column] }
              }
              y[plane * cells.count + index] = sum / Float(cell.rows.count * cell.columns.count)
            }
          }
        }
      }
    }
  }

  /// ∂y, shared out evenly over its cell.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let shape = inputs[0].shape
    let (height, width) = (shape[2], shape[3])
    let cells = cells(height: height, width: width)
    let result = Tensor(unfilled: shape) { result in
      result.update(repeating: 0)
      gradient.withScalars { gradient in
        Tensor.forEachRow(of: gradient.count / cells.count, columns: height * width) { planes in
          for plane in planes {
            for (index, cell) in cells.enumerated() {
              let share = gradient[plane * cells.count + index] / Float(cell.rows.count * cell.columns.count)
              for row in cell.rows {
                for column in cell.columns { result[(plane * height + row) * width + column] += share }
              }
            }
          }
        }
      }
    }
    return [result]
  }

  /// The rows and columns that each cell covers, row by row.
  private func cells(height: Int, width: Int) -> [(rows: Range<Int>, columns: Range<Int>)] {
    func ranges(_ size: Int, _ count: Int) -> [Range<Int>] {
      (0..<count).map { $0 * size / count..<(($0 + 1) * size + count - 1) / count }
    }
    let columns = ranges(width, grid.width)
    return ranges(height, grid.height).flatMap { rows in columns.map { (rows, $0) } }
  }
}

extension AdaptiveAveragePool: PlacedOp {
  /// The mean of each cell's; none where there is one cell.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    guard grid.height * grid.width > 1, let plane = inputs[0].plane(of: shapes[0]) else { return .none(rank: 3) }
    func means(_ tensor: Tensor) -> Tensor {
      let result = forward([tensor.reshaped(to: [1, 1, shapes[0][1], shapes[0][2]])])
      return result.reshaped(to: result.shape.perSample)
    }
    return Places(rows: means(plane.rows), columns: means(plane.columns))
  }
}

extension GraphBuilder {
  /// Brings a feature map of any size to a grid by means: C×H×W becomes C×`grid`.
  public func adaptiveAveragePool(_ name: String, _ x: Value, grid: Extent) -> Value {
    append(name, AdaptiveAveragePool(grid: grid), [x])
  }
}
