import Images
import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Folder {
  /// Whether there is a file or folder at a path.
  public static func isTaken(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The size of a file; nil where there is none.
  static func byteCount(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// The paths of what a folder holds, sorted by name.
  ///
  /// - Throws: ``UsageError`` where it cannot be read.
  public static func files(in folder: String) throws(UsageError) -> [String] {
    let base = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(base)/\($0)" }
    } catch {
      throw UsageError("cannot read the folder \(folder)")
    }
  }

  /// Makes a folder where there is none, with the folders above it.
  ///
  /// - Throws: ``UsageError`` where it cannot be made.
  public static func create(_ path: String) throws(UsageError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw UsageError("cannot write \(path): the folder cannot be made")
    }
  }

  /// Refuses a path at which no file can be written: the nearest folder above it that exists has to allow it.
  ///
  /// - Throws: ``UsageError`` that says what is in the way.
  public static func checkWritable(_ path: String) throws(UsageError) {
    guard !path.isEmpty else { throw UsageError("cannot write to a path without a name") }
    var parent = path
    repeat { parent = self.parent(of: parent) } while !isTaken(parent)
    guard isFolder(parent) else { throw UsageError("cannot write \(path): \(parent) is not a folder") }
    guard FileManager.default.isWritableFile(atPath: parent) else {
      throw UsageError("cannot write \(path): \(parent) may not be written to")
    }
  }

  /// A path without links, `.` and `..`; as it is where there is nothing.
  static func canonical(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The folder that a path lies in.
  public static func parent(of path: String) -> String {
    let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// What stands behind the last dot of a path's file name; nil where there is none.
  public static func ending(of path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex, name.last != "." else { return nil }
    return String(name[name.index(after: dot)...])
  }

  /// A path's file name, or the last folder's.
  static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// A path without the slash at its end, so that something can be appended to it.
  static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// A path's file name without its folder and its ending: `scan` of `scan.tif`, `scan-2` of `scan.tif[2]`.
  public static func stem(of path: String) -> String {
    let place = PicturePath(path)
    if let page = place.page { return "\(stem(of: place.file))-\(page)" }
    let name = name(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
