import CKernels
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
  /// The number of taps of the kernel: the rows of one channel.
  var taps: Int { window.kernel.height * window.kernel.width }
  /// The number of rows.
  var rows: Int { channels * taps }
  /// The number of scalars of the feature map.
  var inputCount: Int { channels * height * width }
  /// Whether the matrix is the feature map itself, so that nothing needs to be gathered.
  var isInput: Bool {
    window.kernel == Extent(1) && window.stride == Extent(1) && window.padding == Extent(0)
  }

  /// Writes the rows of some channels and the columns of some places into `columns`, where the rows of channel 0 come
  /// first and rows start `stride` scalars apart.
  func gather(
    _ channels: Range<Int>, places: Range<Int>, from input: UnsafePointer<Float>,
    into columns: UnsafeMutablePointer<Float>, stride: Int
  ) {
    forEachRow(of: channels) { channel, kernelRow, kernelColumn, row in
      let plane = input + channel * height * width
      let target = columns + row * stride
      forEachRun(of: places, kernelRow: kernelRow) { y, outputColumns, offset in
        let run = target + offset
        guard let y else {
          run.update(repeating: 0, count: outputColumns.count)
          return
        }
        let inside = window.inside(outputColumns, kernelColumn: kernelColumn, width: width)
        let first = outputColumns.lowerBound
        run.update(repeating: 0, count: inside.lowerBound - first)
        gatherRun(
          plane + y * width, inside, kernelColumn: kernelColumn, into: run + inside.lowerBound - first)
        (run + inside.upperBound - first).update(repeating: 0, count: outputColumns.upperBound - inside.upperBound)
      }
    }
  }

  /// Copies what a column of the kernel sees of one row of the map. The usual strides are spelled out: the compiler makes
  /// vector code of those.
  private func gatherRun(
    _ row: UnsafePointer<Float>, _ inside: Range<Int>, kernelColumn: Int, into run: UnsafeMutablePointer<Float>
  ) {
    guard !inside.isEmpty else { return }
    let stride = window.stride.width
    let source = row + window.firstInputColumn(kernelColumn: kernelColumn) + inside.lowerBound * stride
    switch stride {
    case 1: run.update(from: source, count: inside.count)
    case 2: for index in 0..<inside.count { run[index] = source[index * 2] }
    default: for index in 0..<inside.count { run[index] = source[index * stride] }
    }
  }

  /// Adds the rows of some channels back to the planes they were gathered from, which are cleared first. `columns` holds
  /// these rows only, for all places.
  func scatter(
    _ channels: Range<Int>, from columns: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    (result + channels.lowerBound * height * width).update(repeating: 0, count: channels.count * height * width)
    let firstRow = channels.lowerBound * taps
    forEachRow(of: channels) { channel, kernelRow, kernelColumn, row in
      let plane = result + channel * height * width
      let source = columns + (row - firstRow) * places
      forEachRun(of: 0..<places, kernelRow: kernelRow) { y, outputColumns, offset in
        guard let y else { return }
        let target = plane + y * width + window.firstInputColumn(kernelColumn: kernelColumn)
        let run = source + offset - outputColumns.lowerBound
        let inside = window.inside(outputColumns, kernelColumn: kernelColumn, width: width)
        if window.stride.width == 1 {
          let place = target + inside.lowerBound
          vitcam_add(place, run + inside.lowerBound, place, inside.count)
        } else {
          for column in inside { target[column * window.stride.width] += run[column] }
        }
      }
    }
  }

  private func forEachRow(
    of channels: Range<Int>, _ body: (_ channel: Int, _ kernelRow: Int, _ kernelColumn: Int, _ row: Int) -> Void
  ) {
    var row = channels.lowerBound * taps
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
      body(
        window.inputRow(row, kernelRow: kernelRow, height: height), column..<end, place - places.lowerBound)
      place += end - column
    }
  }
}
