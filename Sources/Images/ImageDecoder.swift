import CImageCodecs

/// Why a file gives no picture.
enum DecodingFailure: Error {
  /// The bytes make no sense, or end early.
  case damaged(String)
  /// The file may be sound, but is of a kind that is not read.
  case unsupported(String)

  /// The file is shorter than its header says.
  static let endsEarly = DecodingFailure.damaged("the file ends early")
}

/// What reads one format, in two steps: the header is judged before there is memory for samples.
struct ImageDecoder {
  /// Reads the header of a page: the file's bytes, the page.
  private typealias HeaderReader = (UnsafeRawBufferPointer, UInt32) throws(DecodingFailure) -> CodecFormat
  /// Reads the samples of a page into memory for as many as the format, from its header, says.
  private typealias SampleReader =
    (UnsafeRawBufferPointer, UInt32, CodecFormat, UnsafeMutableRawPointer?) throws(DecodingFailure) -> Void

  private let name: String
  private let hasPages: Bool
  private let readHeader: HeaderReader
  private let read: SampleReader
  private let orientation: ((UnsafeRawBufferPointer) -> Orientation)?

  /// C functions that read a format whose files have pages, and say in the header how they are turned.
  init(
    _ format: ReadableFormat,
    pages readHeader:
      @escaping (
        UnsafeRawPointer?, Int, UInt32, UnsafeMutablePointer<CodecFormat>?, UnsafeMutablePointer<CodecMessage>?
      ) -> Bool,
    _ read:
      @escaping (
        UnsafeRawPointer?, Int, UInt32, CodecFormat, UnsafeMutableRawPointer?, UnsafeMutablePointer<CodecMessage>?
      ) -> Bool
  ) {
    name = format.name
    hasPages = true
    self.readHeader = { (bytes, page) throws(DecodingFailure) in
      var format = CodecFormat()
      var message = CodecMessage()
      guard readHeader(bytes.baseAddress, bytes.count, page, &format, &message) else { throw message.failure }
      return format
    }
    self.read = { (bytes, page, format, samples) throws(DecodingFailure) in
      var message = CodecMessage()
      guard read(bytes.baseAddress, bytes.count, page, format, samples, &message) else { throw message.failure }
    }
    orientation = nil
  }

  /// C functions that read a format whose files hold one picture.
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
    self.readHeader = { (bytes, _) throws(DecodingFailure) in
      var format = CodecFormat()
      var message = CodecMessage()
      guard readHeader(bytes.baseAddress, bytes.count, &format, &message) else { throw message.failure }
      return format
    }
    self.read = { (bytes, _, format, samples) throws(DecodingFailure) in
      var message = CodecMessage()
      guard read(bytes.baseAddress, bytes.count, format, samples, &message) else { throw message.failure }
    }
    self.orientation = orientation
  }

  /// A reader of our own.
  init(_ format: ReadableFormat, _ reader: any PictureReader.Type) {
    name = format.name
    hasPages = false
    readHeader = { (bytes, _) throws(DecodingFailure) in try reader.init(header: bytes).format }
    read = { (bytes, _, _, samples) throws(DecodingFailure) in
      guard let samples else { return }
      try reader.init(header: bytes).read(bytes, into: samples)
    }
    orientation = nil
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
    do { return try readHeader(bytes, page) } catch { throw self.error(error) }
  }

  func samples<Sample>(
    of bytes: UnsafeRawBufferPointer, page: UInt32, format: CodecFormat, count: Int, zero: Sample
  ) throws(ImageError) -> [Sample] {
    var failure: DecodingFailure?
    let samples = [Sample](unsafeUninitializedCapacity: count) { buffer, initialized in
      // A file that ends early leaves rows unwritten. They are never shown, but must be initialised all the same.
      buffer.initialize(repeating: zero)
      do throws(DecodingFailure) {
        try read(bytes, page, format, buffer.baseAddress)
      } catch {
        failure = error
      }
      initialized = count
    }
    if let failure { throw error(failure) }
    return samples
  }

  private func error(_ failure: DecodingFailure) -> ImageError {
    switch failure {
    case .damaged(let reason): ImageError("the \(name) picture is damaged or cut short: \(reason)")
    case .unsupported(let reason): ImageError("the \(name) picture cannot be read: \(reason)")
    }
  }
}

/// A reader of our own, for a format that is simpler than the libraries for it.
protocol PictureReader {
  /// Reads the header of a file.
  init(header bytes: UnsafeRawBufferPointer) throws(DecodingFailure)
  /// What the header says of the samples.
  var format: CodecFormat { get }
  /// Decodes the file into memory for as many samples as the format says, which are bound to their type and zero.
  func read(_ bytes: UnsafeRawBufferPointer, into samples: UnsafeMutableRawPointer) throws(DecodingFailure)
}

extension ReadableFormat {
  /// What reads files of this format.
  var decoder: ImageDecoder {
    switch self {
    case .png: ImageDecoder(self, codecReadPNGHeader, codecReadPNG, orientation: Orientation.init(ofPNG:))
    case .jpeg: ImageDecoder(self, codecReadJPEGHeader, codecReadJPEG, orientation: Orientation.init(ofJPEG:))
    case .webp: ImageDecoder(self, codecReadWebPHeader, codecReadWebP, orientation: Orientation.init(ofWebP:))
    case .tiff: ImageDecoder(self, pages: codecReadTIFFHeader, codecReadTIFF)
    case .bmp: ImageDecoder(self, BMPReader.self)
    case .gif: ImageDecoder(self, codecReadGIFHeader, codecReadGIF)
    case .pnm: ImageDecoder(self, PNMReader.self)
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

  fileprivate var failure: DecodingFailure { isUnsupported ? .unsupported(string) : .damaged(string) }
}
