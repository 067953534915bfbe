#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// JSON as programs read it line by line: one object, keys in alphabetical order, the same bytes for the same values.
public enum JSONLine {
  /// The line of a value, without the line feed. What is not a finite number becomes `"inf"`, `"-inf"` or `"nan"`.
  public static func encoded(_ value: some Encodable) throws -> [UInt8] { try [UInt8](encoder().encode(value)) }

  /// The value that a line, or a file that is not longer than it needs to be, holds.
  static func decoded<Value: Decodable>(_ type: Value.Type, from bytes: some Sequence<UInt8>) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(type, from: Data(bytes))
  }

  /// The same for people: over several lines, the last one ended.
  static func indented(_ value: some Encodable) throws -> [UInt8] {
    try [UInt8](encoder(.prettyPrinted).encode(value)) + [UInt8(ascii: "\n")]
  }

  private static func encoder(_ formatting: JSONEncoder.OutputFormatting = []) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, formatting]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}
