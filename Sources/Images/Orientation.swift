/// How a stored picture must be turned to stand upright: tag 0x0112 of EXIF 2.3 (JEITA CP-3451), with its numbers.
enum Orientation: UInt16, CaseIterable {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case upsideDownMirrored = 4
  case transposed = 5
  case turnedLeft = 6
  case transverse = 7
  case turnedRight = 8

  /// Whether rows become columns.
  var swapsAxes: Bool { rawValue >= 5 }
}

extension Orientation {
  /// The orientation that a JPEG file's EXIF segment gives; upright when there is none or when it makes no sense.
  init(ofJPEG bytes: UnsafeRawBufferPointer) {
    self = Self.exifSegment(ofJPEG: bytes).flatMap(Self.orientation(inTIFF:)) ?? .upright
  }

  /// The orientation that a PNG file's eXIf chunk gives; upright when there is none or when it makes no sense.
  init(ofPNG bytes: UnsafeRawBufferPointer) {
    self = Self.exifChunk(ofPNG: bytes).flatMap(Self.orientation(inTIFF:)) ?? .upright
  }

  /// Walks the chunks behind the signature: the length of the contents, a name, the contents, a checksum.
  private static func exifChunk(ofPNG bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let file = NumberReader(bytes: bytes, isLittleEndian: false)
    var position = 8
    while let length = file.doubleWord(at: position), let name = file.doubleWord(at: position + 4) {
      let start = position + 8
      let end = start + Int(length)
      guard end <= bytes.count else { return nil }
      if name == 0x6558_4966 { return UnsafeRawBufferPointer(rebasing: bytes[start..<end]) }  // eXIf
      position = end + 4
    }
    return nil
  }

  /// Walks the segments before the first scan: 0xFF, a marker, a length that counts itself, the contents.
  private static func exifSegment(ofJPEG bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let file = NumberReader(bytes: bytes, isLittleEndian: false)
    var position = 2
    while let marker = file.word(at: position), marker >> 8 == 0xFF {
      if marker == 0xFFFF {  // padding
        position += 1
        continue
      }
      let isStartOfScan = marker == 0xFFDA
      guard !isStartOfScan, let length = file.word(at: position + 2), length >= 2 else { return nil }
      let start = position + 4
      let end = position + 2 + Int(length)
      guard end <= bytes.count else { return nil }
      let contents = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      let signature = Array("Exif\0\0".utf8)
      if marker == 0xFFE1, contents.starts(with: signature) {
        return UnsafeRawBufferPointer(rebasing: contents.dropFirst(signature.count))
      }
      position = end
    }
    return nil
  }

  /// Looks for the tag in the first directory of a TIFF structure, of whose 12-byte entries it is one.
  static func orientation(inTIFF bytes: UnsafeRawBufferPointer) -> Orientation? {
    let isLittleEndian = bytes.starts(with: Array("II".utf8))
    guard isLittleEndian || bytes.starts(with: Array("MM".utf8)) else { return nil }
    let reader = NumberReader(bytes: bytes, isLittleEndian: isLittleEndian)
    guard reader.word(at: 2) == 42, let directory = reader.doubleWord(at: 4),
      let count = reader.word(at: Int(directory))
    else { return nil }
    for index in 0..<Int(count) {
      let entry = Int(directory) + 2 + 12 * index
      guard let tag = reader.word(at: entry) else { return nil }
      let isShort = reader.word(at: entry + 2) == 3
      if tag == 0x0112, isShort { return reader.word(at: entry + 8).flatMap(Orientation.init(rawValue:)) }
    }
    return nil
  }
}

extension Image {
  /// This picture turned upright from the orientation in which it was stored.
  func upright(from orientation: Orientation) -> Image {
    guard orientation != .upright else { return self }
    let walk = UprightWalk(of: self, stored: orientation)
    func turned(_ samples: Samples, channels: Int) -> Samples {
      switch samples {
      case .bytes(let bytes): .bytes(walk.gathered(bytes, channels: channels))
      case .words(let words): .words(walk.gathered(words, channels: channels))
      case .floats(let floats): .floats(walk.gathered(floats, channels: channels))
      }
    }
    return Image(
      size: walk.size, channels: channels, samples: turned(samples, channels: channels), range: range,
      alpha: alpha.map { turned($0, channels: 1) })
  }
}

/// The order in which an upright picture's pixels lie in the stored one: a first pixel and a step for each axis.
private struct UprightWalk {
  let size: ImageSize
  private let first: Int
  private let stepRight: Int
  private let stepDown: Int

  init(of image: Image, stored orientation: Orientation) {
    let (height, width) = (image.height, image.width)
    let right = 1
    let down = width
    let bottom = (height - 1) * width
    let end = width - 1
    size = orientation.swapsAxes ? ImageSize(height: width, width: height) : image.size
    (first, stepRight, stepDown) =
      switch orientation {
      case .upright: (0, right, down)
      case .mirrored: (end, -right, down)
      case .upsideDown: (bottom + end, -right, -down)
      case .upsideDownMirrored: (bottom, right, -down)
      case .transposed: (0, down, right)
      case .turnedLeft: (bottom, -down, right)
      case .transverse: (bottom + end, -down, -right)
      case .turnedRight: (end, down, -right)
      }
  }

  func gathered<Sample>(_ stored: [Sample], channels: Int) -> [Sample] {
    [Sample](unsafeUninitializedCapacity: stored.count) { buffer, count in
      for y in 0..<size.height {
        for x in 0..<size.width {
          let source = (first + x * stepRight + y * stepDown) * channels
          for channel in 0..<channels {
            buffer.initializeElement(at: count, to: stored[source + channel])
            count += 1
          }
        }
      }
    }
  }
}
