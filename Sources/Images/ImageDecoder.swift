import CImageCodecs

/// The C functions that read one format.
struct ImageDecoder {
  /// Reads the header of a page: bytes, their count, the page.
  typealias HeaderReader = (
    UnsafeRawPointer?, Int, UInt32, UnsafeMutablePointer<CodecFormat>?, UnsafeMutablePointer<CodecMessage>?
  ) -> Bool
  /// Reads the samples of a page: bytes, their count, the page, the format that its header gave.
  typealias SampleReader = (
    UnsafeRawPointer?, Int, UInt32, CodecFormat, UnsafeMutableRawPointer?, UnsafeMutablePointer<CodecMessage>?
  ) -> Bool

  private let name: String
  private let hasPages: Bool
  private let readHeader: HeaderReader
  private let read: SampleReader
  private let orientation: ((UnsafeRawBufferPointer) -> Orientation)?

  /// What reads a format whose files have pages, and say in the header how they are turned.
  init(_ format: ReadableFormat, pages readHeader: @escaping HeaderReader, _ read: @escaping SampleReader) {
    name = format.name
    hasPages = true
    self.readHeader = readHeader
    self.read = read
    orientation = nil
  }

  /// What reads a format whose files hold one picture.
  init(
    _ format: ReadableFormat,
    _ readHeader:
      @escaping (
        UnsafeRawPointer?, Int, UnsafeMutablePointer<CodecFormat>?, UnsafeMutablePointer<CodecMessage>?
      ) -> Bool,
    _ read:
      @escaping (
        UnsafeRawPointer?, Int, CodecFormat, UnsafeMutableRawPointer?, UnsafeMutablePointer<CodecMessage>?
      ) -> Bool,
    orientation: ((UnsafeRawBufferPointer) -> Orientation)? = nil
  ) {
    name = format.name
    hasPages = false
    self.readHeader = { bytes, count, _, format, message in readHeader(bytes, count, format, message) }
    self.read = { bytes, count, _, format, samples, message in read(bytes, count, format, samples, message) }
    self.orientation = orientation
  }

  /// Refuses a page of a format that has none.
  func checkedPage(_ page: Int?) throws(ImageError) -> UInt32 {
    guard let page else { return 0 }
    guard hasPages else { throw ImageError("a \(name) file has no pages; leave out [\(page)]") }
    guard let number = UInt32(exactly: page) else { throw ImageError("there is no page \(page)") }
    return number
  }

  func orientation(of bytes: UnsafeRawBufferPointer, _ format: CodecFormat) -> Orientation {
    orientation?(bytes) ?? UInt16(exactly: format.orientation).flatMap(Orientation.init(rawValue:)) ?? .upright
  }

  func format(of bytes: UnsafeRawBufferPointer, page: UInt32) throws(ImageError) -> CodecFormat {
    var format = CodecFormat()
    var message = CodecMessage()
    guard readHeader(bytes.baseAddress, bytes.count, page, &format, &message) else { throw error(message) }
    return format
  }

  func samples<Sample>(
    of bytes: UnsafeRawBufferPointer, page: UInt32, format: CodecFormat, count: Int, zero: Sample
  ) throws(ImageError) -> [Sample] {
    var message = CodecMessage()
    var succeeded = false
    let samples = [Sample](unsafeUninitializedCapacity: count) { buffer, initialized in
      // A file that ends early leaves rows unwritten. They are never shown, but must be initialised all the same.
      buffer.initialize(repeating: zero)
      succeeded = read(bytes.baseAddress, bytes.count, page, format, buffer.baseAddress, &message)
      initialized = count
    }
    guard succeeded else { throw error(message) }
    return samples
  }

  private func error(_ message: CodecMessage) -> ImageError {
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
    case .png: ImageDecoder(self, codecReadPNGHeader, codecReadPNG, orientation: Orientation.init(ofPNG:))
    case .jpeg: ImageDecoder(self, codecReadJPEGHeader, codecReadJPEG, orientation: Orientation.init(ofJPEG:))
    case .webp: ImageDecoder(self, codecReadWebPHeader, codecReadWebP, orientation: Orientation.init(ofWebP:))
    case .tiff: ImageDecoder(self, pages: codecReadTIFFHeader, codecReadTIFF)
    }
  }
}

extension CodecMessage {
  /// The message, or what it means when there is none.
  var string: String {
    withUnsafeBytes(of: text) { bytes in
      bytes.first == 0
        ? "the file ends early, or memory does" : String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
