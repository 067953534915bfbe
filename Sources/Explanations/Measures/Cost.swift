import LayerGraph

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What it takes to compute something: time, memory and runs of the model.
public struct Cost: Sendable {
  /// The time.
  public static let time = MeasureDescription(
    "ms", better: .lower, "milliseconds for one map, its own forward and backward included, nothing else running along")
  /// The memory.
  public static let memory = MeasureDescription(
    "peak-mb", better: .lower, "peak resident memory of the process while the map is made, the model included, in MB")
  /// The runs of the whole model.
  public static let forward = MeasureDescription("forward", better: .lower, "runs of the whole model for one map")
  /// The runs of the rest of the model.
  public static let tail = MeasureDescription(
    "tail", better: .lower, "runs of the model from the layer on, for one map")
  /// The gradients.
  public static let backward = MeasureDescription("backward", better: .lower, "gradients for one map")

  /// How long it took.
  public let duration: Duration
  /// The largest resident memory of the process meanwhile, in bytes; nil where the system does not say. Where the peak cannot
  /// be forgotten (anywhere but on Linux), that since the process started.
  public let peakMemory: Int?
  /// The runs of the model.
  public let runs: RunTally.Counts

  /// What two things took, one after the other.
  static func + (left: Cost, right: Cost) -> Cost {
    var runs = left.runs
    runs.forward += right.runs.forward
    runs.tail += right.runs.tail
    runs.backward += right.runs.backward
    let memory = [left.peakMemory, right.peakMemory].compactMap(\.self).max()
    return Cost(duration: left.duration + right.duration, peakMemory: memory, runs: runs)
  }

  /// Does something, and measures what it takes.
  public static func measured<Result>(_ body: () throws -> Result) rethrows -> (result: Result, cost: Cost) {
    let tally = RunTally()
    PeakMemory.forget()
    let start = ContinuousClock.now
    let result = try RunTally.$current.withValue(tally) { try body() }
    let duration = ContinuousClock.now - start
    return (result, Cost(duration: duration, peakMemory: PeakMemory.bytes, runs: tally.counts))
  }
}

/// The largest resident memory of this process.
enum PeakMemory {
  /// Starts anew, where the system can (Linux's `/proc/self/clear_refs`).
  static func forget() {
    #if os(Linux)
      guard let file = fopen("/proc/self/clear_refs", "w") else { return }
      fputs("5", file)
      fclose(file)
    #endif
  }

  /// The peak in bytes; nil where the system does not say.
  static var bytes: Int? {
    #if os(Linux)
      guard let data = FileManager.default.contents(atPath: "/proc/self/status") else { return nil }
      let status = String(decoding: data, as: UTF8.self)
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      return line?.split { $0 == " " || $0 == "\t" }.compactMap { Int($0) }.first.map { $0 * 1024 }
    #elseif canImport(Darwin)
      var usage = rusage()
      return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : nil
    #else
      return nil
    #endif
  }
}
