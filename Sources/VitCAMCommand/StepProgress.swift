import VitCAM

/// A line on the terminal for work of known length: `3 of 8, 12 s left: resnet50, cat.jpg`.
struct StepProgress {
  private let start = ContinuousClock.now
  private let isShown = StandardError.isTerminal

  /// Shows what is done, and what is next.
  func show(_ done: Int, of count: Int, _ next: String) {
    guard isShown else { return }
    let seconds = (ContinuousClock.now - start).milliseconds / 1000
    let left = done > 0 ? ", \(Int(seconds / Double(done) * Double(count - done)) + 1) s left" : ""
    StandardError.write("\r\u{1b}[K\(done + 1) of \(count)\(left): \(next.printable)")
  }

  /// Clears the line, so that something else can be printed.
  func clear() {
    if isShown { StandardError.write("\r\u{1b}[K") }
  }
}
