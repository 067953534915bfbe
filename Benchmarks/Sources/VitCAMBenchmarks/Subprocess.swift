import ArgumentParser
import Foundation

/// Programs that are run for what they print.
enum Subprocess {
  /// What a program prints on standard output.
  ///
  /// - Throws: `ExitCode` where it fails.
  static func output(_ program: URL?, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
    return String(decoding: data, as: UTF8.self)
  }
}
