import Tensors

/// The file formats that are written.
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
}

/// A picture that cannot be decoded or encoded: why, in one line.
public struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, what was expected and what was found.
  public let description: String

  init(_ description: String) {
    self.description = description.printable
  }
}
