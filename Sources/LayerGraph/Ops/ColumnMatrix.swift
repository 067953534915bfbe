import Tensors

/// A feature map unrolled for a convolution ("im2col"): one column for each place of the window, one row for each channel
/// and tap of the kernel. A convolution is the product of its weights and this matrix.
struct ColumnMatrix {
  let channels: Int
  let height: Int
  let width: Int
  let window: SlidingWindow
  /// The places that the window takes.
  let output: Extent

  init(channels: Int, height: Int, width: Int, window: SlidingWindow) {
    self.channels = channels
    self.height = height
    self.width = width
    self.window = window
    output = (try? window.output(height: height, width: width)) ?? Extent(0)
  }

  /// The number of columns.
  var places: Int { output.height * output.width }
  /// The number of scalars of the feature map.
  var inputCount: Int { channels * height * width }
  /// Whether the matrix is the feature map itself, so that nothing needs to be gathered.
  var isInput: Bool {
    window.kernel == Extent(1) && window.stride == Extent(1) && window.padding == Extent(0)
  }

  /// Ranges of places whose columns fit a core's cache; one range where there are too few places to share out.
  func tiles(workers: Int) -> [Range<Int>] {
    let rows = channels * window.kernel.height * window.kernel.width
    let smallest = 128
    let wanted = max((rows * places) >> 17, workers > 1 ? workers * 2 : 1)
    let pieces = max(1, min(wanted, places / smallest))
    return (0..<pieces).map { places * $0 / pieces..<places * ($0 + 1) / pieces }
  }

  /// Writes the rows of some channels and the columns of some places, row by row without gaps, into `columns`, where the
  /// rows of channel 0 come first.
  func gather(
    _ channels: Range<Int>, places: Range<Int>, from input: UnsafePointer<Float>,
    into columns: UnsafeMutablePointer<Float>
  ) {
    forEachRow(of: channels) { channel, kernelRow, kernelColumn, row in
      let plane = input + channel * height * width
      let target = columns + row * places.count
      forEachRun(of: places, kernelRow: kernelRow) { y, outputColumns, offset in
        let run = target + offset
        guard let y else {
          run.update(repeating: 0, count: outputColumns.count)
          return
        }
        let inside = insideColumns(outputColumns, kernelColumn: kernelColumn)
        let first = outputColumns.lowerBound
        run.update(repeating: 0, count: inside.lowerBound - first)
        let source = plane + y * width + kernelColumn * window.dilation.width - window.padding.width
        if window.stride.width == 1, !inside.isEmpty {
          (run + inside.lowerBound - first).update(from: source + inside.lowerBound, count: inside.count)
        } else {
          for column in inside { run[column - first] = source[column * window.stride.width] }
        }
        (run + inside.upperBound - first).update(repeating: 0, count: outputColumns.upperBound - inside.upperBound)
      }
    }
  }

  /// Adds the rows of some channels back to the planes they were gathered from, which are cleared first. `columns` holds
  /// these rows only, for all places.
  func scatter(
    _ channels: Range<Int>, from columns: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    (result + channels.lowerBound * height * width).update(repeating: 0, count: channels.count * height * width)
    let firstRow = channels.lowerBound * window.kernel.height * window.kernel.width
    forEachRow(of: channels) { channel, kernelRow, kernelColumn, row in
      let plane = result + channel * height * width
      let source = columns + (row - firstRow) * places
      forEachRun(of: 0..<places, kernelRow: kernelRow) { y, outputColumns, offset in
        guard let y else { return }
        let target = plane + y * width + kernelColumn * window.dilation.width - window.padding.width
        let run = source + offset - outputColumns.lowerBound
        for column in insideColumns(outputColumns, kernelColumn: kernelColumn) {
          target[column * window.stride.width] += run[column]
        }
      }
    }
  }

  private func forEachRow(
    of channels: Range<Int>, _ body: (_ channel: Int, _ kernelRow: Int, _ kernelColumn: Int, _ row: Int) -> Void
  ) {
    var row = channels.lowerBound * window.kernel.height * window.kernel.width
    for channel in channels {
      for kernelRow in 0..<window.kernel.height {
        for kernelColumn in 0..<window.kernel.width {
          body(channel, kernelRow, kernelColumn, row)
          row += 1
        }
      }
    }
  }

  /// Calls `body` for each output row that a range of places touches, with the input row that the kernel's row sees there
  /// (nil in the padding), the output columns, and where the run starts in the range.
  private func forEachRun(
    of places: Range<Int>, kernelRow: Int, _ body: (_ y: Int?, _ outputColumns: Range<Int>, _ offset: Int) -> Void
  ) {
    var place = places.lowerBound
    while place < places.upperBound {
      let (row, column) = (place / output.width, place % output.width)
      let end = min(output.width, column + places.upperBound - place)
      let y = row * window.stride.height - window.padding.height + kernelRow * window.dilation.height
      body((0..<height).contains(y) ? y : nil, column..<end, place - places.lowerBound)
      place += end - column
    }
  }

  /// The output columns at which a column of the kernel lies inside the map.
  private func insideColumns(_ columns: Range<Int>, kernelColumn: Int) -> Range<Int> {
    let shift = window.padding.width - kernelColumn * window.dilation.width
    let stride = window.stride.width
    let first = shift > 0 ? (shift + stride - 1) / stride : 0
    let end = (width - 1 + shift) < 0 ? 0 : (width - 1 + shift) / stride + 1
    let lower = min(max(first, columns.lowerBound), columns.upperBound)
    return lower..<max(lower, min(end, columns.upperBound))
  }
}
