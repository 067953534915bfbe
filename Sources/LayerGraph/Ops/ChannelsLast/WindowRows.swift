import Tensors

/// What a window sees at each of its places on maps with channels last: a row for each place, zeros in the padding.
struct WindowRows: RowSource {
  private let base: UnsafePointer<Float>
  private let height: Int
  private let width: Int
  private let channels: Int
  private let window: SlidingWindow
  /// The places that the window takes.
  let output: Extent

  /// What a window sees of maps B×H×W×C whose scalars begin at `base`.
  init(of maps: Tensor, _ base: UnsafePointer<Float>, _ window: SlidingWindow) {
    self.base = base
    (height, width, channels) = (maps.shape[1], maps.shape[2], maps.shape[3])
    self.window = window
    output = (try? window.output(height: height, width: width)) ?? Extent(0)
  }

  func copy(rows: Range<Int>, depth: Range<Int>, into target: UnsafeMutablePointer<Float>, stride: Int) {
    let places = output.height * output.width
    for (index, row) in rows.enumerated() {
      let place = row % places
      let map = base + row / places * height * width * channels
      copyWindow(
        of: map, row: place / output.width, column: place % output.width, depth, into: target + index * stride)
    }
  }

  /// Copies a part of what the window sees at one place: of each row of the kernel, neighbours lie together.
  private func copyWindow(
    of map: UnsafePointer<Float>, row: Int, column: Int, _ depth: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) {
    let isDense = window.dilation.width == 1
    let tapsOfRun = isDense ? window.kernel.width : 1
    let run = tapsOfRun * channels
    for index in depth.lowerBound / run...(depth.upperBound - 1) / run {
      let wanted = max(depth.lowerBound, index * run)..<min(depth.upperBound, (index + 1) * run)
      let out = target + wanted.lowerBound - depth.lowerBound
      let tap = index * tapsOfRun
      let x = column * window.stride.width + window.firstInputColumn(kernelColumn: tap % window.kernel.width)
      guard let y = window.inputRow(row, kernelRow: tap / window.kernel.width, height: height) else {
        out.update(repeating: 0, count: wanted.count)
        continue
      }
      // Scalars of this run that lie inside the map.
      let first = min(max(wanted.lowerBound, index * run + max(0, -x) * channels), wanted.upperBound)
      let end = min(wanted.upperBound, index * run + min(tapsOfRun, width - x) * channels)
      let inside = first..<max(first, end)
      out.update(repeating: 0, count: inside.lowerBound - wanted.lowerBound)
      (out + inside.lowerBound - wanted.lowerBound).update(
        from: map + (y * width + x) * channels + inside.lowerBound - index * run, count: inside.count)
      (out + inside.upperBound - wanted.lowerBound).update(repeating: 0, count: wanted.upperBound - inside.upperBound)
    }
  }
}
