import CImageCodecs

/// Bitmaps of Windows and OS/2: palettes of 1, 4 and 8 bits, run lengths, 16 to 32 bits with bit fields, rows from the bottom
/// up or from the top down. Alpha is dropped.
struct BMPReader: PictureReader {
  /// How a pixel's number becomes a color.
  private enum Colors {
    case palette([SIMD3<UInt8>])
    /// Red, green, blue.
    case fields([BitField])
  }

  let format: CodecFormat
  private let width, height, bits: Int
  private let isTopDown: Bool
  private let isRunLength: Bool
  private let colors: Colors
  /// Where the pixels begin.
  private let start: Int

  init(header bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
    let numbers = NumberReader(bytes: bytes, isLittleEndian: true)
    guard let offset = numbers.doubleWord(at: 10), let headerSize = numbers.doubleWord(at: 14),
      bytes.count >= 14 + Int(headerSize)
    else { throw .endsEarly }
    guard [12, 40, 52, 56, 64, 108, 124].contains(headerSize) else {
      throw .unsupported("a header of \(headerSize) bytes; expected 12, 40, 52, 56, 64, 108 or 124")
    }
    let isOld = headerSize == 12
    func long(_ place: Int) -> Int { numbers.doubleWord(at: place).map { Int(Int32(bitPattern: $0)) } ?? 0 }
    func word(_ place: Int) -> Int { numbers.word(at: place).map(Int.init) ?? 0 }
    let storedHeight = isOld ? word(20) : long(22)
    width = isOld ? word(18) : long(18)
    height = abs(storedHeight)
    isTopDown = storedHeight < 0
    bits = isOld ? word(24) : word(28)
    guard width >= 0 else { throw .damaged("a width of \(width)") }

    let compression = isOld ? 0 : Int(numbers.doubleWord(at: 30) ?? 0)
    let hasFields = compression == 3 || compression == 6
    switch (compression, bits) {
    case (0, 1), (0, 4), (0, 8), (0, 16), (0, 24), (0, 32), (1, 8), (2, 4): break
    case (3, 16), (3, 24), (3, 32), (6, 16), (6, 32): if headerSize == 64 { fallthrough }
    default:
      throw .unsupported("\(bits) bits and compression \(compression); try: magick picture.bmp picture.png")
    }
    isRunLength = compression == 1 || compression == 2

    let tables = 14 + Int(headerSize)
    let end: Int
    if bits <= 8 {
      let said = isOld ? 0 : Int(numbers.doubleWord(at: 46) ?? 0)
      let (count, entry) = (said == 0 ? 1 << bits : said, isOld ? 3 : 4)
      end = tables + count * entry
      let palette = (0..<min(count, 1 << bits)).compactMap { number -> SIMD3<UInt8>? in
        let place = tables + number * entry
        return place + 3 <= bytes.count ? SIMD3(bytes[place + 2], bytes[place + 1], bytes[place]) : nil
      }
      guard !palette.isEmpty else { throw .endsEarly }
      colors = .palette(palette)
    } else {
      end = tables + (hasFields && headerSize == 40 ? 12 : 0)
      // The masks lie behind a header of 40 bytes, or at the same place in longer ones.
      let stored = hasFields ? [54, 58, 62].map { numbers.doubleWord(at: $0) ?? 0 } : []
      let usual: [UInt32] = bits == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF_0000, 0xFF00, 0xFF]
      let masks = stored.contains { $0 != 0 } ? stored : usual
      let fields = masks.compactMap(BitField.init)
      guard fields.count == 3 else {
        throw .unsupported("bit fields \(masks.map { "0x" + String($0, radix: 16) }.joined(separator: ", "))")
      }
      colors = .fields(fields)
    }
    // Some writers leave the place of the pixels at the end of the header.
    start = Int(offset) > tables ? Int(offset) : end
    format = CodecFormat(
      width: UInt32(width), height: UInt32(height), channels: Self.isGray(colors) ? 1 : 3, bitsPerSample: 8, black: 0,
      white: 0, orientation: 0, hasAlpha: false)
  }

  private static func isGray(_ colors: Colors) -> Bool {
    guard case .palette(let palette) = colors else { return false }
    return palette.allSatisfy { $0.x == $0.y && $0.y == $0.z }
  }

  func read(_ bytes: UnsafeRawBufferPointer, into samples: UnsafeMutableRawPointer) throws(DecodingFailure) {
    let target = samples.assumingMemoryBound(to: UInt8.self)
    if isRunLength {
      let numbers = try runLengthNumbers(bytes)
      for row in 0..<height {
        write(target, row: row) { numbers[row * width + $0] }
      }
      return
    }
    let stride = (width * bits + 31) / 32 * 4
    guard start <= bytes.count - (stride * (height - 1) + (width * bits + 7) / 8) else { throw .endsEarly }
    for row in 0..<height {
      let line = UnsafeRawBufferPointer(rebasing: bytes[(start + row * stride)...])
      switch colors {
      case .palette:
        let (perByte, mask) = (8 / bits, UInt8(truncatingIfNeeded: 1 << bits - 1))
        write(target, row: row) { x in line[x / perByte] >> UInt8(8 - bits - x % perByte * bits) & mask }
      case .fields(let fields): write(target, row: row, of: line, fields)
      }
    }
  }

  /// The first sample of a row, which are counted as they are stored.
  private func place(ofStoredRow row: Int) -> Int {
    (isTopDown ? row : height - 1 - row) * width * Int(format.channels)
  }

  /// Writes a row of palette numbers. What the palette lacks is black.
  private func write(_ target: UnsafeMutablePointer<UInt8>, row: Int, number: (Int) -> UInt8) {
    guard case .palette(let palette) = colors else { return }
    var place = place(ofStoredRow: row)
    for x in 0..<width {
      let number = Int(number(x))
      let color = number < palette.count ? palette[number] : .zero
      target[place] = color.x
      if format.channels == 3 {
        target[place + 1] = color.y
        target[place + 2] = color.z
      }
      place += Int(format.channels)
    }
  }

  private func write(
    _ target: UnsafeMutablePointer<UInt8>, row: Int, of line: UnsafeRawBufferPointer, _ fields: [BitField]
  ) {
    let (place, size) = (place(ofStoredRow: row), bits / 8)
    for (channel, field) in fields.enumerated() {
      for x in 0..<width {
        var pixel: UInt32 = 0
        for byte in 0..<size { pixel |= UInt32(line[x * size + byte]) << (8 * UInt32(byte)) }
        target[place + 3 * x + channel] = field.value(of: pixel)
      }
    }
  }

  /// The palette numbers of a file with run lengths, rows as they are stored. Pixels that the file leaves out are 0.
  private func runLengthNumbers(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> [UInt8] {
    var numbers = [UInt8](repeating: 0, count: width * height)
    var (x, y, position) = (0, 0, start)
    func put(_ count: Int, _ number: (Int) -> UInt8) {
      for index in 0..<min(count, width - x) { numbers[y * width + x + index] = number(index) }
      x = min(width, x + count)
    }
    while y < height, !(y == height - 1 && x == width) {
      guard position + 2 <= bytes.count else { throw .endsEarly }
      let (first, second) = (Int(bytes[position]), bytes[position + 1])
      position += 2
      switch (first, second) {
      case (0, 0): (x, y) = (0, y + 1)
      case (0, 1): return numbers
      case (0, 2):
        guard position + 2 <= bytes.count else { throw .endsEarly }
        (x, y) = (min(width, x + Int(bytes[position])), y + Int(bytes[position + 1]))
        position += 2
      case (0, let count):
        let size = bits == 8 ? Int(count) : (Int(count) + 1) / 2
        guard position + size <= bytes.count else { throw .endsEarly }
        let run = UnsafeRawBufferPointer(rebasing: bytes[position..<position + size])
        put(Int(count)) { bits == 8 ? run[$0] : $0 % 2 == 0 ? run[$0 / 2] >> 4 : run[$0 / 2] & 15 }
        position += size + size % 2
      default: put(first) { bits == 8 ? second : $0 % 2 == 0 ? second >> 4 : second & 15 }
      }
    }
    return numbers
  }
}

/// Neighbouring bits of a pixel that hold one color, and what their numbers mean in 8 bits, rounded down as in Pillow.
private struct BitField {
  private let mask, shift: UInt32
  private let values: [UInt8]

  /// Nil unless the mask has 1 to 16 bits side by side.
  init?(_ mask: UInt32) {
    guard mask != 0 else { return nil }
    shift = UInt32(mask.trailingZeroBitCount)
    let maximum = Int(mask >> shift)
    guard maximum & (maximum + 1) == 0, maximum <= 0xFFFF else { return nil }
    self.mask = mask
    values = (0...maximum).map { UInt8($0 * 255 / maximum) }
  }

  func value(of pixel: UInt32) -> UInt8 { values[Int((pixel & mask) >> shift)] }
}
