import Tensors

/// Where a picture lies: a file, and a page of it where it has several, as `scan.tif[2]` names the third one.
public struct PicturePath: Equatable, Sendable {
  /// The file.
  public let file: String
  /// The page, from 0; nil where none is named, which means the first.
  public let page: Int?

  /// Understands a path. A file whose own name ends with a number in brackets is that file.
  public init(_ path: String) {
    guard path.last == "]", let bracket = path.lastIndex(of: "["), bracket != path.startIndex,
      let page = Int(path[path.index(after: bracket)...].dropLast()), page >= 0, !FileContents.exist(at: path)
    else {
      file = path
      self.page = nil
      return
    }
    file = String(path[..<bracket])
    self.page = page
  }
}
