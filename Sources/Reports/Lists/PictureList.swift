import Images
import Tensors

/// Pictures in an order that does not change: of files, folders, patterns and lists, however many.
public struct PictureList: Sendable {
  /// What stands for pictures.
  fileprivate enum Source: Sendable {
    case file(String)
    case folder(String)
    case pattern(String)
    case manifest(String)
  }

  private let sources: [Source]
  private let excluded: String?

  /// The pictures that arguments stand for, in their order.
  ///
  /// - Parameters:
  ///   - arguments: each a picture; a folder, which stands for all pictures below it; a pattern such as
  ///     `scans/*.png`; or a list, `.csv`, `.tsv`, `.jsonl` or `.ndjson`, with `path`, `label` and `target`.
  ///   - folder: a folder whose files are no pictures of the list: where results are written.
  public init(_ arguments: [String], excluding folder: String? = nil) {
    excluded = folder
    sources = arguments.map { argument in
      if Folder.isFolder(argument) { return .folder(argument) }
      if GlobPattern.isPattern(argument) { return .pattern(argument) }
      return Manifest.isManifest(argument) ? .manifest(argument) : .file(argument)
    }
  }

  /// Reads the list from its beginning.
  func reader() -> Reader { Reader(sources: sources[...], excluded: excluded.map { Folder.canonical($0) }) }

  /// All of the list at once, for work on a few pictures.
  ///
  /// - Throws: `FileError` or ``UsageError`` where a part of it cannot be read or is empty.
  func pictures() throws -> [ListedPicture] {
    let reader = reader()
    var pictures = [ListedPicture]()
    while let picture = try reader.next() { pictures.append(picture) }
    return pictures
  }

  /// How long a list is, and a checksum of all that it says: two runs over the same list agree in it.
  public struct Identity: Codable, Equatable, Sendable {
    /// The number of pictures.
    public let pictures: Int
    /// The CRC-32 of paths, labels and targets.
    public let checksum: String
  }

  /// Reads the whole list, in constant memory.
  ///
  /// - Throws: `FileError` or ``UsageError`` where a part of it cannot be read or is empty.
  public func identity() throws -> Identity {
    var checksum = CRC32()
    let reader = reader()
    var count = 0
    while let picture = try reader.next() {
      count += 1
      let line = [picture.path, picture.label ?? "", picture.target ?? "", ""].joined(separator: "\0")
      Array(line.utf8).withUnsafeBytes { checksum.append($0) }
    }
    return Identity(pictures: count, checksum: checksum.description)
  }

  /// Reads a list picture by picture.
  final class Reader {
    private enum Part {
      case paths(ArraySlice<String>)
      case walk(FolderWalk)
      case manifest(Manifest)
    }

    private var sources: ArraySlice<Source>
    private let excluded: String?
    private var part: Part = .paths([])
    private var name = ""
    private var found = 1
    private var place = 0

    fileprivate init(sources: ArraySlice<Source>, excluded: String?) {
      self.sources = sources
      self.excluded = excluded
    }

    /// The next picture; nil behind the last.
    ///
    /// - Throws: `FileError` or ``UsageError`` where a part of the list cannot be read, or has no pictures.
    func next() throws -> ListedPicture? {
      while true {
        if var picture = try nextOfPart() {
          picture.place = place
          place += 1
          found += 1
          return picture
        }
        guard found > 0 else { throw UsageError("\(name): expected \(ReadableFormat.names) pictures, found none") }
        guard let source = sources.popFirst() else { return nil }
        found = 0
        try open(source)
      }
    }

    private func open(_ source: Source) throws {
      switch source {
      case .file(let path): (name, part) = (path, .paths([path]))
      case .folder(let path): (name, part) = (path, .walk(try FolderWalk(path, excluding: excluded)))
      case .pattern(let pattern): (name, part) = (pattern, .paths(GlobPattern.matches(pattern)[...]))
      case .manifest(let path): (name, part) = (path, .manifest(try Manifest(path)))
      }
    }

    private func nextOfPart() throws -> ListedPicture? {
      switch part {
      case .paths(var paths):
        let path = paths.popFirst()
        part = .paths(paths)
        return path.map { ListedPicture(place: 0, path: $0) }
      case .walk(var walk):
        let path = try walk.next()
        part = .walk(walk)
        return path.map { ListedPicture(place: 0, path: $0) }
      case .manifest(let manifest): return try manifest.next()
      }
    }
  }
}
