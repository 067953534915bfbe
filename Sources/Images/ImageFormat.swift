import Tensors

/// The file formats that are read and written.
public enum ImageFormat: Sendable, CaseIterable {
  /// Portable Network Graphics, ISO/IEC 15948.
  case png
  /// JPEG, ITU-T T.81.
  case jpeg

  /// The format that a file's name asks for; nil for an unknown extension.
  public init?(path: String) {
    let name = path.split(separator: "/").last ?? ""
    switch name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last?.lowercased() {
    case "png": self = .png
    case "jpg", "jpeg", "jpe", "jfif": self = .jpeg
    default: return nil
    }
  }

  /// The format that a file's first bytes show, whatever its name says.
  ///
  /// - Throws: ``ImageError`` that names the format which the file has instead, where it is a known one.
  init(sniffing bytes: UnsafeRawBufferPointer) throws(ImageError) {
    guard !bytes.isEmpty else { throw ImageError("the file is empty") }
    if Self.matches(bytes, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], at: 0) {
      self = .png
    } else if Self.matches(bytes, [0xFF, 0xD8, 0xFF], at: 0) {
      self = .jpeg
    } else {
      let known = Self.unreadable.first { Self.matches(bytes, Array($0.magic.utf8), at: $0.offset) }
      let found = known.map { "a \($0.name) file" } ?? "something else"
      throw ImageError("expected a PNG or JPEG picture, found \(found)")
    }
  }

  /// Formats that users try, so that the message can say what they have.
  private static let unreadable: [(name: String, magic: String, offset: Int)] = [
    ("GIF", "GIF8", 0), ("WebP", "WEBP", 8), ("BMP", "BM", 0), ("TIFF", "II*\0", 0), ("TIFF", "MM\0*", 0),
    ("HEIF or AVIF", "ftyp", 4), ("DICOM", "DICM", 128), ("PDF", "%PDF", 0), ("zip", "PK\u{3}\u{4}", 0),
  ]

  private static func matches(_ bytes: UnsafeRawBufferPointer, _ magic: [UInt8], at offset: Int) -> Bool {
    bytes.dropFirst(offset).starts(with: magic)
  }
}

/// A picture that cannot be decoded or encoded: why, in one line.
public struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, what was expected and what was found.
  public let description: String

  init(_ description: String) {
    self.description = description.printable
  }
}
