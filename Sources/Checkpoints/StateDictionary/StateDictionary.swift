import Tensors

/// The parameters of a model by name, in whatever kind of file they came. Tensors are read when they are asked for.
///
/// The keys are cleaned: a prefix that all of them share (`module.`, `model.`, ...) and counters of training steps are
/// gone.
public struct StateDictionary: Sendable {
  /// A tensor that can be had.
  public struct Entry: Sendable {
    /// What ``StateDictionary/tensor(_:checkingFinite:)`` will give.
    public let shape: Shape
    /// How the file stores the elements.
    public let elementType: ElementType
    let load: @Sendable () throws(CheckpointError) -> Tensor

    init(_ stored: StoredTensor) {
      shape = stored.shape
      elementType = stored.elementType
      load = { () throws(CheckpointError) in stored.tensor() }
    }

    init(
      shape: Shape, elementType: ElementType = .float32, load: @escaping @Sendable () throws(CheckpointError) -> Tensor
    ) {
      self.shape = shape
      self.elementType = elementType
      self.load = load
    }
  }

  /// The file, or an empty text for tensors that never were in one.
  public let file: String
  /// The keys in the order of the file.
  public private(set) var names: [String]
  /// The tensors by key.
  public private(set) var entries: [String: Entry]
  /// What stands beside the weights: the strings of a safetensors file; of a pickle the plain numbers and short texts
  /// (`epoch`, `arch`, `args.model`).
  public internal(set) var metadata: [String: String]
  /// What was decided on reading, for the user: which container was taken, which prefix was removed, what was skipped.
  public internal(set) var notes: [String]

  /// Entries in order; of those with the same name the last one counts.
  init(
    file: String, entries: [(name: String, entry: Entry)], metadata: [String: String] = [:], notes: [String] = []
  ) {
    self.file = file
    self.entries = Dictionary(entries.map { ($0.name, $0.entry) }) { _, last in last }
    var seen: Set<String> = []
    names = entries.map(\.name).filter { seen.insert($0).inserted }
    self.metadata = metadata
    self.notes = notes
  }

  /// The given tensors, in alphabetical order.
  public init(tensors: [String: Tensor]) {
    let entries = tensors.sorted { $0.key < $1.key }.map { name, tensor in
      (name: name, entry: Entry(shape: tensor.shape) { () throws(CheckpointError) in tensor })
    }
    self.init(file: "", entries: entries)
  }

  /// Says something that was decided on reading, for the user.
  public mutating func note(_ text: String) {
    notes.append(text)
  }

  /// The number of tensors.
  public var count: Int { names.count }

  /// The shape of a tensor, or nil when there is none of that name.
  public func shape(of name: String) -> Shape? { entries[name]?.shape }

  /// The values of a tensor.
  ///
  /// - Parameter checkingFinite: Whether a value that is NaN or infinite is an error. The check reads all values once,
  ///   at the speed of memory.
  /// - Throws: ``CheckpointError`` when there is no such key, or a value is not finite.
  public func tensor(_ name: String, checkingFinite: Bool = true) throws(CheckpointError) -> Tensor {
    guard let entry = entries[name] else { throw error("there is no key \(name.quoted)") }
    let tensor = try entry.load()
    guard tensor.shape == entry.shape else {
      throw error("key \(name.quoted): \(entry.shape) was expected and \(tensor.shape) was made")
    }
    if checkingFinite { try checkFinite(tensor, name: name) }
    return tensor
  }

  /// Reads all tensors and throws when a value is NaN or infinite.
  public func validateFinite() throws(CheckpointError) {
    for name in names { _ = try tensor(name) }
  }

  private func checkFinite(_ tensor: Tensor, name: String) throws(CheckpointError) {
    guard let index = tensor.firstNonFiniteIndex() else { return }
    let isNaN = tensor.withScalars { $0[index].isNaN }
    throw error(
      "key \(name.quoted): \(isNaN ? "NaN" : "an infinite value") at index \(index) of \(tensor.shape); "
        + "the training has diverged or the file is damaged")
  }

  private func error(_ problem: String) -> CheckpointError { CheckpointError(file: file, problem: problem) }
}

// MARK: Other keys

extension StateDictionary {
  /// The same tensors under the names that a table gives them; keys that no rule matches keep theirs.
  ///
  /// - Throws: ``CheckpointError`` when two keys would get the same name.
  public func renamed(_ map: KeyMap) throws(CheckpointError) -> StateDictionary {
    try renamed { map.applied(to: $0) ?? $0 }
  }

  /// The same tensors under other names.
  ///
  /// - Throws: ``CheckpointError`` when two keys would get the same name.
  public func renamed(_ name: (String) -> String) throws(CheckpointError) -> StateDictionary {
    var origins: [String: String] = [:]
    var renamed: [(name: String, entry: Entry)] = []
    for old in names {
      guard let entry = entries[old] else { continue }
      let new = name(old)
      if let other = origins.updateValue(old, forKey: new) {
        throw error("keys \(other.quoted) and \(old.quoted) are both renamed to \(new.quoted)")
      }
      renamed.append((new, entry))
    }
    return StateDictionary(file: file, entries: renamed, metadata: metadata, notes: notes)
  }

  /// Without the keys for which the condition holds.
  public func removing(where condition: (String) -> Bool) -> StateDictionary {
    let kept = names.compactMap { name in condition(name) ? nil : entries[name].map { (name: name, entry: $0) } }
    return StateDictionary(file: file, entries: kept, metadata: metadata, notes: notes)
  }

  /// Adds a tensor that is computed from others when it is asked for, as when a dialect stores the same weights split,
  /// joined or transposed. It replaces a tensor of the same name.
  ///
  /// - Parameters:
  ///   - sources: The keys of the tensors that `compute` is given, in that order. They stay; see ``removing(where:)``.
  ///   - shape: The shape of what `compute` gives.
  /// - Throws: ``CheckpointError`` when a source is missing.
  public mutating func derive(
    _ name: String, shape: Shape, from sources: [String], compute: @escaping @Sendable ([Tensor]) -> Tensor
  ) throws(CheckpointError) {
    var sourceEntries: [Entry] = []
    for source in sources {
      guard let entry = entries[source] else {
        throw error("key \(name.quoted) is computed from \(source.quoted), which is missing")
      }
      sourceEntries.append(entry)
    }
    let operands = sourceEntries
    if entries[name] == nil { names.append(name) }
    entries[name] = Entry(shape: shape) { () throws(CheckpointError) in
      var tensors: [Tensor] = []
      for operand in operands { tensors.append(try operand.load()) }
      return compute(tensors)
    }
  }
}
