import Tensors
import Testing

@testable import Checkpoints

@Suite("SafetensorsFile")
struct SafetensorsFileTests {
  private func file(_ header: String, data: [UInt8] = [], announced: UInt64? = nil) -> [UInt8] {
    (announced ?? UInt64(header.utf8.count)).littleEndianBytes + Array(header.utf8) + data
  }

  private func problem(_ bytes: [UInt8]) -> String? {
    do throws(CheckpointError) {
      _ = try SafetensorsFile(ByteRegion(bytes))
      return nil
    } catch {
      #expect(error.isOneLine)
      return error.problem
    }
  }

  @Test("values are read, also where they are not aligned")
  func unaligned() throws {
    let header =
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1,2],"#
      + #""data_offsets":[1,9]}} "#
    let data = [7] + Float(1.5).bitPattern.littleEndianBytes + Float(-2).bitPattern.littleEndianBytes
    let tensors = try SafetensorsFile(ByteRegion(file(header, data: data)))
    #expect(tensors.names == ["a", "b"])
    #expect(try tensors.tensor("a").scalars == [7])
    #expect(try tensors.tensor("b").scalars == [1.5, -2])
    #expect(tensors.shape(of: "b") == [1, 2])
    #expect(throws: CheckpointError.self) { try tensors.tensor("c") }
  }

  @Test("every half-precision number is converted exactly")
  func halfPrecision() throws {
    let data = (0...UInt16.max).flatMap(\.littleEndianBytes)
    let header = #"{"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#
    let scalars = try SafetensorsFile(ByteRegion(file(header, data: data))).tensor("h").scalars
    for (bits, scalar) in scalars.enumerated() {
      let (exponent, fraction) = (bits >> 10 & 31, Float(bits & 1023))
      let sign: Float = bits >> 15 == 0 ? 1 : -1
      switch exponent {
      case 0: #expect(scalar == sign * fraction * 0x1p-24)
      case 31: #expect(fraction == 0 ? scalar == sign * .infinity : scalar.isNaN)
      default:
        #expect(scalar == sign * (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1))
      }
    }
  }

  @Test("a header of 2⁶⁰ bytes, or one larger than the file, is refused")
  func hugeHeader() {
    #expect(problem(file("{}", announced: 1 << 60))?.contains("at most 100000000 are allowed") == true)
    #expect(problem(file("{}", announced: .max))?.contains("at most 100000000 are allowed") == true)
    #expect(problem(file("{}", announced: 50))?.contains("2 bytes follow") == true)
    #expect(problem([1, 2, 3])?.contains("3 bytes are too few") == true)
  }

  @Test(
    "a tensor whose bytes contradict its shape or the file is refused",
    arguments: [
      (#""F32","shape":[2],"data_offsets":[0,8]"#, nil),
      (#""F32","shape":[2],"data_offsets":[0,4]"#, "leads outside"),
      (#""F32","shape":[1],"data_offsets":[0,8]"#, "8 bytes are given to 1 of F32"),
      (#""F32","shape":[2],"data_offsets":[4,12]"#, "do not lie in the 8 bytes"),
      (#""F32","shape":[2],"data_offsets":[8,0]"#, "do not lie in"),
      (#""F32","shape":[2],"data_offsets":[9223372036854775807,9223372036854775807]"#, "do not lie in"),
      (#""F32","shape":[4294967296,4294967296],"data_offsets":[0,8]"#, "is not possible"),
      (#""F32","shape":[4611686018427387904,2],"data_offsets":[0,8]"#, "is not possible"),
      (#""F32","shape":[0,9223372036854775807,9223372036854775807],"data_offsets":[0,0]"#, "is not possible"),
      (#""F32","shape":[-2],"data_offsets":[0,8]"#, "a whole number that is not negative"),
      (#""F32","shape":[2.0],"data_offsets":[0,8]"#, "a whole number that is not negative"),
      (#""F32","shape":[2e0],"data_offsets":[0,8]"#, "a whole number that is not negative"),
      (#""F32","shape":[99999999999999999999],"data_offsets":[0,8]"#, "too large"),
      (#""F32","shape":[2],"data_offsets":[0]"#, "two 'data_offsets'"),
      (#""F32","shape":[2],"data_offsets":[0,4,8]"#, "more than 2 numbers"),
      (#""F32","shape":[2]"#, "were expected"),
      (#""F32","shape":[2],"data_offsets":[0,8],"dtype":"F16""#, "unknown or there twice"),
      (#"1,"shape":[2],"data_offsets":[0,8]"#, "was expected"),
    ] as [(String, String?)])
  func contradictions(fields: String, expected: String?) {
    let found = problem(file("{\"w\":{\"dtype\":\(fields)}}", data: [UInt8](repeating: 0, count: 8)))
    if let expected {
      #expect(found?.contains(expected) == true, "\(found ?? "accepted")")
    } else {
      #expect(found == nil)
    }
  }

  @Test("overlapping tensors and names that occur twice are refused")
  func overlap() {
    func entry(_ name: String, _ begin: Int, _ end: Int) -> String {
      #""\#(name)":{"dtype":"U8","shape":[\#(end - begin)],"data_offsets":[\#(begin),\#(end)]}"#
    }
    let data = [UInt8](repeating: 0, count: 8)
    #expect(problem(file("{\(entry("a", 0, 4)),\(entry("b", 4, 8)),\(entry("e", 2, 2))}", data: data)) == nil)
    #expect(
      problem(file("{\(entry("b", 3, 8)),\(entry("a", 0, 4))}", data: data)) == "keys 'a' and 'b' overlap in the file")
    #expect(
      problem(file("{\(entry("a", 0, 4)),\(entry("a", 4, 8))}", data: data))?.contains("'a' is there twice") == true)
    #expect(problem(file(#"{"__metadata__":{"a":"1","a":"2"}}"#))?.contains("'a' is there twice") == true)
  }

  @Test(
    "text that is not the JSON of a header is refused",
    arguments: [
      "", "{", "[]", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":{}}", "{,}", "{\"a\":null}", "{\"\u{1}\":{}}",
      "{\"\\x\":{}}",
      "{\"\\ud800\":{}}", "{\"\\u12", "{\"\\ud800\\u", "{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":{\"a\":{}}}",
      String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
    ])
  func malformedHeader(header: String) {
    #expect(problem(file(header)) != nil)
  }

  @Test("escapes in names and metadata are resolved")
  func escapes() throws {
    let header = #"{"__metadata__":{"k\u00e9\ud83d\ude00":"\"\\\/\b\f\n\r\t"}}"#
    let tensors = try SafetensorsFile(ByteRegion(file(header)))
    #expect(tensors.metadata == ["ké😀": "\"\\/\u{8}\u{c}\n\r\t"])
  }
}
