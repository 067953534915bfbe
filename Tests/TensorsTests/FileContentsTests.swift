import Foundation
import Tensors
import Testing

@Suite("Files read whole")
struct FileContentsTests {
  @Test("the bytes are those of the file; an empty one has none")
  func bytes() throws {
    for expected in [[UInt8](), [7], (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }] {
      let path = FileManager.default.temporaryDirectory.appending(path: "vitcam-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      try Data(expected).write(to: URL(filePath: path))
      let bytes = try FileContents.read(path, atMost: 70_000)
      #expect(bytes == expected)
    }
  }

  @Test("what is too long, missing, or no file is refused")
  func refused() throws {
    let folder = FileManager.default.temporaryDirectory.path
    let path = "\(folder)/vitcam-\(UUID().uuidString)"
    #expect(throws: FileError(.read, path, reason: "No such file or directory")) {
      try FileContents.read(path, atMost: 9)
    }
    #expect(throws: FileError(.read, folder, reason: "it is a folder, not a file")) {
      try FileContents.read(folder, atMost: 9)
    }
    try Data(repeating: 1, count: 10).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: FileError(.read, path, reason: "it has 10 bytes; at most 9 are read")) {
      try FileContents.read(path, atMost: 9)
    }
  }
}
