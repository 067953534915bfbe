/// An encoding of numbers that can be read out of a file as floats.
protocol StoredScalar {
  /// The size of a number in bytes.
  static var byteCount: Int { get }

  /// The number at a byte offset. The caller has checked that it lies in `bytes`.
  static func float(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Float
}

/// IEEE 754 binary32.
enum StoredFloat32: StoredScalar {
  static let byteCount = 4
  @inline(__always) static func float(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Float {
    Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }
}

/// IEEE 754 binary64, rounded to the nearest float.
enum StoredFloat64: StoredScalar {
  static let byteCount = 8
  @inline(__always) static func float(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Float {
    Float(Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))))
  }
}

/// IEEE 754 binary16. Converted without Swift's `Float16`, which macOS does not have on Intel processors.
enum StoredFloat16: StoredScalar {
  static let byteCount = 2
  /// The exponent and fraction are moved to where a float has them; multiplying by 2¹¹² corrects the exponent's bias
  /// and normalises what was subnormal. Without branches, so that the loop around it is vectorised.
  @inline(__always) static func float(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Float {
    let half = UInt32(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    let sign = (half & 0x8000) << 16
    let magnitude = Float(bitPattern: (half & 0x7FFF) << 13) * 0x1p112
    let infiniteExponent: UInt32 = magnitude >= 65536 ? 0x7F80_0000 : 0
    return Float(bitPattern: sign | magnitude.bitPattern | infiniteExponent)
  }
}

/// The upper half of a float.
enum StoredBFloat16: StoredScalar {
  static let byteCount = 2
  @inline(__always) static func float(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Float {
    Float(bitPattern: UInt32(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))) << 16)
  }
}

/// A little-endian integer, rounded to the nearest float.
enum StoredInteger<Value: FixedWidthInteger>: StoredScalar {
  static var byteCount: Int { MemoryLayout<Value>.size }
  @inline(__always) static func float(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Float {
    Float(Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)))
  }
}

extension ElementType {
  /// The encoding of the elements. Truth values are read as 0 and 1.
  var storedScalar: any StoredScalar.Type {
    switch self {
    case .float64: StoredFloat64.self
    case .float32: StoredFloat32.self
    case .float16: StoredFloat16.self
    case .bfloat16: StoredBFloat16.self
    case .int64: StoredInteger<Int64>.self
    case .int32: StoredInteger<Int32>.self
    case .int16: StoredInteger<Int16>.self
    case .int8: StoredInteger<Int8>.self
    case .uint64: StoredInteger<UInt64>.self
    case .uint32: StoredInteger<UInt32>.self
    case .uint16: StoredInteger<UInt16>.self
    case .uint8, .boolean: StoredInteger<UInt8>.self
    }
  }
}
