/// The few calls in a checkpoint that mean something to us.
private enum KnownCall {
  /// `_rebuild_tensor_v2(storage, offset, size, stride, ...)` and its predecessor.
  case tensor
  /// `_rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype, ...)`, for types without a storage
  /// class.
  case tensorOfType
  /// `_rebuild_from_type_v2(function, type, arguments, state)`, for subclasses of tensors.
  case tensorSubclass
  /// The value is the first argument.
  case wrapper
  /// `_load_from_bytes(bytes)`: a storage in a PyTorch file of its own.
  case embeddedStorage
  case dictionary, tuple, list, set
  /// `_reconstructor(class, base, state)` and `__newobj__(class, ...)`: a value of the class.
  case newObject

  static let byName: [PickleGlobal: KnownCall] = {
    let names: [(KnownCall, module: String, names: [String])] = [
      (.tensor, "torch._utils", ["_rebuild_tensor", "_rebuild_tensor_v2"]),
      (.tensorOfType, "torch._utils", ["_rebuild_tensor_v3"]),
      (.tensorSubclass, "torch._tensor", ["_rebuild_from_type", "_rebuild_from_type_v2"]),
      (
        .wrapper, "torch._utils",
        ["_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_device_tensor_from_cpu_tensor"]
      ),
      (.wrapper, "torch.nn.parameter", ["Parameter", "Buffer"]),
      (.wrapper, "torch.autograd.variable", ["Variable"]),
      (.wrapper, "torch", ["Size"]),
      (
        .wrapper, "torch.jit._pickle",
        ["build_intlist", "build_tensorlist", "build_doublelist", "build_boollist", "restore_type_tag"]
      ),
      (.embeddedStorage, "torch.storage", ["_load_from_bytes"]),
      (.dictionary, "collections", ["OrderedDict", "defaultdict", "Counter"]),
      (.newObject, "copyreg", ["_reconstructor", "__newobj__"]),
      (.newObject, "copy_reg", ["_reconstructor", "__newobj__"]),
    ]
    var calls: [PickleGlobal: KnownCall] = [:]
    for (call, module, names) in names {
      for name in names { calls[PickleGlobal(module: module, name: name)] = call }
    }
    for module in ["builtins", "__builtin__"] {
      calls[PickleGlobal(module: module, name: "dict")] = .dictionary
      calls[PickleGlobal(module: module, name: "tuple")] = .tuple
      calls[PickleGlobal(module: module, name: "list")] = .list
      calls[PickleGlobal(module: module, name: "set")] = .set
      calls[PickleGlobal(module: module, name: "frozenset")] = .set
    }
    return calls
  }()
}

extension Unpickler {
  /// What a call would have given, for the calls that are known; otherwise an object that remembers it.
  mutating func result(
    ofCalling callee: PickleValue, arguments: PickleValue
  ) throws(CheckpointError) -> PickleValue {
    let opaque = PickleObject(global: callee, arguments: arguments)
    guard let global = graph.global(callee), let call = KnownCall.byName[global],
      let values = graph.elements(of: arguments)
    else { return graph.add(opaque) }
    switch call {
    case .tensor, .tensorOfType:
      return tensor(values, typeAt: call == .tensorOfType ? 6 : nil) ?? graph.add(opaque)
    case .tensorSubclass:
      // Only a direct tensor call below: a call that contains itself must not recurse.
      guard values.count >= 3, let inner = graph.global(values[0]).flatMap({ KnownCall.byName[$0] }),
        inner == .tensor || inner == .tensorOfType, let innerValues = graph.elements(of: values[2])
      else { return graph.add(opaque) }
      return tensor(innerValues, typeAt: inner == .tensorOfType ? 6 : nil) ?? graph.add(opaque)
    case .wrapper:
      return values.first ?? graph.add(opaque)
    case .embeddedStorage:
      return try embeddedStorage(values) ?? graph.add(opaque)
    case .dictionary:
      return graph.add(items: try copiedItems(values))
    case .tuple, .list, .set:
      return sequence(values, as: call)
    case .newObject:
      return graph.add(PickleObject(global: values.first ?? callee, arguments: arguments))
    }
  }

  /// What a persistent identifier stands for: `('storage', class, key, location, count[, view])` is a storage,
  /// `('module', class, file, source)` is the class.
  mutating func persistentValue(_ identifier: PickleValue) -> PickleValue {
    guard let fields = graph.elements(of: identifier), fields.count >= 2, case .string(let kind) = fields[0] else {
      return .none
    }
    if kind == "module" { return fields[1] }
    guard kind == "storage", fields.count >= 5, let type = graph.global(fields[1]) else { return .none }
    let key: String
    switch fields[2] {
    case .string(let text): key = text
    case .integer(let number): key = String(number)
    default: return .none
    }
    var storage = PickleStorage(origin: .key(key), typeName: type.name)
    if fields.count >= 6, let view = graph.elements(of: fields[5]), view.count == 3 {
      guard case .integer(let start) = view[1], case .integer(let count) = view[2], start >= 0, count >= 0,
        count <= Int.max - start
      else { return .none }
      storage.view = start..<start + count
    }
    return graph.add(storage)
  }

  private mutating func tensor(_ values: [PickleValue], typeAt typeIndex: Int?) -> PickleValue? {
    let mostAxes = 64
    guard values.count > typeIndex ?? 3, case .storage(let storage) = values[0], case .integer(let offset) = values[1],
      let extents = graph.integers(of: values[2], limit: mostAxes),
      let strides = graph.integers(of: values[3], limit: mostAxes)
    else { return nil }
    var typeName = graph.storages[storage].typeName
    var elementType = ElementType(torchStorageName: typeName)
    if let typeIndex {
      guard let type = graph.global(values[typeIndex]), type.module == "torch" else { return nil }
      typeName = type.name
      elementType = ElementType(torchName: typeName)
    }
    return graph.add(
      PickleTensor(
        storage: storage, elementType: elementType, typeName: typeName, offset: offset, extents: extents,
        strides: strides))
  }

  private mutating func embeddedStorage(_ values: [PickleValue]) throws(CheckpointError) -> PickleValue? {
    guard allowsEmbeddedFiles, case .bytes(let range) = values.first,
      let region = reader.region.subregion(at: range.lowerBound, count: range.count)
    else { return nil }
    // An embedded file spends from the budget of the one around it.
    let (storage, spent) = try LegacyTorchFile.embeddedStorage(in: region, work: work)
    try spend(spent)
    return storage.map { graph.add($0) }
  }

  /// The items of the first argument that is a dictionary or a list of pairs.
  private mutating func copiedItems(_ values: [PickleValue]) throws(CheckpointError) -> [PickleItem] {
    for value in values {
      if case .dictionary(let id) = value {
        try spend(graph.dictionaries[id].count)
        return graph.dictionaries[id]
      }
      guard let pairs = graph.elements(of: value) else { continue }
      try spend(pairs.count)
      return pairs.compactMap { pair in
        guard let pair = graph.elements(of: pair), pair.count == 2 else { return nil }
        return PickleItem(key: pair[0], value: pair[1])
      }
    }
    return []
  }

  /// A tuple, list or set of the elements of the first argument. The elements are shared, not copied: whoever appends
  /// to one of two equal lists later does not write checkpoints.
  private mutating func sequence(_ values: [PickleValue], as call: KnownCall) -> PickleValue {
    let id: Int
    switch values.first {
    case .tuple(let shared), .list(let shared), .set(let shared): id = shared
    default: id = graph.add(elements: [])
    }
    switch call {
    case .tuple: return .tuple(id)
    case .list: return .list(id)
    default: return .set(id)
    }
  }
}
