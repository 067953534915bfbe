/// The file formats that are read.
public enum ReadableFormat: Sendable, CaseIterable {
  /// Portable Network Graphics, ISO/IEC 15948.
  case png
  /// JPEG, ITU-T T.81.
  case jpeg
  /// WebP, RFC 9649.
  case webp
  /// TIFF, revision 6.0, and BigTIFF.
  case tiff
  /// Bitmaps of Windows and OS/2.
  case bmp
  /// GIF, 87a and 89a: the first frame.
  case gif
  /// Netpbm's formats, P1 to P7 and PFM.
  case pnm

  /// What its users call it.
  public var name: String {
    switch self {
    case .png: "PNG"
    case .jpeg: "JPEG"
    case .webp: "WebP"
    case .tiff: "TIFF"
    case .bmp: "BMP"
    case .gif: "GIF"
    case .pnm: "PNM"
    }
  }

  /// The endings of its files' names, in lower case.
  var endings: [String] {
    switch self {
    case .png: ["png"]
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .webp: ["webp"]
    case .tiff: ["tif", "tiff", "btf"]
    case .bmp: ["bmp", "dib"]
    case .gif: ["gif"]
    case .pnm: ["pnm", "pbm", "pgm", "ppm", "pam", "pfm"]
    }
  }

  /// The names of all formats, for messages: `PNG, JPEG or WebP`.
  public static var names: String {
    let names = allCases.map(\.name)
    return names.dropLast().joined(separator: ", ") + " or \(names.last ?? "")"
  }

  /// The format that a file's name promises, by its ending: which files of a folder are pictures; nil for an unknown one.
  public init?(path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let ending = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last?.lowercased(),
      let format = Self.allCases.first(where: { $0.endings.contains(ending) })
    else { return nil }
    self = format
  }

  /// The format that a file's first bytes show, whatever its name says.
  ///
  /// - Throws: ``ImageError`` that names the format which the file has instead, where it is a known one.
  init(sniffing bytes: UnsafeRawBufferPointer) throws(ImageError) {
    guard !bytes.isEmpty else { throw ImageError("the file is empty") }
    guard let format = Self.allCases.first(where: { $0.matches(bytes) }) else {
      let known = Self.unreadable.first { Self.matches(bytes, Array($0.magic.utf8), at: $0.offset) }
      let found = known.map { "a \($0.name) file" } ?? "something else"
      throw ImageError("expected a \(Self.names) picture, found \(found)")
    }
    self = format
  }

  private func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
    func matches(_ magic: String, at offset: Int = 0) -> Bool { Self.matches(bytes, Array(magic.utf8), at: offset) }
    return switch self {
    case .png: Self.matches(bytes, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], at: 0)
    case .jpeg: Self.matches(bytes, [0xFF, 0xD8, 0xFF], at: 0)
    case .webp: matches("RIFF") && matches("WEBP", at: 8)
    case .tiff: ["II*\0", "MM\0*", "II+\0", "MM\0+"].contains { matches($0) }
    case .bmp: matches("BM")
    case .gif: matches("GIF87a") || matches("GIF89a")
    case .pnm:
      bytes.count > 2 && matches("P") && "1234567fF".utf8.contains(bytes[1])
        && (9...13 ~= bytes[2] || bytes[2] == 0x20 || bytes[2] == UInt8(ascii: "#"))
    }
  }

  /// Formats that users try, so that the message can say what they have.
  private static let unreadable: [(name: String, magic: String, offset: Int)] = [
    ("HEIF or AVIF", "ftyp", 4), ("DICOM", "DICM", 128), ("PDF", "%PDF", 0), ("zip", "PK\u{3}\u{4}", 0),
  ]

  private static func matches(_ bytes: UnsafeRawBufferPointer, _ magic: [UInt8], at offset: Int) -> Bool {
    bytes.dropFirst(offset).starts(with: magic)
  }
}
