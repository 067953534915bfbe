import Foundation
import VitCAM

/// What `--profile` prints: where the time of the model's runs went.
struct ProfileTable {
  /// A table of the ops and one of the costliest steps.
  let text: String

  init(_ profile: Profile) {
    let total = profile.entries.reduce(Duration.zero) { $0 + $1.duration }
    let steps = profile.entries.prefix(10)
    text =
      ([Self.head("by op")] + profile.byOp.map { Self.line($0, of: total) }
      + ["", Self.head("the costliest steps")] + steps.map { Self.line($0, of: total) }).joined(separator: "\n")
  }

  private static func head(_ title: String) -> String {
    "milliseconds  share   runs  \(title)"
  }

  private static func line(_ entry: Profile.Entry, of total: Duration) -> String {
    let share = total > .zero ? 100 * (entry.duration / total) : 0
    let step = entry.node == entry.op ? entry.op : "\(entry.node) (\(entry.op))"
    return String(
      format: "%12.2f  %4.1f%%  %5d  ", entry.duration.milliseconds, share, entry.count) + "\(step) \(entry.phase)"
  }
}
