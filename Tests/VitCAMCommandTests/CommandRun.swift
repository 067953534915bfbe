import Foundation
import Testing

/// What the command did when it ran as a process of its own.
struct CommandRun {
  let status: Int32
  let output: String
  let error: String

  /// Runs `vitcam` at the package's root, where `Weights/` lies.
  init(_ arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let process = try Self.process(arguments)
    // Files rather than pipes: a pipe that nobody empties stops the command.
    let (output, error) = (folder.url("output"), folder.url("error"))
    try Data().write(to: output)
    try Data().write(to: error)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: error)
    try process.run()
    process.waitUntilExit()
    status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    self.output = String(decoding: try Data(contentsOf: output), as: UTF8.self)
    self.error = String(decoding: try Data(contentsOf: error), as: UTF8.self)
  }

  /// A run that is not started yet.
  static func process(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = try #require(executable, "the command lies beside the tests") as URL
    process.arguments = arguments
    process.currentDirectoryURL = root
    process.standardInput = FileHandle.nullDevice
    return process
  }

  /// The package's root.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The built command: in the folder of the test bundle, where the build puts both.
  private static var executable: URL? {
    let bundles = Bundle.allBundles.filter { $0.bundlePath.hasSuffix(".xctest") }.map(\.bundleURL)
    return ([Bundle.main.executableURL].compactMap(\.self) + bundles)
      .map { $0.deletingLastPathComponent().appending(path: "vitcam") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// Expects one line on standard error, nothing on standard output, and the status.
  func expectFailure(_ status: Int32, _ fragments: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(self.status == status, "\(error)", sourceLocation: sourceLocation)
    #expect(output.isEmpty, sourceLocation: sourceLocation)
    expectOneErrorLine(fragments, sourceLocation)
  }

  /// Expects exactly one line on standard error, which holds all the fragments.
  func expectOneErrorLine(_ fragments: [String], _ sourceLocation: SourceLocation) {
    #expect(error.hasPrefix("vitcam: ") && error.hasSuffix("\n"), "\(error)", sourceLocation: sourceLocation)
    let controls = error.dropLast().unicodeScalars.filter { $0.properties.generalCategory == .control }
    #expect(controls.isEmpty, "\(error)", sourceLocation: sourceLocation)
    for fragment in fragments {
      #expect(error.contains(fragment), "\(error)", sourceLocation: sourceLocation)
    }
  }
}

/// A folder of its own for a test, removed when the test is over.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "vitcam-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  func url(_ name: String) -> URL { url.appending(path: name) }

  func path(_ name: String) -> String { url(name).path }

  /// Writes a file and gives its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: url(name))
    return path(name)
  }

  /// The names of all files and folders, at any depth.
  var contents: [String] {
    (FileManager.default.enumerator(atPath: url.path)?.allObjects as? [String] ?? []).sorted()
  }
}
