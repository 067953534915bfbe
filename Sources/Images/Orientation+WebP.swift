extension Orientation {
  /// The orientation that a WebP file's EXIF chunk gives; upright when there is none or when it makes no sense.
  ///
  /// Behind `RIFF`, a length and `WEBP` lie chunks: four letters, a length, the contents, padded to an even length.
  init(ofWebP bytes: UnsafeRawBufferPointer) {
    var position = 12
    var orientation: Orientation?
    while orientation == nil, position <= bytes.count - 8 {
      let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)))
      let start = position + 8
      guard length <= bytes.count - start else { break }
      if bytes[position..<position + 4].elementsEqual("EXIF".utf8) {
        // Some writers put JPEG's signature before the contents.
        let contents = bytes[start..<start + length]
        let signature = contents.starts(with: Array("Exif\0\0".utf8)) ? 6 : 0
        orientation = Self.orientation(inTIFF: UnsafeRawBufferPointer(rebasing: contents.dropFirst(signature)))
      }
      position = start + length + length % 2
    }
    self = orientation ?? .upright
  }
}
