import CImageCodecs
import Tensors

extension Image {
  /// The quality at which JPEG files are written, on libjpeg's scale from 1 to 100.
  public static let quality = 92

  /// Writes this picture to a file, as PNG or JPEG by its extension. The file appears whole or not at all, and the same
  /// picture always gives the same bytes.
  ///
  /// - Throws: `FileError` when the extension is neither, or the file cannot be written.
  public func write(to path: String) throws(FileError) {
    guard let format = ImageFormat(path: path) else {
      throw FileError(.write, path, reason: "the name must end in .png, .jpg or .jpeg")
    }
    let bytes: [UInt8]
    do throws(ImageError) {
      bytes = try encoded(as: format)
    } catch {
      throw FileError(.write, path, reason: error.description)
    }
    try AtomicFile.write(bytes, to: path)
  }

  /// The bytes of this picture as a file. PNG keeps 16 bits per sample, and has 16 for floats; JPEG has 8.
  ///
  /// - Throws: ``ImageError`` when the picture is too large for the format.
  public func encoded(as format: ImageFormat) throws(ImageError) -> [UInt8] {
    switch (format, samples) {
    case (.png, .bytes(let bytes)):
      return try encoded(bytes, codecWritePNG)
    case (.png, .words(let words)):
      return try encoded(words, codecWritePNG)
    case (.jpeg, .bytes(let bytes)):
      guard size.longerSide <= 65500 else { throw ImageError("a JPEG has at most 65500 pixels on a side, not \(size)") }
      return try encoded(bytes) { codecWriteJPEG($0, $1, Int32(Self.quality), $2, $3, $4) }
    case (.png, .floats(let floats)):
      return try encoded(floats.map { UInt16(range(Double($0)) * 65535 + 0.5) }, codecWritePNG)
    case (.jpeg, .words), (.jpeg, .floats):
      return try displayed().encoded(as: .jpeg)
    }
  }

  private func encoded<Sample>(
    _ samples: [Sample],
    _ write: (
      UnsafeRawPointer?, CodecFormat, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, UnsafeMutablePointer<UInt>?,
      UnsafeMutablePointer<CodecMessage>?
    ) -> Bool
  ) throws(ImageError) -> [UInt8] {
    var format = CodecFormat()
    format.width = UInt32(width)
    format.height = UInt32(height)
    format.channels = UInt32(channels)
    format.bitsPerSample = UInt32(8 * MemoryLayout<Sample>.size)
    var bytes: UnsafeMutablePointer<UInt8>?
    var count: UInt = 0
    var message = CodecMessage()
    let succeeded = samples.withUnsafeBytes { write($0.baseAddress, format, &bytes, &count, &message) }
    defer { codecFree(bytes) }
    guard succeeded else { throw ImageError("the picture cannot be encoded: \(message.string)") }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }
}
