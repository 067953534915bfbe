/// Where in a checkpoint the parameters of known architectures lie: under which prefix, by parameters that they are known by.
struct TrunkSearch {
  /// The names of the checkpoint, in order.
  private let names: [String]
  /// For each parameter that was looked for the prefixes that it has here, with their last dot; the first one first.
  private var prefixes: [String: [String]] = [:]

  /// How many modules may lie around a trunk, and how long a name may be: beyond them nobody named anything.
  private static let (deepest, longest) = (24, 500)

  /// Looks for parameters, under any prefix and none.
  init(_ names: [String], for parameters: Set<String>) {
    self.names = names
    for name in names where name.utf8.count <= Self.longest {
      var rest = name[...]
      for _ in 0..<Self.deepest {
        if parameters.contains(String(rest)) {
          prefixes[String(rest), default: []].append(String(name[..<rest.startIndex]))
        }
        guard let dot = rest.firstIndex(of: ".") else { break }
        rest = rest[rest.index(after: dot)...]
      }
    }
  }

  /// The prefixes under which all of the parameters lie: none of it where that is one, or else the one with the most
  /// parameters first.
  func prefixes(of parameters: [String]) -> [String] {
    guard let first = parameters.first, let candidates = prefixes[first] else { return [] }
    let shared = candidates.filter { prefix in
      parameters.allSatisfy { prefixes[$0]?.contains(prefix) == true }
    }
    if shared.contains("") { return [""] }
    // A trunk is most of a model: a prefix with few names is a block that is named like one.
    let counted = shared.map { prefix in (prefix: prefix, count: names.count { $0.hasPrefix(prefix) }) }
      .filter { $0.count * 5 >= names.count }
    return counted.enumerated().sorted { (-$0.element.count, $0.offset) < (-$1.element.count, $1.offset) }
      .map(\.element.prefix)
  }
}
