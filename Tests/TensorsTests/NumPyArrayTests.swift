import Foundation
import TestSupport
import Testing

@testable import Tensors

@Suite("NumPy arrays")
struct NumPyArrayTests {
  private func fixture(_ name: String) throws -> Tensor {
    try Tensor(npy: Fixtures.path("NumPy/\(name).npy"))
  }

  @Test(
    "every type of numbers is read as float32",
    arguments: ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "version2", "version3"])
  func types(name: String) throws {
    let array = try fixture(name)
    #expect(array.shape == [2, 3])
    #expect(array.scalars == [0, 1, 2, 3, 100, 5])
  }

  @Test("truth values are read as 0 and 1")
  func truthValues() throws {
    #expect(try fixture("b1").scalars == [0, 1, 0, 1, 1, 0])
  }

  @Test("half precision keeps small numbers, infinities, NaN and the sign of zero")
  func half() throws {
    let scalars = try fixture("half").scalars
    #expect(Array(scalars.prefix(3)) == [1.5, -2, 65504])
    #expect(scalars[3] == 0x1p-24)
    #expect(scalars[4].sign == .minus && scalars[4].isZero)
    #expect(scalars[5] == .infinity && scalars[6] == -.infinity && scalars[7].isNaN)
  }

  @Test("an array in Fortran's order is put in row-major order")
  func fortran() throws {
    let array = try fixture("fortran")
    #expect(array.shape == [2, 3, 4])
    #expect(array.scalars == (0..<24).map(Float.init))
  }

  @Test("scalars, vectors and empty arrays keep their shapes")
  func ranks() throws {
    #expect(try fixture("scalar").shape == [] && fixture("scalar").scalars == [1.5])
    #expect(try fixture("vector").shape == [3])
    #expect(try fixture("empty").shape == [0, 3])
  }

  @Test(
    "what cannot be read is refused in one line",
    arguments: [
      ("big-endian", "its elements '>f4' are big-endian; try array.astype('<f4')"),
      ("complex", "elements of type '<c8' are not read; try array.astype('float32')"),
      (
        "structured",
        "its header should have a text at '[('a', '<f4'), ('b','; arrays of plain numbers are read"
      ),
    ])
  func refused(name: String, problem: String) {
    let path = Fixtures.path("NumPy/\(name).npy")
    #expect(throws: NumPyError(path: path, problem: problem)) { try Tensor(npy: path) }
  }

  @Test(
    "what is written is read again, bit for bit, for every rank", arguments: [[], [0], [5], [2, 3], [2, 1, 3, 4]])
  func roundTrip(extents: [Int]) throws {
    try withFile { path in
      let array = Tensor.random(Shape(extents), seed: 3)
      try array.write(npy: path)
      let read = try Tensor(npy: path)
      #expect(read.shape == array.shape)
      #expect(read.scalars == array.scalars)
    }
  }

  @Test("the file is byte for byte what numpy.save writes", arguments: ["f4", "vector", "scalar", "empty"])
  func sameBytes(name: String) throws {
    try withFile { path in
      try fixture(name).write(npy: path)
      #expect(
        FileManager.default.contents(atPath: path)
          == FileManager.default.contents(atPath: Fixtures.path("NumPy/\(name).npy")))
    }
  }

  @Test("an array is written whole or not at all")
  func unwritable() {
    #expect(throws: NumPyError(path: "/nowhere/x.npy", problem: "No such file or directory")) {
      try Tensor(repeating: 1, shape: [2]).write(npy: "/nowhere/x.npy")
    }
  }

  // MARK: Hostile files

  static let hostileHeaders = [
    "", "{", "}", "{}", "[]", "{'descr': '<f4'", "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), } x",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'shape': (4,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'more': (4,), }",
    "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (4,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': 4, }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4.0,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807, 2), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (\(String(repeating: "1,", count: 100))), }",
    "{'descr': '', 'fortran_order': False, 'shape': (4,), }",
    "{'descr': '<f3', 'fortran_order': False, 'shape': (4,), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (4,), }",
    "{'descr': '<f4\n\u{1b}[31m', 'fortran_order': False, 'shape': (4,), }",
    "{'descr': '<f4, 'fortran_order': False, 'shape': (4,), }",
  ]

  @Test("a hostile header is refused in one line", arguments: hostileHeaders)
  func hostile(header: String) throws {
    try expectRefused(
      [0x93] + "NUMPY".utf8 + [1, 0, UInt8(header.utf8.count % 256), UInt8(header.utf8.count / 256)] + header.utf8
        + [UInt8](repeating: 0, count: 16))
  }

  @Test("a file that ends early is refused at every length")
  func truncated() throws {
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("NumPy/f4.npy"))))
    for count in 0..<whole.count { try expectRefused(Array(whole.prefix(count))) }
  }

  @Test("unknown versions and headers that claim to be huge are refused")
  func versions() throws {
    try expectRefused([0x93] + "NUMPY".utf8 + [4, 0, 2, 0] + "{}".utf8)
    try expectRefused([0x93] + "NUMPY".utf8 + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF] + "{}".utf8)
    try expectRefused([0x93] + "NUMPY".utf8 + [2, 0, 0, 0, 2, 0] + [UInt8](repeating: 32, count: 1 << 17))
    try expectRefused(Array("PK\u{3}\u{4} not an array".utf8))
  }

  private func expectRefused(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws {
    try withFile { path in
      try AtomicFile.write(bytes, to: path)
      let error = #expect(throws: NumPyError.self, sourceLocation: sourceLocation) { try Tensor(npy: path) }
      #expect(error?.description.contains("\n") == false, sourceLocation: sourceLocation)
      #expect(error?.description.contains("\u{1b}") == false, sourceLocation: sourceLocation)
    }
  }

  private func withFile(_ body: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "vitcam-\(UUID().uuidString).npy")
    defer { try? FileManager.default.removeItem(at: file) }
    try body(file.path)
  }
}
