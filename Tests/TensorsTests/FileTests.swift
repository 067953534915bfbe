import Foundation
import Tensors
import Testing

@Suite("Files")
struct FileTests {
  /// Calls `body` with a new, empty folder that is removed afterwards.
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vitcam-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test("a mapped file shows the bytes of the file, and none for an empty one")
  func mapping() throws {
    try withFolder { folder in
      let path = folder.appending(path: "bytes").path
      try AtomicFile.write([1, 2, 250], to: path)
      let file = try MappedFile(path: path)
      #expect(Array(file.bytes) == [1, 2, 250])
      try AtomicFile.write([UInt8](), to: path)
      let empty = try MappedFile(path: path)
      #expect(empty.bytes.isEmpty)
      #expect(Array(file.bytes) == [1, 2, 250], "the replaced file stays readable for whoever mapped it")
    }
  }

  @Test("a folder, a pipe and a missing file are refused in one line that names them")
  func refusals() throws {
    try withFolder { folder in
      let pipe = folder.appending(path: "pipe").path
      try #require(mkfifo(pipe, 0o600) == 0)
      let missing = folder.appending(path: "miss\u{1b}ing").path
      #expect(throws: FileError(.read, folder.path, reason: "it is a folder, not a file")) {
        try MappedFile(path: folder.path)
      }
      #expect(throws: FileError(.read, pipe, reason: "it is a pipe or a device, not a file")) {
        try MappedFile(path: pipe)
      }
      let error = #expect(throws: FileError.self) { try MappedFile(path: missing) }
      #expect(
        error?.description == "cannot read \(folder.path)/miss\\u{1b}ing: No such file or directory")
    }
  }

  @Test("parts are written one after another, and the folder holds nothing else afterwards")
  func parts() throws {
    try withFolder { folder in
      let path = folder.appending(path: "parts").path
      try [UInt8]([1, 2]).withUnsafeBytes { first in
        try [UInt8]([3]).withUnsafeBytes { second in
          try AtomicFile.write([first, second], to: path)
        }
      }
      let written = try MappedFile(path: path)
      #expect(Array(written.bytes) == [1, 2, 3])
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left == ["parts"])
    }
  }

  @Test("a target that cannot be written leaves no trace")
  func unwritable() throws {
    try withFolder { folder in
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write([1], to: folder.appending(path: "no/such").path)
      }
      #expect(error?.description == "cannot write \(folder.path)/no/such: No such file or directory")
      #expect(throws: FileError(.write, folder.path, reason: "it is a folder, not a file")) {
        try AtomicFile.write([1], to: folder.path)
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left.isEmpty)
    }
  }

  @Test("a full disk is an error, and a device is written to rather than replaced")
  func device() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    #expect(throws: FileError(.write, "/dev/full", reason: "No space left on device")) {
      try AtomicFile.write([1], to: "/dev/full")
    }
    try AtomicFile.write([1], to: "/dev/null")
    #expect(throws: FileError.self) { try MappedFile(path: "/dev/null") }
  }

  @Test("writing through a symbolic link replaces what it points to and keeps the target's permissions")
  func links() throws {
    try withFolder { folder in
      let target = folder.appending(path: "target").path
      let link = folder.appending(path: "link").path
      try AtomicFile.write([1], to: target)
      try #require(chmod(target, 0o640) == 0)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
      try AtomicFile.write([2], to: link)
      let written = try MappedFile(path: target)
      #expect(Array(written.bytes) == [2])
      let destination = try FileManager.default.destinationOfSymbolicLink(atPath: link)
      #expect(destination == target)
      let permissions = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int
      #expect(permissions == 0o640)
    }
  }

  @Test("a file that is written piece by piece appears when it is committed, and otherwise leaves nothing")
  func pieces() throws {
    try withFolder { folder in
      let (path, aside) = (folder.appending(path: "file").path, folder.appending(path: "aside").path)
      try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: true)
      do {
        let writer = try AtomicFileWriter(path, by: aside)
        try writer.append([1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: aside).count == 1)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: aside).isEmpty)
      let writer = try AtomicFileWriter(path, by: aside)
      for byte in [1, 2, 3] as [UInt8] { try writer.append([byte]) }
      #expect(!FileManager.default.fileExists(atPath: path))
      try writer.commit()
      let written = try MappedFile(path: path)
      #expect(Array(written.bytes) == [1, 2, 3])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["aside", "file"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: aside).isEmpty)
    }
  }
}
