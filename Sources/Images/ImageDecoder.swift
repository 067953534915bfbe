import CImageCodecs

/// The C functions that read one format.
struct ImageDecoder {
  let name: String
  let readHeader:
    (UnsafeRawPointer?, Int, UnsafeMutablePointer<CodecFormat>?, UnsafeMutablePointer<CodecMessage>?) -> Bool
  let read: (UnsafeRawPointer?, Int, CodecFormat, UnsafeMutableRawPointer?, UnsafeMutablePointer<CodecMessage>?) -> Bool
  let orientation: (UnsafeRawBufferPointer) -> Orientation

  func orientation(of bytes: UnsafeRawBufferPointer) -> Orientation { orientation(bytes) }

  func format(of bytes: UnsafeRawBufferPointer) throws(ImageError) -> CodecFormat {
    var format = CodecFormat()
    var message = CodecMessage()
    guard readHeader(bytes.baseAddress, bytes.count, &format, &message) else { throw damaged(message) }
    return format
  }

  func samples<Sample>(
    of bytes: UnsafeRawBufferPointer, format: CodecFormat, count: Int, zero: Sample
  ) throws(ImageError) -> [Sample] {
    var message = CodecMessage()
    var succeeded = false
    let samples = [Sample](unsafeUninitializedCapacity: count) { buffer, initialized in
      // A file that ends early leaves rows unwritten. They are never shown, but must be initialised all the same.
      buffer.initialize(repeating: zero)
      succeeded = read(bytes.baseAddress, bytes.count, format, buffer.baseAddress, &message)
      initialized = count
    }
    guard succeeded else { throw damaged(message) }
    return samples
  }

  private func damaged(_ message: CodecMessage) -> ImageError {
    ImageError(
      message.isUnsupported
        ? "the \(name) picture cannot be read: \(message.string)"
        : "the \(name) picture is damaged or cut short: \(message.string)")
  }
}

extension ReadableFormat {
  /// What reads files of this format.
  var decoder: ImageDecoder {
    switch self {
    case .png:
      ImageDecoder(name: name, readHeader: codecReadPNGHeader, read: codecReadPNG, orientation: { _ in .upright })
    case .jpeg:
      ImageDecoder(
        name: name, readHeader: codecReadJPEGHeader, read: codecReadJPEG, orientation: Orientation.init(ofJPEG:))
    case .webp:
      ImageDecoder(
        name: name, readHeader: codecReadWebPHeader, read: codecReadWebP, orientation: Orientation.init(ofWebP:))
    }
  }
}

extension CodecMessage {
  /// The message, or what it means when there is none.
  var string: String {
    withUnsafeBytes(of: text) { bytes in
      bytes.first == 0 ? "not enough memory" : String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
