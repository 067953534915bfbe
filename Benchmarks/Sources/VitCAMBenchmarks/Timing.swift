import Foundation

/// How long something took, over several runs.
struct Timing {
  private let sorted: [Duration]

  /// Runs `body` twice without counting, then `runs` times.
  init(runs: Int, of body: () throws -> Void) rethrows {
    for _ in 0..<2 { try body() }
    let clock = ContinuousClock()
    sorted = try (0..<runs).map { _ in try clock.measure(body) }.sorted()
  }

  /// In milliseconds.
  var median: Double { sorted[sorted.count / 2] / .milliseconds(1) }
  /// In milliseconds.
  var minimum: Double { sorted[0] / .milliseconds(1) }

  /// Median (minimum) in milliseconds, for a table.
  var cell: String { String(format: "%.1f (%.1f)", median, minimum) }
}
