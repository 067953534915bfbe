extension StateDictionary {
  /// Reads a checkpoint: safetensors, a file of `torch.save` in either form, a TorchScript archive, or a plain pickle.
  /// What it is, is told by its content and not by its name.
  ///
  /// - Parameters:
  ///   - path: The file, the index of shards (`*.index.json`), or a folder with either, see ``CheckpointFolder``. Files stay
  ///     mapped as long as a tensor of them is in use, and must not be changed meanwhile.
  ///   - container: The dotted name of the dictionary of tensors to take (`model_ema`), where the file has several.
  ///     Without it the most likely one is taken, and ``notes`` say which.
  ///   - prefersAverage: Whether of several dictionaries one that holds averages over training steps is taken.
  /// - Throws: ``CheckpointError`` when the file is of no such kind, damaged, hostile, or holds no weights.
  public init(
    contentsOf path: String, container: String? = nil, prefersAverage: Bool = false
  ) throws(CheckpointError) {
    let path = try CheckpointFolder(at: path)?.weights ?? path
    guard ShardIndex.isNamed(path) else {
      try self.init(ByteRegion(contentsOf: path), container: container, prefersAverage: prefersAverage)
      return
    }
    let merged = try ShardIndex(contentsOf: path).merged { (shard) throws(CheckpointError) in
      try Self.asStored(ByteRegion(contentsOf: shard), container: container, prefersAverage: prefersAverage)
    }
    try self.init(cleaning: merged)
  }

  init(_ region: ByteRegion, container: String? = nil, prefersAverage: Bool = false) throws(CheckpointError) {
    try self.init(cleaning: Self.asStored(region, container: container, prefersAverage: prefersAverage))
  }

  /// What a file holds, under its own names.
  private static func asStored(
    _ region: ByteRegion, container: String?, prefersAverage: Bool
  ) throws(CheckpointError) -> StateDictionary {
    if SafetensorsFile.isRecognized(region) && !TorchArchive.isRecognized(region) {
      return StateDictionary(try SafetensorsFile(region), file: region.file)
    }
    return try StateDictionary(try torchFile(region), container: container, prefersAverage: prefersAverage)
  }

  /// Without the counters of trainings and the prefixes of wrappers.
  private init(cleaning stored: StateDictionary) throws(CheckpointError) {
    let weights = stored.withoutTrainingCounters()
    guard weights.names.contains(where: { weights.shape(of: $0)?.count != 0 }) else {
      let reason = weights.withoutEmptyTensors().notes.last.map { "; \($0)" } ?? ""
      throw CheckpointError(file: stored.file, problem: "the file holds no weights\(reason)")
    }
    self = weights.withoutCommonPrefixes()
  }

  private init(_ safetensors: SafetensorsFile, file: String) {
    let entries = safetensors.names.compactMap { name in
      safetensors.tensors[name].map { (name: name, entry: Entry($0)) }
    }
    self.init(
      file: file, entries: entries, metadata: safetensors.metadata,
      notes: safetensors.skipped.map { "key \($0.name.quoted) is skipped: \($0.elementType.quoted) is not read" })
  }

  private init(_ torch: TorchFile, container: String?, prefersAverage: Bool) throws(CheckpointError) {
    let containers = try WeightSearch.containers(of: torch.graph, file: torch.file)
    let chosen = try Self.choose(container, among: containers, of: torch, prefersAverage: prefersAverage)
    var entries: [(name: String, entry: Entry)] = []
    var notes = Self.notes(on: chosen, among: containers)
    for (name, id) in chosen.tensors {
      let tensor = torch.graph.tensors[id]
      if let stored = try torch.storedTensor(tensor, name: name) {
        entries.append((name, Entry(stored)))
      } else {
        notes.append("key \(name.quoted) is skipped: \(tensor.typeName.quoted) is not read")
      }
    }
    self.init(file: torch.file, entries: entries, metadata: PlainValues(of: torch.graph).byName, notes: notes)
  }

  private static func torchFile(_ region: ByteRegion) throws(CheckpointError) -> TorchFile {
    if TorchArchive.isRecognized(region) { return try TorchArchive.open(region) }
    // Every pickle of protocol 2 and later begins with this instruction.
    guard region.byte(at: 0) == PickleOpcode.proto.rawValue else { throw unrecognized(region) }
    let pickle = try Unpickler.load(region)
    guard LegacyTorchFile.isRecognized(firstPickle: pickle, in: region) else {
      return TorchFile(graph: pickle, kind: "pickle", file: region.file) { _ in nil }
    }
    let legacy = try LegacyTorchFile(region)
    return TorchFile(graph: legacy.graph, kind: "PyTorch file before 1.6", file: region.file) { legacy.storages[$0] }
  }

  // MARK: Containers

  private static func choose(
    _ name: String?, among containers: [WeightContainer], of torch: TorchFile, prefersAverage: Bool
  ) throws(CheckpointError) -> WeightContainer {
    guard let best = WeightContainer.best(of: containers, prefersAverage: prefersAverage) else {
      throw noTensors(in: torch)
    }
    guard let name else { return best }
    guard let chosen = containers.first(where: { $0.path.joined(separator: ".") == name }) else {
      let known = containers.prefix(8).map { $0.name.quoted }.joined(separator: ", ")
      throw CheckpointError(
        file: torch.file, problem: "there are no tensors under \(name.quoted); there are under \(known)")
    }
    return chosen
  }

  private static func notes(on chosen: WeightContainer, among containers: [WeightContainer]) -> [String] {
    var notes: [String] = []
    if !chosen.path.isEmpty {
      notes.append("weights taken from \(chosen.name.quoted) (\(chosen.tensors.count) tensors)")
    }
    let others = containers.filter { $0.path != chosen.path && $0.tensors.count * 2 >= chosen.tensors.count }
    for other in others.prefix(4) {
      let advice =
        other.isAverage == chosen.isAverage
        ? "" : chosen.isAverage ? "; without --ema they are taken" : "; --ema takes them"
      notes.append("weights are also in \(other.name.quoted) (\(other.tensors.count) tensors), not used\(advice)")
    }
    return notes
  }

  private static func noTensors(in torch: TorchFile) -> CheckpointError {
    let graph = torch.graph
    let found: String
    if torch.kind == TorchArchive.scriptKind {
      found = "the TorchScript archive has no named parameters; was it frozen? Save the module before torch.jit.freeze"
    } else if case .object(let id) = graph.root, let global = graph.global(graph.objects[id].global) {
      found = "the \(torch.kind) holds a \("\(global.module).\(global.name)".quoted) without parameters"
    } else if let (_, items) = graph.attributes(of: graph.root) {
      let keys = items.prefix(6).compactMap { $0.key.text?.quoted }
      found = "the \(torch.kind) holds no tensors; its keys are: \(keys.joined(separator: ", "))"
    } else {
      found = "the \(torch.kind) holds no tensors"
    }
    return CheckpointError(file: torch.file, problem: found)
  }

  // MARK: Other files

  /// What a file that is no checkpoint seems to be, for those that are often taken for one.
  private static func unrecognized(_ region: ByteRegion) -> CheckpointError {
    let gzip: [UInt8] = [0x1F, 0x8B]
    let kinds: [(offset: Int, beginning: String, hint: String)] = [
      (257, "ustar", "a tar archive: unpack it, or save again what PyTorch before 0.1.10 wrote"),
      (0, "version https://git-lfs", "a pointer of Git LFS: fetch the file itself with 'git lfs pull'"),
      (0, "<", "a web page: download the file again"),
      (1, "HDF", "an HDF5 file, as Keras writes them: export the weights as safetensors"),
      (1, "NUMPY", "a .npy array, not a checkpoint"),
      (0, "{", "JSON text: give the checkpoint itself"),
      (4, "TFL3", "a TensorFlow Lite model: export the weights as safetensors"),
    ]
    let hint =
      region.hasBytes(gzip)
      ? "compressed with gzip: decompress it first"
      : kinds.first { region.hasBytes($0.beginning.utf8, at: $0.offset) }?.hint
    let expected = "a checkpoint is a safetensors file or one that torch.save has written"
    return CheckpointError(
      file: region.file,
      problem: region.count == 0 ? "the file is empty; \(expected)" : "\(hint ?? "not a checkpoint"); \(expected)")
  }
}
