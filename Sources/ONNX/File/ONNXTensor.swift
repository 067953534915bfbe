import Checkpoints
import Tensors

/// A constant of a model as the file holds it. Nothing is read before ``array()``.
struct ONNXTensor: Sendable {
  let name: String
  let extents: [Int]
  /// The number of the element type: 1 is float32, 7 is int64.
  private let type: Int
  /// The bytes of the elements, in this file.
  private let raw: ByteRegion?
  /// The elements as repeated fields of the message: floats, doubles, 32-bit and 64-bit integers.
  private let listed: [WireReader.Field]
  /// Where the elements lie in another file: location, offset, length.
  private let external: [String: String]
  private let file: String

  init(_ region: ByteRegion) throws {
    file = region.file
    var name = ""
    var extents = [Int]()
    var type = 0
    var raw: ByteRegion?
    var listed = [WireReader.Field]()
    var external = [String: String]()
    try region.forEachField { field in
      switch field.number {
      case 1: extents += try field.integers()
      case 2: type = field.integer ?? 0
      case 4, 5, 7, 10, 11: listed.append(field)
      case 8: name = field.text
      case 9: raw = field.bytes
      case 13:
        let entry = try field.bytes?.fields() ?? [:]
        external[entry[1]?.text ?? ""] = entry[2]?.text ?? ""
      default: break
      }
    }
    self.name = name
    self.extents = extents
    self.type = type
    self.raw = raw
    self.listed = listed
    self.external = external
  }

  /// The elements: floats, or integers where the type is one.
  ///
  /// - Throws: `CheckpointError` where they are missing, too few, or of a type that is not read.
  func array() throws -> ConstantArray {
    guard let type = elementType else { throw error("elements of ONNX's type \(type), which is not read") }
    guard let count = Self.count(of: extents) else { throw error("the shape \(extents.prefix(8)) is not possible") }
    guard let bytes = try externalBytes() ?? raw else { return try listedArray(type, count: count) }
    guard bytes.count / type.byteCount >= count else {
      throw error(
        "the shape \(extents.prefix(8)) needs \(count) elements, and there are \(bytes.count / type.byteCount)")
    }
    if type.isFloatingPoint {
      let stored = try StoredTensor(key: name, storage: bytes, elementType: type, extents: extents)
      return ConstantArray(stored.tensor())
    }
    return ConstantArray((0..<count).map { Self.integer(type, bytes, $0) }, shape: extents)
  }

  private func listedArray(_ type: ElementType, count: Int) throws -> ConstantArray {
    if type == .float32 {
      let floats = listed.filter { $0.number == 4 }.flatMap { $0.floats() }
      guard floats.count == count else {
        throw error("the shape \(extents.prefix(8)) needs \(count) elements, and there are \(floats.count)")
      }
      return ConstantArray(Tensor(floats, shape: Shape(extents)))
    }
    if type == .float64 {
      let doubles = listed.filter { $0.number == 10 }.flatMap { field in
        (0..<(field.bytes?.count ?? 0) / 8).compactMap { index in
          field.bytes?.integer(UInt64.self, at: 8 * index).map { Float(Double(bitPattern: $0)) }
        }
      }
      guard doubles.count == count else {
        throw error("the shape \(extents.prefix(8)) needs \(count) elements, and there are \(doubles.count)")
      }
      return ConstantArray(Tensor(doubles, shape: Shape(extents)))
    }
    let integers = try listed.filter { $0.number != 4 && $0.number != 10 }.flatMap { try $0.integers() }
    guard integers.count == count else {
      throw error("the shape \(extents.prefix(8)) needs \(count) elements, and there are \(integers.count)")
    }
    guard type.isFloatingPoint else { return ConstantArray(integers, shape: extents) }
    // Half floats as the bits of integers.
    let bits = integers.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8 & 0xFF)] }
    let stored = try StoredTensor(
      key: name, storage: ByteRegion(file: file, copying: bits), elementType: type, extents: extents)
    return ConstantArray(stored.tensor())
  }

  private static func integer(_ type: ElementType, _ bytes: ByteRegion, _ index: Int) -> Int {
    func value<Stored: FixedWidthInteger>(_: Stored.Type) -> Int {
      Int(truncatingIfNeeded: bytes.integer(Stored.self, at: index * MemoryLayout<Stored>.size) ?? 0)
    }
    switch type {
    case .int64: return value(Int64.self)
    case .int32: return value(Int32.self)
    case .int16: return value(Int16.self)
    case .int8: return value(Int8.self)
    case .uint64: return value(UInt64.self)
    case .uint32: return value(UInt32.self)
    case .uint16: return value(UInt16.self)
    default: return value(UInt8.self)
    }
  }

  private var elementType: ElementType? {
    switch type {
    case 1: .float32
    case 2: .uint8
    case 3: .int8
    case 4: .uint16
    case 5: .int16
    case 6: .int32
    case 7: .int64
    case 9: .boolean
    case 10: .float16
    case 11: .float64
    case 12: .uint32
    case 13: .uint64
    case 16: .bfloat16
    default: nil
    }
  }

  /// The number of elements of a shape, nil where an extent is negative or no memory holds them.
  static func count(of extents: [Int]) -> Int? {
    var count = 1
    guard extents.count <= 64, extents.allSatisfy({ $0 >= 0 }) else { return nil }
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= 1 << 40 else { return nil }
      count = product
    }
    return count
  }

  /// The bytes in another file, which must lie in the model's folder or below.
  private func externalBytes() throws -> ByteRegion? {
    guard let location = external["location"] else { return nil }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.hasPrefix("/"), !parts.contains(".."), !location.contains("\0") else {
      throw error("its data lies outside the model's folder, in \(location.quoted)")
    }
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    let whole = try ByteRegion(contentsOf: folder + location)
    let offset = external["offset"].map { Int($0) ?? -1 } ?? 0
    let length = external["length"].map { Int($0) ?? -1 } ?? max(0, whole.count - offset)
    guard let bytes = whole.subregion(at: offset, count: length) else {
      throw error("its data at \(offset) leads outside \(location.quoted), which has \(whole.count) bytes")
    }
    return bytes
  }

  private func error(_ problem: String) -> CheckpointError {
    CheckpointError(file: file, problem: "constant \(name.quoted): \(problem)")
  }
}
