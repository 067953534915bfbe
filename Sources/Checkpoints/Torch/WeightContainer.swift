/// A dictionary of tensors, or a pickled module, somewhere in a pickle: what may be the weights of a model.
struct WeightContainer {
  /// The keys that lead to it from the top.
  let path: [String]
  /// Names and places in ``PickleGraph/tensors``, in the order of the file.
  let tensors: [(name: String, tensor: Int)]

  /// The path with dots, for messages.
  var name: String { path.isEmpty ? "the top level" : path.joined(separator: ".") }

  /// Whether these are averages of the weights over training steps.
  var isAverage: Bool {
    path.contains { key in
      let words = key.lowercased().split { "_-. ".contains($0) }
      return words.contains { ["ema", "swa", "avg", "average", "averaged"].contains($0) }
    }
  }

  /// The place of the last key of the path among the usual names of weights; a small number is more usual.
  private var rarity: Int {
    guard let key = path.last else { return 0 }
    return Self.usualNames.firstIndex(of: key) ?? Self.usualNames.count
  }

  private static let usualNames = [
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "params", "weights",
  ]

  /// The weights among several containers: plain ones before averages; then the one with the most tensors, the more
  /// usual name, the earlier one. Averages are taken when nothing else has at least half as many tensors.
  ///
  /// - Parameter prefersAverage: Whether averages come before plain ones.
  static func best(of containers: [WeightContainer], prefersAverage: Bool = false) -> WeightContainer? {
    func best(_ candidates: [WeightContainer]) -> WeightContainer? {
      candidates.enumerated().min { first, second in
        (-first.element.tensors.count, first.element.rarity, first.offset)
          < (-second.element.tensors.count, second.element.rarity, second.offset)
      }?.element
    }
    let plain = best(containers.filter { !$0.isAverage })
    let average = best(containers.filter(\.isAverage))
    guard let plain, let average else { return plain ?? average }
    guard !prefersAverage else { return average }
    return plain.tensors.count * 2 >= average.tensors.count ? plain : average
  }
}

/// Finds the ``WeightContainer``s of a pickle.
struct WeightSearch {
  private let graph: PickleGraph
  private let file: String
  private var containers: [WeightContainer] = []
  private var visited: Set<Int> = []
  /// How many values, and bytes of names, may still be looked at: a small file can describe a graph with billions of paths.
  private var remaining = 2_000_000

  private static let deepestContainer = 6
  private static let deepestModule = 100
  private static let longestName = 2000

  /// All containers of a pickle, in the order in which they are met.
  ///
  /// - Throws: ``CheckpointError`` when the modules of a pickle are nested without end.
  static func containers(of graph: PickleGraph, file: String) throws(CheckpointError) -> [WeightContainer] {
    var search = WeightSearch(graph: graph, file: file)
    try search.visit(graph.root, path: [])
    return search.containers
  }

  private init(graph: PickleGraph, file: String) {
    self.graph = graph
    self.file = file
  }

  private mutating func spend(_ amount: Int) throws(CheckpointError) {
    remaining -= amount
    guard remaining >= 0 else {
      throw CheckpointError(file: file, problem: "the pickle leads in circles or is too large for a model")
    }
  }

  /// Looks for containers in a value and in what it holds.
  private mutating func visit(_ value: PickleValue, path: [String]) throws(CheckpointError) {
    guard path.count <= Self.deepestContainer else { return }
    if let members = try gatheredMembers(of: value) {
      var tensors: [(name: String, tensor: Int)] = []
      try collect(members, name: "", depth: 0, into: &tensors)
      try add(tensors, path: path)
      return
    }
    switch value {
    case .tuple(let id), .list(let id):
      guard visited.insert(id << 1).inserted else { return }
      for (index, element) in graph.sequences[id].prefix(100).enumerated() {
        try visit(element, path: path + [String(index)])
      }
    default:
      guard let (id, items) = graph.attributes(of: value), visited.insert(id << 1 | 1).inserted else { return }
      try visitItems(items, path: path)
    }
  }

  private mutating func visitItems(_ items: [PickleItem], path: [String]) throws(CheckpointError) {
    try spend(items.count)
    var tensors: [(name: String, tensor: Int)] = []
    for item in items {
      guard case .string(let key) = item.key, key.utf8.count <= Self.longestName else { continue }
      switch item.value {
      case .tensor(let id): tensors.append((key, id))
      case .tuple, .list, .dictionary, .object:
        try spend(key.utf8.count)
        if !Self.isTrainingState(key) { try visit(item.value, path: path + [key]) }
      default: break
      }
    }
    try add(tensors, path: path)
  }

  private mutating func add(_ tensors: [(name: String, tensor: Int)], path: [String]) throws(CheckpointError) {
    guard !tensors.isEmpty else { return }
    // What looks for averages among the containers reads all keys of each path.
    try spend(path.reduce(0) { $0 + $1.utf8.count })
    containers.append(WeightContainer(path: path, tensors: tensors))
  }

  /// What a module holds, or nil where a value is none; paid for before it is gathered.
  private mutating func gatheredMembers(of value: PickleValue) throws(CheckpointError) -> [PickleItem]? {
    try spend(1 + graph.attributeCount(of: value))
    try spend(graph.memberCount(of: value))
    return graph.moduleMembers(of: value)
  }

  /// The tensors of a module and of the modules in it, under dotted names.
  private mutating func collect(
    _ members: [PickleItem], name: String, depth: Int, into tensors: inout [(name: String, tensor: Int)]
  ) throws(CheckpointError) {
    try spend(members.count + 1)
    guard depth <= Self.deepestModule, name.utf8.count <= Self.longestName else {
      throw CheckpointError(file: file, problem: "the modules of the pickled model are nested too deeply")
    }
    for member in members {
      guard case .string(let key) = member.key else { continue }
      switch member.value {
      case .tensor(let id):
        try spend(name.utf8.count + key.utf8.count)
        tensors.append((name.isEmpty ? key : "\(name).\(key)", id))
      case .object:
        guard let inner = try gatheredMembers(of: member.value) else { continue }
        try spend(name.utf8.count + key.utf8.count)
        try collect(inner, name: name.isEmpty ? key : "\(name).\(key)", depth: depth + 1, into: &tensors)
      default: break
      }
    }
  }

  /// Whether a key leads to what a training program keeps for itself.
  private static func isTrainingState(_ key: String) -> Bool {
    let key = key.lowercased()
    return ["optim", "scheduler", "scaler", "callbacks"].contains { key.contains($0) }
  }
}
