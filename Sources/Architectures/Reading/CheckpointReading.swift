import Checkpoints
import LayerGraph
import Tensors

/// A checkpoint as an architecture reads it: under the architecture's own names.
struct CheckpointReading {
  /// The weights; what lies beside the trunk, such as a head of one's own, keeps its names.
  var weights: StateDictionary
  /// Whose names they had, nil where they were the architecture's.
  var dialect: Dialect?
  /// The names in the file of those that were renamed.
  var origins: [String: String] = [:]

  /// What became of a name that two parts of the file would have.
  static let outerScope = "wrapper."

  /// The parameters of a trunk without its prefix, renamed by a dialect.
  ///
  /// - Parameters:
  ///   - checkpoint: the checkpoint.
  ///   - prefixes: where the trunk lies, and where it lies as well and is not taken.
  ///   - dialect: whose names the trunk's are; nil for the architecture's.
  init(_ checkpoint: StateDictionary, prefixes: [String], dialect: Dialect?) throws(CheckpointError) {
    let prefix = prefixes.first ?? ""
    let twins = prefixes.dropFirst().filter { !prefix.hasPrefix($0) && !$0.hasPrefix(prefix) }
    let taken = twins.isEmpty ? checkpoint : checkpoint.removing { name in twins.contains { name.hasPrefix($0) } }
    var names: [String: String] = [:]
    for name in taken.names where name.hasPrefix(prefix) {
      let inner = String(name.dropFirst(prefix.count))
      names[name] = dialect?.keys.applied(to: inner) ?? inner
    }
    let inside = Set(names.values)
    let outside = taken.names.filter { names[$0] == nil }
    let collides = outside.contains(where: inside.contains)
    for name in outside { names[name] = collides ? Self.outerScope + name : name }
    weights = try taken.renamed { names[$0] ?? $0 }
    self.dialect = dialect
    if let dialect { weights = try weights.adapted(from: dialect) }
    for (old, new) in names where old != new { origins[new] = old }
    if !prefix.isEmpty { weights.note("the model lies under \(prefix.quotedName)") }
    for twin in twins { weights.note("the same model lies under \(twin.quotedName) as well, which is not taken") }
  }

  /// The checkpoint as it is.
  init(_ checkpoint: StateDictionary) {
    weights = checkpoint
  }
}

extension String {
  /// The text between quotes, fit for one line.
  var quotedName: String { "'\(printable)'" }
}

extension StateDictionary {
  /// Under our names already: without what training alone needs, and with joined what a dialect keeps apart.
  fileprivate func adapted(from dialect: Dialect) throws(CheckpointError) -> StateDictionary {
    var result = self
    for name in dialect.unneeded where entries[name] != nil {
      result = result.removing { $0 == name }
      result.note("\(name) is left out: training alone needs it")
    }
    for modules in dialect.joined { result = try result.joining(modules.parts, as: modules.name) }
    return result
  }
}

extension Architecture {
  /// How this architecture reads a checkpoint: where its trunk lies, and in whose names.
  ///
  /// - Throws: `CheckpointError` where two keys would get the same name.
  func reading(of checkpoint: StateDictionary) throws -> CheckpointReading {
    let checkpoint = checkpoint.withoutEmptyTensors()
    return try reading(of: checkpoint, TrunkSearch(checkpoint.names, for: signatures)).withoutBuffersOfTraining()
  }

  /// The same, where the search is done already, and without empty tensors.
  func reading(of checkpoint: StateDictionary, _ search: TrunkSearch) throws -> CheckpointReading {
    for dialect in dialects {
      let prefixes = search.prefixes(of: [dialect.signature])
      if !prefixes.isEmpty { return try CheckpointReading(checkpoint, prefixes: prefixes, dialect: dialect) }
    }
    let prefixes = search.prefixes(of: Self.landmarks)
    guard let prefix = prefixes.first, !prefix.isEmpty else { return CheckpointReading(checkpoint) }
    return try CheckpointReading(checkpoint, prefixes: prefixes, dialect: nil)
  }

  /// The parameters by which it is found in a checkpoint, in all dialects.
  var signatures: Set<String> { Set(Self.landmarks + dialects.map(\.signature)) }

  /// Whether a checkpoint has at least those parameters by which it is found.
  func isFound(by search: TrunkSearch) -> Bool {
    !search.prefixes(of: Self.landmarks).isEmpty
      || dialects.contains { !search.prefixes(of: [$0.signature]).isEmpty }
  }
}
