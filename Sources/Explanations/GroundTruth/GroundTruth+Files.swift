import Images

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension GroundTruth {
  /// Reads, or gets ready to read, the objects at a path, see the table at ``GroundTruth``.
  ///
  /// - Throws: ``GroundTruthError`` where it is none of these.
  public init(contentsOf path: String) throws {
    let files = try Self.files(at: path)
    if files == [path], Self.ending(of: path) == "json" {
      self = try .json(at: path)
    } else if files.contains(where: { Self.ending(of: $0) == "xml" }) {
      self = .pascalVOC(files: files)
    } else if files.contains(where: { Self.ending(of: $0) == "png" }) {
      self = .masks(files: files)
    } else {
      throw GroundTruthError(
        path, "expected COCO's JSON, a list of scenes (.json), or a folder of Pascal VOC's .xml or of mask .png files")
    }
  }

  /// A JSON file: COCO's, which has annotations, or a list of scenes.
  private static func json(at path: String) throws -> GroundTruth {
    let data = try contents(of: path)
    struct Kind: Decodable {
      let scenes, annotations: [Nothing]?

      /// Any value, of which nothing is read.
      struct Nothing: Decodable {
        init(from decoder: any Decoder) {}
      }
    }
    do {
      let kind = try JSONDecoder().decode(Kind.self, from: data)
      if kind.scenes != nil { return sceneList(try JSONDecoder().decode(SceneList.self, from: data), path: path) }
      if kind.annotations != nil { return coco(try JSONDecoder().decode(COCO.self, from: data), path: path) }
    } catch {
      throw GroundTruthError(path, "not the JSON that was expected: \(problem(error))")
    }
    throw GroundTruthError(path, "expected COCO's instances (\"annotations\") or a list of scenes (\"scenes\")")
  }

  /// What a decoder stumbled over, in one line.
  private static func problem(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    let context: DecodingError.Context? =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
        .dataCorrupted(let context):
        context
      @unknown default: nil
      }
    let place = context?.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") ?? ""
    return (place.isEmpty ? "" : "at \(place): ") + (context?.debugDescription ?? "it cannot be read")
  }

  static func contents(of path: String) throws -> Data {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw GroundTruthError(path, "cannot be read")
    }
    return data
  }

  /// A folder's files, sorted by name, or the path itself where it is a file.
  private static func files(at path: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { throw GroundTruthError(path, "no such file or folder") }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return [path] }
    let base = path.hasSuffix("/") ? String(path.dropLast()) : path
    return names.sorted().map { "\(base)/\($0)" }
  }

  /// What stands behind a path's last slash.
  static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// A path's file name without its ending.
  static func stem(of path: String) -> String {
    let name = name(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// What stands behind the last dot of a path's file name, in lower case; empty where there is none.
  static func ending(of path: String) -> String {
    let name = name(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// The folder of a file, with a slash at its end; empty where it has none.
  static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }
}
