import Foundation
import VitCAM

/// What was measured on, for the head of a table.
enum Machine {
  /// Lines for people: processor, kernels, load.
  static var description: String {
    let kernels = BLASKernels.current
    let cores = Workers.available.count
    return """
      processor  \(processor), \(cores) \(cores == 1 ? "thread" : "threads"), \(BLASKernels.vectors)
      OpenBLAS   \(kernels.configuration)
      kernels    \(kernels.inUse), chosen by the library: \(kernels.chosenByLibrary)
      load       \(load)
      """
  }

  /// The largest memory that this process held so far, in bytes.
  static var peakMemory: Int {
    var usage = rusage()
    let thisProcess: Int32 = 0  // RUSAGE_SELF, whose type differs from system to system
    getrusage(thisProcess, &usage)
    #if canImport(Darwin)
      return usage.ru_maxrss
    #else
      return usage.ru_maxrss * 1024
    #endif
  }

  /// How often this process had to ask for memory so far: steady runs ask for little.
  static var pageFaults: Int {
    var usage = rusage()
    let thisProcess: Int32 = 0
    getrusage(thisProcess, &usage)
    return usage.ru_minflt
  }

  /// The load average of the last minute: times taken on a busy machine mean little.
  private static var load: String {
    var averages = [Double](repeating: 0, count: 3)
    guard getloadavg(&averages, 3) == 3 else { return "unknown" }
    return String(format: "%.2f", averages[0])
  }

  private static var processor: String {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = information.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
  }
}
