import Tensors
import Images

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Paths with `*`, `?` and `[...]`, as the shell understands them: for lists that are too long for a command line.
enum GlobPattern {
  /// Whether a path that names no file, and no page of one, is a pattern.
  static func isPattern(_ path: String) -> Bool {
    !Folder.isTaken(PicturePath(path).file) && path.contains { "*?[".contains($0) }
  }

  /// The paths that a pattern matches, by name.
  static func matches(_ pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, GLOB_NOSORT, nil, &result) == 0 else { return [] }
    return (0..<Int(result.gl_pathc)).compactMap { result.gl_pathv?[$0].map { String(cString: $0) } }.sorted()
  }
}
