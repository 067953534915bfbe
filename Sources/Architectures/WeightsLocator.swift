#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where weights are looked for by a model's name.
public struct WeightsLocator: Sendable {
  /// The folders, best first.
  public let folders: [String]

  /// The endings that a checkpoint may have, best first.
  public static let endings = ["safetensors", "pth", "pt", "pkl", "bin", "th"]

  /// `Weights/` here, then what `VITCAM_WEIGHTS` names (folders with colons between them), then the user's cache.
  public init() {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    var folders = ["Weights"]
    folders += (variable("VITCAM_WEIGHTS") ?? "").split(separator: ":").map(String.init)
    if let cache = variable("XDG_CACHE_HOME") ?? variable("HOME").map({ $0 + "/.cache" }) {
      folders.append(cache + "/vitcam")
    }
    self.init(folders: folders)
  }

  /// Only the given folders.
  public init(folders: [String]) {
    self.folders = folders
  }

  /// The checkpoint of a model.
  ///
  /// - Throws: ``WeightsError`` with the folders, where there is none.
  public func path(for name: String) throws(WeightsError) -> String {
    for folder in folders {
      for ending in Self.endings {
        let path = "\(folder)/\(name).\(ending)"
        if access(path, R_OK) == 0 { return path }
      }
    }
    throw WeightsError(
      "weights of \(name): not found as \(name).{\(Self.endings.joined(separator: ","))} in "
        + "\(folders.joined(separator: ", ")); name them with --weights FILE")
  }
}

/// Weights that cannot be found or recognised.
public struct WeightsError: Error, Equatable, CustomStringConvertible {
  /// One line: what was looked for, where, and what to try.
  public let description: String

  /// An error of one line.
  public init(_ description: String) {
    self.description = description
  }
}
