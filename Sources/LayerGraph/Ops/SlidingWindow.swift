import Tensors

/// A height and a width, in pixels of a feature map.
public struct Extent: Hashable, Sendable {
  /// The number of rows.
  public let height: Int
  /// The number of columns.
  public let width: Int

  /// A height and a width.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// The same number of rows and columns.
  public init(_ side: Int) {
    self.init(height: side, width: side)
  }
}

/// How a kernel slides over a feature map: the geometry that convolutions and pooling share.
public struct SlidingWindow: Hashable, Sendable {
  /// The rows and columns of the kernel.
  public let kernel: Extent
  /// How far apart its places are.
  public let stride: Extent
  /// Rows of padding above, columns to the left.
  public let padding: Extent
  /// Rows of padding below, columns to the right.
  public let trailingPadding: Extent
  /// How far apart its taps are.
  public let dilation: Extent
  /// Whether a last window that hangs over the end counts.
  public let roundsUp: Bool

  /// A window with padding above and to the left, and with as much below and to the right unless told otherwise.
  public init(
    kernel: Extent, stride: Extent, padding: Extent, trailingPadding: Extent? = nil, dilation: Extent,
    roundsUp: Bool = false
  ) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.trailingPadding = trailingPadding ?? padding
    self.dilation = dilation
    self.roundsUp = roundsUp
  }

  /// How far the window reaches beyond its first place.
  var reach: Extent {
    Extent(height: dilation.height * (kernel.height - 1), width: dilation.width * (kernel.width - 1))
  }

  /// How many places the window takes along an axis of `size`, none where it does not fit.
  private func places(_ size: Int, kernel: Int, stride: Int, padding: (Int, Int), dilation: Int) -> Int {
    let room = size + padding.0 + padding.1 - dilation * (kernel - 1) - 1
    guard room >= 0 else { return 0 }
    var places = (roundsUp ? (room + stride - 1) / stride : room / stride) + 1
    // A window must start inside the map or its leading padding.
    if roundsUp, (places - 1) * stride >= size + padding.0 { places -= 1 }
    return places
  }

  /// The height and width of the result.
  public func output(height: Int, width: Int) throws(ShapeError) -> Extent {
    let rows = places(
      height, kernel: kernel.height, stride: stride.height, padding: (padding.height, trailingPadding.height),
      dilation: dilation.height)
    let columns = places(
      width, kernel: kernel.width, stride: stride.width, padding: (padding.width, trailingPadding.width),
      dilation: dilation.width)
    guard rows > 0, columns > 0 else {
      throw ShapeError(
        "a window of \(kernel.height)×\(kernel.width) does not fit a map of \(height)×\(width); a larger picture might do"
      )
    }
    return Extent(height: rows, width: columns)
  }

  /// The input row that a row of the kernel sees at an output row; nil in the padding.
  func inputRow(_ outputRow: Int, kernelRow: Int, height: Int) -> Int? {
    let row = outputRow * stride.height - padding.height + kernelRow * dilation.height
    return row >= 0 && row < height ? row : nil
  }

  /// Where a column of the kernel lies at output column 0; it moves on by the stride.
  func firstInputColumn(kernelColumn: Int) -> Int {
    kernelColumn * dilation.width - padding.width
  }

  /// Those of a range of output columns at which a column of the kernel lies inside a map of `width`.
  func inside(_ outputColumns: Range<Int>, kernelColumn: Int, width: Int) -> Range<Int> {
    let shift = -firstInputColumn(kernelColumn: kernelColumn)
    let first = shift > 0 ? (shift + stride.width - 1) / stride.width : 0
    let end = width - 1 + shift < 0 ? 0 : (width - 1 + shift) / stride.width + 1
    let lower = min(max(first, outputColumns.lowerBound), outputColumns.upperBound)
    return lower..<max(lower, min(end, outputColumns.upperBound))
  }

  /// Calls `body` for each tap of the kernel at one output row, with the output columns at which it lies inside the map
  /// and where in the map's plane it lies at output column 0; it moves on by the stride.
  func forEachTap(
    ofRow row: Int, columns: Int, height: Int, width: Int, _ body: (_ inside: Range<Int>, _ start: Int) -> Void
  ) {
    for kernelRow in 0..<kernel.height {
      guard let y = inputRow(row, kernelRow: kernelRow, height: height) else { continue }
      for kernelColumn in 0..<kernel.width {
        body(
          inside(0..<columns, kernelColumn: kernelColumn, width: width),
          y * width + firstInputColumn(kernelColumn: kernelColumn))
      }
    }
  }
}

extension Places {
  /// The rows and columns of each place of a map C×H×W; nil where they differ between channels.
  func plane(of shape: Shape) -> (rows: Tensor, columns: Tensor)? {
    guard shape.rank == 3, isConstant(along: 0) else { return nil }
    return expanded(to: [1, shape[1], shape[2]])
  }

  /// The mean of the places under each place of a window over a map.
  func means(under window: SlidingWindow, of shape: Shape) -> Places {
    guard shape.rank == 3, !isNone else { return .none(rank: 3) }
    return middle(over: 0).mapped { window.along($0.shape).means(of: $0) }
  }
}

extension SlidingWindow {
  /// The same window for coordinates of a map that may be the same in all rows or columns: along these it has one place.
  fileprivate func along(_ shape: Shape) -> SlidingWindow {
    func extent(_ extent: Extent, _ single: Int) -> Extent {
      Extent(height: shape[1] == 1 ? single : extent.height, width: shape[2] == 1 ? single : extent.width)
    }
    return SlidingWindow(
      kernel: extent(kernel, 1), stride: extent(stride, 1), padding: extent(padding, 0),
      trailingPadding: extent(trailingPadding, 0), dilation: extent(dilation, 1), roundsUp: roundsUp)
  }

  /// The means of a plane's coordinates under each place of this window. Beyond the edges the coordinates go on as inside,
  /// so that a window's place is its middle also where it hangs over.
  fileprivate func means(of plane: Tensor) -> Tensor {
    let (height, width) = (plane.shape[1], plane.shape[2])
    guard let size = try? output(height: height, width: width) else { return Tensor(repeating: 0, shape: [1, 1, 1]) }
    return Tensor(unfilled: [1, size.height, size.width]) { result in
      plane.withScalars { plane in
        /// A coordinate, in the plane or beyond its edges; nil where there is none, as in padding that was put around before.
        func coordinate(_ row: Int, _ column: Int) -> Float? {
          let (y, x) = (min(max(row, 0), height - 1), min(max(column, 0), width - 1))
          let inside = plane[y * width + x]
          let (nextRow, nextColumn) = (
            row < 0 ? min(1, height - 1) : max(y - 1, 0), column < 0 ? min(1, width - 1) : max(x - 1, 0)
          )
          let (above, beside) = (plane[nextRow * width + x], plane[y * width + nextColumn])
          guard inside > 0, row == y || above > 0, column == x || beside > 0 else { return nil }
          let down = row == y ? 0 : (inside - above) * Float(abs(row - y))
          let right = column == x ? 0 : (inside - beside) * Float(abs(column - x))
          return inside + down + right
        }
        for index in result.indices {
          let (row, column) = (index / size.width, index % size.width)
          var (sum, count): (Float, Float) = (0, 0)
          for kernelRow in 0..<kernel.height {
            for kernelColumn in 0..<kernel.width {
              let place = coordinate(
                row * stride.height - padding.height + kernelRow * dilation.height,
                column * stride.width - padding.width + kernelColumn * dilation.width)
              if let place {
                sum += place
                count += 1
              }
            }
          }
          result[index] = count > 0 ? sum / count : 0
        }
      }
    }
  }
}
