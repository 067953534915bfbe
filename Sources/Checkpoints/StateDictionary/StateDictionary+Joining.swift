import Tensors

extension StateDictionary {
  /// The same tensors, where those of modules side by side are joined along their first axis to those of one module:
  /// `attn.query`, `attn.key` and `attn.value` become `attn.qkv`. Where only some of the modules have a bias, it is 0 for the
  /// others.
  ///
  /// - Parameters:
  ///   - parts: the names of the modules, in order.
  ///   - name: the name of the module that they become.
  /// - Throws: ``CheckpointError`` where tensors that belong together do not fit.
  public func joining(_ parts: [String], as name: String) throws(CheckpointError) -> StateDictionary {
    var groups: [String: [String: String]] = [:]
    for key in names {
      let path = key.split(separator: ".", omittingEmptySubsequences: false)
      guard path.count >= 2, parts.contains(String(path[path.count - 2])) else { continue }
      let owner = path.dropLast(2).map { $0 + "." }.joined()
      groups["\(owner)\(name).\(path[path.count - 1])", default: [:]][String(path[path.count - 2])] = key
    }
    var result = self
    for (joined, keys) in groups.sorted(by: { $0.key < $1.key }) {
      // As many rows as the weight beside a missing bias has.
      let weights = groups[joined.split(separator: ".").dropLast().joined(separator: ".") + ".weight"] ?? keys
      let rows = parts.compactMap { part in (keys[part] ?? weights[part]).flatMap { shape(of: $0)?.extents.first } }
      guard rows.count == parts.count else { continue }
      try result.join(parts.map { keys[$0] }, rows: rows, as: joined)
    }
    let taken = Set(groups.filter { result.entries[$0.key] != nil }.values.flatMap(\.values))
    return result.removing { taken.contains($0) }
  }

  /// Adds the rows of several tensors as one; those of a missing one are 0.
  private mutating func join(_ keys: [String?], rows: [Int], as name: String) throws(CheckpointError) {
    let present = keys.compactMap { $0 }
    let rest = present.compactMap { shape(of: $0)?.extents.dropFirst() }
    guard let first = rest.first, rest.allSatisfy({ $0 == first }) else {
      throw CheckpointError(
        file: file, problem: "keys \(present.map(\.quoted).joined(separator: ", ")): expected shapes that can be joined"
      )
    }
    let row = first.reduce(1, *)
    let joined = Shape([rows.reduce(0, +)] + first)
    let isPresent = keys.map { $0 != nil }
    let sizes = rows.map { $0 * row }
    try derive(name, shape: joined, from: present) { tensors in
      Tensor(unfilled: joined) { result in
        var rest = tensors[...]
        var start = 0
        for (size, isPresent) in zip(sizes, isPresent) {
          if isPresent, let tensor = rest.popFirst() {
            tensor.withScalars { (result.base + start).update(from: $0.base, count: min(size, $0.count)) }
          } else {
            (result.base + start).update(repeating: 0, count: size)
          }
          start += size
        }
      }
    }
  }
}
