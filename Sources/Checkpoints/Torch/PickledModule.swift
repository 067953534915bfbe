extension PickleGraph {
  /// The parameters, buffers and modules that a pickled module holds by name, or nil when a value is no module.
  ///
  /// A module of Python keeps them in the attributes `_parameters`, `_buffers` and `_modules`, of which its state
  /// dictionary leaves out what `_non_persistent_buffers_set` names; one of TorchScript, whose classes are called
  /// `__torch__...`, has them as attributes.
  func moduleMembers(of value: PickleValue) -> [PickleItem]? {
    guard case .object(let id) = value, let (_, attributes) = attributes(of: value) else { return nil }
    if let global = global(objects[id].global), global.module == "__torch__" || global.module.hasPrefix("__torch__.") {
      return attributes
    }
    let parts = moduleParts(among: attributes)
    guard !parts.dictionaries.isEmpty else { return nil }
    let members = parts.dictionaries.flatMap { dictionaries[$0] }
    let transient = Set(parts.transient.map { sequences[$0].compactMap(\.text) } ?? [])
    return transient.isEmpty ? members : members.filter { !transient.contains($0.key.text ?? "") }
  }

  /// The dictionaries of a module's parameters, buffers and modules, and the set of names that are left out. As in Python,
  /// of an attribute that is there twice the last one counts.
  private func moduleParts(among attributes: [PickleItem]) -> (dictionaries: [Int], transient: Int?) {
    var found: [String: Int] = [:]
    var transient: Int?
    for attribute in attributes {
      switch (attribute.key.text, attribute.value) {
      case ("_parameters"?, .dictionary(let id)), ("_buffers"?, .dictionary(let id)),
        ("_modules"?, .dictionary(let id)):
        attribute.key.text.map { found[$0] = id }
      case ("_non_persistent_buffers_set"?, .set(let id)): transient = id
      default: break
      }
    }
    return (["_parameters", "_buffers", "_modules"].compactMap { found[$0] }, transient)
  }

  /// How many items ``moduleMembers(of:)`` copies. Looking at the attributes is not counted: see ``attributeCount(of:)``.
  func memberCount(of value: PickleValue) -> Int {
    guard case .object = value, let (_, attributes) = attributes(of: value) else { return 0 }
    let parts = moduleParts(among: attributes)
    return parts.dictionaries.reduce(0) { $0 + dictionaries[$1].count }
      + (parts.transient.map { sequences[$0].count } ?? 0)
  }

  /// What a dictionary, or an object of a class that is not known, holds by name; with a number that tells it from
  /// others.
  func attributes(of value: PickleValue) -> (id: Int, items: [PickleItem])? {
    switch value {
    case .dictionary(let id): (id << 1, dictionaries[id])
    case .object(let id): (id << 1 | 1, stateDictionaries(of: id).reduce(objects[id].items) { $0 + dictionaries[$1] })
    default: nil
    }
  }

  /// How many attributes a value has, without gathering them: several objects may share a state of any size.
  func attributeCount(of value: PickleValue) -> Int {
    switch value {
    case .dictionary(let id): dictionaries[id].count
    case .object(let id): stateDictionaries(of: id).reduce(objects[id].items.count) { $0 + dictionaries[$1].count }
    default: 0
    }
  }

  /// The dictionaries in an object's state, which is the attributes, or those and what the class keeps in slots.
  private func stateDictionaries(of object: Int) -> [Int] {
    var states = [objects[object].state]
    if case .tuple(let tuple) = objects[object].state, sequences[tuple].count == 2 { states = sequences[tuple] }
    return states.compactMap { if case .dictionary(let id) = $0 { id } else { nil } }
  }
}
