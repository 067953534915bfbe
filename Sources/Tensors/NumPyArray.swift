/// Reading and writing NumPy's `.npy` files: an array of one type behind a header that is a Python dictionary.
///
/// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (versions 1.0 to 3.0).
extension Tensor {
  /// Reads an array. Half and double precision, integers and truth values are converted to float32; arrays in Fortran's
  /// order (column by column) are put in row-major order.
  ///
  /// - Throws: ``NumPyError`` where the file cannot be read, is no such array, or is big-endian.
  public init(npy path: String) throws(NumPyError) {
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw NumPyError(path: path, problem: error.reason)
    }
    do throws(NumPyProblem) {
      self = try NumPyArray(file.bytes).tensor()
    } catch {
      throw NumPyError(path: path, problem: error.text)
    }
  }

  /// Writes the scalars as float32 in row-major order.
  ///
  /// - Throws: ``NumPyError`` where the file cannot be written; then an older file of that name is still there.
  public func write(npy path: String) throws(NumPyError) {
    let header = NumPyArray.header(shape)
    let result = header.withUnsafeBytes { header in
      withScalars { scalars in
        Result { () throws(FileError) in
          try AtomicFile.write([header, UnsafeRawBufferPointer(scalars)], to: path)
        }
      }
    }
    if case .failure(let error) = result { throw NumPyError(path: path, problem: error.reason) }
  }

  /// The bytes of the file that ``write(npy:)`` writes.
  public var npyBytes: [UInt8] {
    NumPyArray.header(shape) + withScalars { Array(UnsafeRawBufferPointer($0)) }
  }
}

/// A `.npy` file that cannot be read or written.
public struct NumPyError: Error, Equatable, CustomStringConvertible {
  /// The path as the caller gave it.
  public let path: String
  /// What is wrong with it.
  public let problem: String

  /// One line: the file and what is wrong with it.
  public var description: String { "\(path.printable): \(problem.printable)" }
}

/// What is wrong with the bytes of an array.
struct NumPyProblem: Error {
  let text: String

  init(_ text: String) {
    self.text = text
  }
}

/// The parts of a `.npy` file.
private struct NumPyArray {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private let type: NumPyType
  private let isFortranOrder: Bool
  private let shape: Shape
  private let data: UnsafeRawBufferPointer

  /// Reads the header and checks that the data is all there.
  init(_ bytes: UnsafeRawBufferPointer) throws(NumPyProblem) {
    let (header, start) = try Self.split(bytes)
    let dictionary = try NumPyHeader(header)
    let extents = dictionary.extents
    type = try NumPyType(descriptor: dictionary.type)
    isFortranOrder = dictionary.isFortranOrder
    guard let count = Self.byteCount(extents, of: type), count <= bytes.count - start else {
      let wanted = extents.map(String.init).joined(separator: "×")
      throw NumPyProblem("expected \(wanted) elements of type '\(dictionary.type)', found \(bytes.count - start) bytes")
    }
    shape = Shape(extents)
    data = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
  }

  /// The header's text, and where the data starts.
  private static func split(
    _ bytes: UnsafeRawBufferPointer
  ) throws(NumPyProblem) -> (header: UnsafeRawBufferPointer, start: Int) {
    guard bytes.count >= 10, bytes.prefix(magic.count).elementsEqual(magic) else {
      throw NumPyProblem("not a NumPy array (.npy)")
    }
    let version = bytes[6]
    guard (1...3).contains(version) else { throw NumPyProblem("version \(version) of the format is not known") }
    let lengthBytes = version == 1 ? 2 : 4
    let headerStart = 8 + lengthBytes
    guard bytes.count >= headerStart else { throw NumPyProblem("it ends within its header") }
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    guard length <= bytes.count - headerStart else { throw NumPyProblem("it ends within its header") }
    guard length <= 1 << 16 else { throw NumPyProblem("its header of \(length) bytes is too long") }
    let end = headerStart + length
    return (UnsafeRawBufferPointer(rebasing: bytes[headerStart..<end]), end)
  }

  /// The size of the data; nil where it overflows, for the other extents also where one is 0.
  private static func byteCount(_ extents: [Int], of type: NumPyType) -> Int? {
    var count = type.size
    for extent in extents where extent > 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      count = product
    }
    return extents.contains(0) ? 0 : count
  }

  /// The array as float32 in row-major order.
  func tensor() -> Tensor {
    let stored = isFortranOrder ? Shape(shape.extents.reversed()) : shape
    let tensor = Tensor(unfilled: stored) { type.convert(data, into: $0) }
    return isFortranOrder ? tensor.permuted(Array((0..<shape.rank).reversed())) : tensor
  }

  /// The header of a float32 array, padded so that the data is aligned to 64 bytes.
  static func header(_ shape: Shape) -> [UInt8] {
    let extents = shape.extents.map(String.init).joined(separator: ", ") + (shape.rank == 1 ? "," : "")
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
    let unpadded = magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = UInt16(text.utf8.count)
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }
}
