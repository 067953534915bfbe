#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Files and folders by their paths.
enum Folder {
  /// Whether a path names a folder that exists.
  static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    #if canImport(Darwin)
      var flag: ObjCBool = false
      isFolder = FileManager.default.fileExists(atPath: path, isDirectory: &flag) && flag.boolValue
    #else
      isFolder = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    #endif
    return isFolder
  }

  /// The paths of what a folder holds, sorted by name.
  static func files(in folder: String) throws -> [String] {
    let base = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(base)/\($0)" }
    } catch {
      throw UsageError("cannot read the folder \(folder)")
    }
  }

  /// Makes a folder where there is none.
  static func create(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw UsageError("cannot write \(path): the folder cannot be made")
    }
  }

  /// A path's file name without its folder and its ending.
  static func stem(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
