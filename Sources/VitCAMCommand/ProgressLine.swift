/// A line on the terminal that says how far long work has come. Nothing is shown for a single picture, or where nobody
/// looks.
struct ProgressLine {
  private let count: Int
  private let isShown: Bool
  private var done = 0
  private let start = ContinuousClock.now

  init(count: Int, isQuiet: Bool) {
    self.count = count
    isShown = count > 1 && !isQuiet && StandardError.isTerminal
  }

  /// Shows what is being worked on now.
  mutating func show(_ name: String) {
    defer { done += 1 }
    guard isShown else { return }
    let elapsed = ContinuousClock.now - start
    let left = done > 0 ? ", \(Int((elapsed / done * (count - done)).milliseconds / 1000) + 1) s left" : ""
    StandardError.write("\r\u{1b}[K\(done + 1) of \(count)\(left): \(name.printable)")
  }

  /// Clears the line, so that something else can be printed.
  func clear() {
    guard isShown else { return }
    StandardError.write("\r\u{1b}[K")
  }
}
