/// The index of weights that are spread over several files: which file each tensor lies in.
struct ShardIndex {
  /// The files, each once, in alphabetical order.
  let shards: [String]
  /// The file of each tensor.
  private let places: [String: String]
  private let path: String
  /// The folder of the index with a slash, or nothing.
  private let prefix: String

  /// More files than any model is cut into.
  private static let mostShards = 1000

  /// Whether a path is named like an index.
  static func isNamed(_ path: String) -> Bool { path.hasSuffix(".index.json") }

  /// Reads an index.
  ///
  /// - Throws: ``CheckpointError`` where it is none, or names a file that does not lie beside it.
  init(contentsOf path: String) throws(CheckpointError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    let prefix = parts.count > 1 ? folder + "/" : ""
    let region = try ByteRegion(contentsOf: path)
    guard region.count <= CheckpointFolder.largestConfiguration,
      case .object(let entries)? = JSONValue(parsing: region.withBytes { Array($0) }),
      case .object(let map)? = entries["weight_map"], !map.isEmpty
    else { throw CheckpointError(file: path, problem: "expected an index of shards with a weight_map") }
    var places: [String: String] = [:]
    for (name, value) in map {
      guard case .string(let file) = value else {
        throw CheckpointError(file: path, problem: "weight_map: expected the name of a file for \(name.quoted)")
      }
      guard !file.contains("/"), !file.contains("\\"), !file.hasPrefix("."), !file.isEmpty else {
        throw CheckpointError(
          file: path, problem: "weight_map: \(file.quoted) does not lie in the folder of the index, and is not read")
      }
      places[name] = file
    }
    shards = Set(places.values).sorted()
    guard shards.count <= Self.mostShards else {
      throw CheckpointError(file: path, problem: "expected at most \(Self.mostShards) shards, found \(shards.count)")
    }
    self.places = places
    self.path = path
    self.prefix = prefix
  }

  /// The tensors of all shards.
  ///
  /// - Parameter read: reads the tensors of one file.
  /// - Throws: ``CheckpointError`` where a file, or a tensor of one, is missing.
  func merged(
    _ read: (String) throws(CheckpointError) -> StateDictionary
  ) throws(CheckpointError) -> StateDictionary {
    var entries: [(name: String, entry: StateDictionary.Entry)] = []
    var notes: [String] = []
    for (number, shard) in shards.enumerated() {
      let part: StateDictionary
      do { part = try read(prefix + shard) } catch {
        throw CheckpointError(
          file: path,
          problem: "shard \(number + 1) of \(shards.count), \(shard.quoted), cannot be read: \(error.problem)")
      }
      for name in part.names where places[name] == shard {
        if let entry = part.entries[name] { entries.append((name, entry)) }
      }
      notes += part.notes
    }
    let found = Set(entries.map(\.name))
    // Tensors of types that are not read are told of by the shard's notes.
    if notes.isEmpty, let missing = places.keys.sorted().first(where: { !found.contains($0) }) {
      throw CheckpointError(
        file: path, problem: "key \(missing.quoted) is not in \((places[missing] ?? "").quoted), where the index has it"
      )
    }
    return StateDictionary(
      file: path, entries: entries, notes: notes + ["read from \(shards.count) shards"])
  }
}
