/// How one element of a stored tensor is encoded. All are read as 32-bit floats.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  case float64, float32, float16, bfloat16
  case int64, int32, int16, int8
  case uint64, uint32, uint16, uint8
  case boolean

  /// The size of an element in bytes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .boolean: 1
    }
  }

  /// Whether the elements are real numbers: weights are, counters and index tables are not.
  public var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    default: false
    }
  }

  /// The type that a safetensors header calls `name` (`F32`, `BF16`, ...), or nil when it is not read.
  init?(safetensorsName name: some StringProtocol) {
    switch name {
    case "F64": self = .float64
    case "F32": self = .float32
    case "F16": self = .float16
    case "BF16": self = .bfloat16
    case "I64": self = .int64
    case "I32": self = .int32
    case "I16": self = .int16
    case "I8": self = .int8
    case "U64": self = .uint64
    case "U32": self = .uint32
    case "U16": self = .uint16
    case "U8": self = .uint8
    case "BOOL": self = .boolean
    default: return nil
    }
  }

  /// The type of the elements of a PyTorch storage class (`FloatStorage`, ...), or nil when it is not read.
  init?(torchStorageName name: some StringProtocol) {
    switch name {
    case "DoubleStorage": self = .float64
    case "FloatStorage": self = .float32
    case "HalfStorage": self = .float16
    case "BFloat16Storage": self = .bfloat16
    case "LongStorage": self = .int64
    case "IntStorage": self = .int32
    case "ShortStorage": self = .int16
    case "CharStorage": self = .int8
    case "ByteStorage", "UntypedStorage": self = .uint8
    case "BoolStorage": self = .boolean
    default: return nil
    }
  }

  /// The type that PyTorch calls `torch.NAME` (`float32`, `bool`, ...), or nil when it is not read.
  init?(torchName name: some StringProtocol) {
    switch name {
    case "bool": self = .boolean
    case "half": self = .float16
    case "float": self = .float32
    case "double": self = .float64
    case "boolean": return nil
    default: self.init(rawValue: String(name))
    }
  }
}
