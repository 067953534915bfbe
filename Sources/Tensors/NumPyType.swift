/// The type of the elements of a `.npy` array, and how they become 32-bit floats.
enum NumPyType: String {
  case boolean = "b1"
  case float16 = "f2"
  case float32 = "f4"
  case float64 = "f8"
  case int8 = "i1"
  case int16 = "i2"
  case int32 = "i4"
  case int64 = "i8"
  case uint8 = "u1"
  case uint16 = "u2"
  case uint32 = "u4"
  case uint64 = "u8"

  /// The type that NumPy writes as `<f4`: the order of the bytes, the kind and the size.
  init(descriptor: String) throws(NumPyProblem) {
    guard let order = descriptor.first, let type = NumPyType(rawValue: String(descriptor.dropFirst())) else {
      throw NumPyProblem("elements of type '\(descriptor)' are not read; try array.astype('float32')")
    }
    guard order == "<" || type.size == 1 else {
      throw NumPyProblem("its elements '\(descriptor)' are big-endian; try array.astype('<\(type.rawValue)')")
    }
    self = type
  }

  /// The bytes of one element.
  var size: Int {
    switch self {
    case .boolean, .int8, .uint8: 1
    case .float16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// Converts as many elements as `result` holds.
  func convert(_ data: UnsafeRawBufferPointer, into result: UnsafeMutableBufferPointer<Float>) {
    func each<Element>(_ type: Element.Type, _ convert: (Element) -> Float) where Element: BitwiseCopyable {
      for index in result.indices {
        result[index] = convert(data.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: type))
      }
    }
    switch self {
    case .boolean: each(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .float16: each(UInt16.self, Self.float(half:))
    case .float32: each(UInt32.self) { Float(bitPattern: UInt32(littleEndian: $0)) }
    case .float64: each(UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
    case .int8: each(Int8.self) { Float($0) }
    case .int16: each(Int16.self) { Float(Int16(littleEndian: $0)) }
    case .int32: each(Int32.self) { Float(Int32(littleEndian: $0)) }
    case .int64: each(Int64.self) { Float(Int64(littleEndian: $0)) }
    case .uint8: each(UInt8.self) { Float($0) }
    case .uint16: each(UInt16.self) { Float(UInt16(littleEndian: $0)) }
    case .uint32: each(UInt32.self) { Float(UInt32(littleEndian: $0)) }
    case .uint64: each(UInt64.self) { Float(UInt64(littleEndian: $0)) }
    }
  }

  /// Half precision by its bits: Swift has no `Float16` on some Macs. The exponent is moved by a multiplication, which
  /// puts numbers below the smallest normal one right as well.
  private static func float(half: UInt16) -> Float {
    let bits = UInt32(UInt16(littleEndian: half))
    let isFinite = bits & 0x7C00 != 0x7C00
    let magnitude =
      isFinite
      ? Float(bitPattern: (bits & 0x7FFF) << 13) * 0x1p112 : Float(bitPattern: 0x7F80_0000 | (bits & 0x3FF) << 13)
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }
}
