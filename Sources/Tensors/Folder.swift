#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Files and folders by their paths.
public enum Folder {
  /// Whether a path names a folder that exists.
  public static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    #if canImport(Darwin)
      var flag: ObjCBool = false
      isFolder = FileManager.default.fileExists(atPath: path, isDirectory: &flag) && flag.boolValue
    #else
      isFolder = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    #endif
    return isFolder
  }
}
