import Tensors
import Images

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The pictures of a folder and of the folders in it, by name: one folder after another, so that only the listings of
/// those that are open are held.
struct FolderWalk {
  /// A folder whose files are being listed.
  private struct Level {
    let canonical: String
    var names: ArraySlice<String>
  }

  private var levels: [Level] = []
  /// A folder to leave out: where results are written.
  private let excluded: String?

  /// Begins at a folder.
  ///
  /// - Throws: ``UsageError`` where it cannot be read.
  init(_ folder: String, excluding excluded: String?) throws(UsageError) {
    self.excluded = excluded
    try enter(folder)
  }

  /// The path of the next picture, by its name's ending; nil behind the last. Hidden files are left out.
  mutating func next() throws(UsageError) -> String? {
    while !levels.isEmpty {
      guard let path = levels[levels.count - 1].names.popFirst() else {
        levels.removeLast()
        continue
      }
      if Folder.isFolder(path) {
        try enter(path)
      } else if ReadableFormat(path: path) != nil {
        return path
      }
    }
    return nil
  }

  private mutating func enter(_ folder: String) throws(UsageError) {
    let canonical = Folder.canonical(folder)
    // A link may lead back to a folder that is being listed.
    guard canonical != excluded, !levels.contains(where: { $0.canonical == canonical }) else { return }
    let files = try Folder.files(in: folder).filter { !($0.split(separator: "/").last?.hasPrefix(".") ?? true) }
    levels.append(Level(canonical: canonical, names: files[...]))
  }
}
