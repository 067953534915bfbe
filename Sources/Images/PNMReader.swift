import CImageCodecs

/// Netpbm's pictures: bitmaps, gray and color as text (P1, P2, P3) and as bytes (P4, P5, P6), P7 with any of them, each with
/// any largest sample up to 65535; and floats (PFM, Pf and PF). Alpha is dropped.
///
/// Samples up to 255 are spread over 8 bits as Pillow spreads them. Deeper ones are kept, and their largest is white.
struct PNMReader: PictureReader {
  private enum Encoding { case text, bytes, bits, floats }

  let format: CodecFormat
  private let encoding: Encoding
  private let width, height: Int
  /// The samples of a pixel that are stored, and those that are kept.
  private let stored, kept: Int
  /// The largest sample; 1 in a bitmap.
  private let maximum: Int
  /// Whether 1 means black, as in bitmaps.
  private let isInverted: Bool
  /// Whether the floats' lowest byte comes first.
  private let isLittleEndian: Bool
  /// Where the samples begin.
  private let start: Int

  init(header bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
    guard bytes.count > 2 else { throw .endsEarly }
    let kind = bytes[1]
    var tokens = NetpbmTokens(bytes: bytes, position: 2)
    var isLittleEndian = false
    switch kind {
    case UInt8(ascii: "7"):
      (width, height, stored, maximum) = try Self.arbitraryMap(&tokens)
      kept = stored < 3 ? 1 : 3
    case UInt8(ascii: "f"), UInt8(ascii: "F"):
      (width, height) = (try tokens.number("width"), try tokens.number("height"))
      guard let text = tokens.next(), let scale = Double(text), scale.isFinite, scale != 0 else {
        throw .damaged("expected a scale that is not 0 in the header")
      }
      isLittleEndian = scale < 0
      stored = kind == UInt8(ascii: "F") ? 3 : 1
      (kept, maximum) = (stored, 1)
    default:
      (width, height) = (try tokens.number("width"), try tokens.number("height"))
      let isBitmap = kind == UInt8(ascii: "1") || kind == UInt8(ascii: "4")
      stored = kind == UInt8(ascii: "3") || kind == UInt8(ascii: "6") ? 3 : 1
      (kept, maximum) = (stored, isBitmap ? 1 : try tokens.number("largest sample"))
    }
    guard 1...65535 ~= maximum else { throw .damaged("a largest sample of \(maximum); expected 1 to 65535") }
    encoding =
      switch kind {
      case UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "3"): .text
      case UInt8(ascii: "4"): .bits
      case UInt8(ascii: "f"), UInt8(ascii: "F"): .floats
      default: .bytes
      }
    isInverted = kind == UInt8(ascii: "1") || kind == UInt8(ascii: "4")
    self.isLittleEndian = isLittleEndian
    start = tokens.position
    let isDeep = maximum > 255
    format = CodecFormat(
      width: UInt32(width), height: UInt32(height), channels: UInt32(kept),
      bitsPerSample: encoding == .floats ? 32 : isDeep ? 16 : 8, black: 0, white: isDeep ? Double(maximum) : 0,
      orientation: 0, hasAlpha: false)
  }

  /// The header of P7: words and what they say, in any order. Tuples are gray or red, green and blue, by their length.
  private static func arbitraryMap(
    _ tokens: inout NetpbmTokens
  ) throws(DecodingFailure) -> (width: Int, height: Int, samples: Int, maximum: Int) {
    var numbers = [String: Int]()
    while let word = tokens.next(), word != "ENDHDR" {
      switch word {
      case "WIDTH", "HEIGHT", "DEPTH", "MAXVAL": numbers[word] = try tokens.number(word)
      case "TUPLTYPE": tokens.skipLine()
      default: throw .damaged("\(word.prefix(20)) in the header")
      }
    }
    guard let width = numbers["WIDTH"], let height = numbers["HEIGHT"], let samples = numbers["DEPTH"],
      let maximum = numbers["MAXVAL"]
    else { throw .damaged("expected WIDTH, HEIGHT, DEPTH and MAXVAL in the header") }
    guard 1...4 ~= samples else { throw .unsupported("\(samples) samples for each pixel; expected 1 to 4") }
    return (width, height, samples, maximum)
  }

  func read(_ bytes: UnsafeRawBufferPointer, into samples: UnsafeMutableRawPointer) throws(DecodingFailure) {
    let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(start))
    switch (encoding, maximum > 255) {
    case (.floats, _): try readFloats(rest, into: samples.assumingMemoryBound(to: Float.self))
    case (_, true):
      let target = samples.assumingMemoryBound(to: UInt16.self)
      try readIntegers(rest) { target[$0] = UInt16($1) }
    case (_, false):
      let target = samples.assumingMemoryBound(to: UInt8.self)
      let spread = (0...maximum).map { value -> UInt8 in
        let share = Double(isInverted ? maximum - value : value) / Double(maximum)
        return UInt8((share * 255).rounded(.toNearestOrEven))
      }
      try readIntegers(rest) { target[$0] = spread[min($1, maximum)] }
    }
  }

  /// Hands over each kept sample and its place.
  private func readIntegers(
    _ bytes: UnsafeRawBufferPointer, _ take: (Int, Int) -> Void
  ) throws(DecodingFailure) {
    switch encoding {
    case .text:
      var tokens = NetpbmTokens(bytes: bytes, position: 0)
      for place in 0..<width * height * stored {
        let value = isInverted ? try tokens.digit() : try tokens.number("sample")
        guard value <= maximum else { throw .damaged("a sample of \(value); at most \(maximum) is announced") }
        take(place, value)
      }
    case .bits:
      let stride = (width + 7) / 8
      guard stride * height <= bytes.count else { throw .endsEarly }
      for y in 0..<height {
        for x in 0..<width { take(y * width + x, Int(bytes[y * stride + x / 8] >> UInt8(7 - x % 8) & 1)) }
      }
    case .bytes, .floats:
      let size = maximum > 255 ? 2 : 1
      guard width * height * stored * size <= bytes.count else { throw .endsEarly }
      for pixel in 0..<width * height {
        for channel in 0..<kept {
          let place = (pixel * stored + channel) * size
          take(pixel * kept + channel, size == 1 ? Int(bytes[place]) : Int(bytes[place]) << 8 | Int(bytes[place + 1]))
        }
      }
    }
  }

  /// Rows of floats lie from the bottom up.
  private func readFloats(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<Float>
  ) throws(DecodingFailure) {
    let row = width * stored
    let numbers = NumberReader(bytes: bytes, isLittleEndian: isLittleEndian)
    for y in 0..<height {
      for x in 0..<row {
        guard let bits = numbers.doubleWord(at: 4 * ((height - 1 - y) * row + x)) else { throw .endsEarly }
        target[y * row + x] = Float(bitPattern: bits)
      }
    }
  }
}

/// Words between white space, without comments, which reach from `#` to the end of a line.
private struct NetpbmTokens {
  let bytes: UnsafeRawBufferPointer
  /// Behind the last word and one byte of white space, which ends a header.
  var position: Int

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 9...13 ~= byte }

  private mutating func skipSpace() {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        skipLine()
      } else if Self.isSpace(bytes[position]) {
        position += 1
      } else {
        return
      }
    }
  }

  mutating func skipLine() {
    while position < bytes.count, bytes[position] != 10, bytes[position] != 13 { position += 1 }
  }

  mutating func next() -> String? {
    skipSpace()
    let word = bytes[position...].prefix { !Self.isSpace($0) && $0 != UInt8(ascii: "#") }
    position = word.endIndex
    if position < bytes.count, bytes[position] != UInt8(ascii: "#") { position += 1 }
    return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
  }

  /// A number of at most nine digits.
  mutating func number(_ what: String) throws(DecodingFailure) -> Int {
    skipSpace()
    guard position < bytes.count else { throw .endsEarly }
    let begin = position
    var value = 0
    while position < bytes.count, 48...57 ~= bytes[position], position - begin < 9 {
      value = 10 * value + Int(bytes[position] - 48)
      position += 1
    }
    let isEnded = position == bytes.count || Self.isSpace(bytes[position]) || bytes[position] == UInt8(ascii: "#")
    guard position > begin, isEnded else { throw .damaged("expected a number for the \(what)") }
    if position < bytes.count, bytes[position] != UInt8(ascii: "#") { position += 1 }
    return value
  }

  /// A single digit of a bitmap, whose digits need no space between them.
  mutating func digit() throws(DecodingFailure) -> Int {
    skipSpace()
    guard position < bytes.count else { throw .endsEarly }
    let digit = Int(bytes[position]) - 48
    guard 0...1 ~= digit else { throw .damaged("expected 0 or 1 for each pixel") }
    position += 1
    return digit
  }
}
