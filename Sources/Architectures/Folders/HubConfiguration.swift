import Checkpoints

/// A model's `config.json`, whose entries are checked against the weights as they are read: nothing that it says makes more
/// work than the weights have bytes for.
struct HubConfiguration {
  /// The file that it is.
  let file: String
  /// Its members.
  private(set) var entries: [String: JSONValue]
  /// The family that it names, `model_type`.
  let family: String
  /// What was read, in order: `hidden_size 768`.
  private(set) var taken: [String] = []
  /// The largest extent of a tensor of the weights, and their number.
  private let largestExtent: Int
  private let tensorCount: Int
  private let names: Set<String>

  init(file: String, entries: [String: JSONValue], family: String = "", weights: StateDictionary) {
    self.file = file
    self.entries = entries
    self.family = family
    largestExtent = weights.names.lazy.compactMap { weights.shape(of: $0)?.extents.max() }.max() ?? 1
    tensorCount = weights.count
    names = Set(weights.names)
  }

  /// The same for one member of an entry that holds members.
  func inside(_ value: JSONValue, _ key: String) -> HubConfiguration {
    var result = self
    result.entries = [key: value]
    return result
  }

  /// Whether the weights have a tensor of a name.
  func hasTensor(_ name: String) -> Bool { names.contains(name) }

  /// An error at an entry.
  func error(_ problem: String) -> CheckpointError { CheckpointError(file: file, problem: problem) }

  /// Whether an entry is there, and not null.
  func has(_ key: String) -> Bool { entries[key].map { $0 != .null } ?? false }

  // MARK: Numbers

  /// A width, a side or another extent of a tensor.
  mutating func dimension(_ key: String, otherwise: Int) throws(CheckpointError) -> Int {
    try integer(key, otherwise: otherwise, in: 1...largestExtent, "the largest extent of the weights")
  }

  /// A number of blocks.
  mutating func depth(_ key: String, otherwise: Int) throws(CheckpointError) -> Int {
    try integer(key, otherwise: otherwise, in: 1...max(1, tensorCount), "the number of tensors of the weights")
  }

  /// A number of attention heads of a width.
  mutating func heads(_ key: String, of width: Int, otherwise: Int) throws(CheckpointError) -> Int {
    let heads = try integer(key, otherwise: otherwise, in: 1...max(1, width), "the width")
    try check(heads: heads, of: width, key)
    return heads
  }

  /// Numbers of attention heads, one for the width of each stage.
  mutating func heads(_ key: String, of widths: [Int], otherwise: [Int]) throws(CheckpointError) -> [Int] {
    let heads = try dimensions(key, count: widths.count, otherwise: otherwise)
    for (heads, width) in zip(heads, widths) { try check(heads: heads, of: width, key) }
    return heads
  }

  /// Refuses heads that cannot share a width.
  private func check(heads: Int, of width: Int, _ key: String) throws(CheckpointError) {
    guard heads > 0, width % heads == 0 else { throw error("\(key): \(heads) heads cannot share a width of \(width)") }
  }

  /// Dimensions, one for each stage.
  mutating func dimensions(_ key: String, count: Int, otherwise: [Int]) throws(CheckpointError) -> [Int] {
    let values = try integers(key, otherwise: otherwise, in: 1...largestExtent)
    guard values.count == count else { throw error("\(key): expected \(count) numbers, found \(values.count)") }
    return values
  }

  /// Numbers of blocks, one for each stage.
  mutating func depths(_ key: String, otherwise: [Int]) throws(CheckpointError) -> [Int] {
    let values = try integers(key, otherwise: otherwise, in: 1...max(1, tensorCount))
    guard (1...8).contains(values.count) else { throw error("\(key): expected 1 to 8 stages, found \(values.count)") }
    return values
  }

  /// Sides of windows, one for each stage; 0 where there are none.
  mutating func windows(_ key: String, count: Int) throws(CheckpointError) -> [Int] {
    let values = try integers(key, otherwise: Array(repeating: 0, count: count), in: 0...4096)
    guard values.count >= count else { throw error("\(key): expected \(count) numbers, found \(values.count)") }
    // The default has four, whatever the number of stages.
    return Array(values.prefix(count))
  }

  /// A number within a range.
  mutating func number(
    _ key: String, in range: ClosedRange<Double>, otherwise: Double
  ) throws(CheckpointError) -> Double {
    guard has(key), let entry = entries[key] else { return otherwise }
    guard case .number(let value) = entry, range.contains(value) else {
      throw error("\(key): expected \(range.lowerBound) to \(range.upperBound), found \(entry.shown)")
    }
    taken.append("\(key) \(entry.shown)")
    return value
  }

  /// What a normalisation adds to the variance.
  mutating func epsilon(_ key: String, otherwise: Double) throws(CheckpointError) -> Float {
    Float(try number(key, in: 0...1, otherwise: otherwise))
  }

  private mutating func integer(
    _ key: String, otherwise: Int, in range: ClosedRange<Int>, _ bound: String
  ) throws(CheckpointError) -> Int {
    var entry = entries[key] ?? .null
    // Some configurations have a height and a width; other shapes than squares nobody has.
    if case .array(let sides) = entry, sides.count == 2, sides[0] == sides[1] { entry = sides[0] }
    let value = entry == .null ? otherwise : entry.integer
    guard let value, range.contains(value) else {
      throw error(
        "\(key): expected \(range.lowerBound) to \(range.upperBound), \(bound), found \(entry == .null ? "none" : entry.shown)"
      )
    }
    if entry != .null { taken.append("\(key) \(value)") }
    return value
  }

  private mutating func integers(
    _ key: String, otherwise: [Int], in range: ClosedRange<Int>
  ) throws(CheckpointError) -> [Int] {
    guard has(key), let entry = entries[key] else { return otherwise }
    guard case .array(let items) = entry else {
      throw error("\(key): expected a list of numbers, found \(entry.shown)")
    }
    let values = items.compactMap(\.integer)
    guard values.count == items.count, values.allSatisfy(range.contains) else {
      throw error("\(key): expected numbers of \(range.lowerBound) to \(range.upperBound), found \(entry.shown)")
    }
    taken.append("\(key) \(entry.shown)")
    return values
  }

  // MARK: Choices

  /// Whether something is so.
  mutating func flag(_ key: String, otherwise: Bool) throws(CheckpointError) -> Bool {
    guard has(key), let entry = entries[key] else { return otherwise }
    guard case .bool(let value) = entry else { throw error("\(key): expected true or false, found \(entry.shown)") }
    if value != otherwise { taken.append("\(key) \(value)") }
    return value
  }

  /// A name.
  mutating func text(_ key: String, otherwise: String) throws(CheckpointError) -> String {
    guard has(key), let entry = entries[key] else { return otherwise }
    guard case .string(let value) = entry else { throw error("\(key): expected a name, found \(entry.shown)") }
    taken.append("\(key) \(value.printable)")
    return value
  }

  /// An activation by transformers' name.
  mutating func activation(_ key: String, otherwise: Activation) throws(CheckpointError) -> Activation {
    guard has(key) else { return otherwise }
    let name = try text(key, otherwise: "")
    guard let activation = Self.activations[name] else {
      let known = Self.activations.keys.sorted().joined(separator: ", ")
      throw error("\(key): expected one of \(known), found \(name.quotedName)\(Self.wayOut)")
    }
    return activation
  }

  private static let activations: [String: Activation] = [
    "gelu": .gelu, "gelu_new": .geluOfTanh, "gelu_pytorch_tanh": .geluOfTanh, "gelu_fast": .geluOfTanh,
    "quick_gelu": .quickGELU, "relu": .relu, "relu6": .relu6, "silu": .silu, "swish": .silu, "hardswish": .hardSwish,
  ]

  /// Refuses a variant that is not known here.
  func require(_ key: String, _ value: JSONValue) throws(CheckpointError) {
    guard has(key), let found = entries[key], found != value else { return }
    throw error("\(key): only \(value.shown) is known here, found \(found.shown)\(Self.wayOut)")
  }

  /// The same, where it is a list of numbers.
  func require(_ key: String, _ values: [Int]) throws(CheckpointError) {
    try require(key, .array(values.map { .number(Double($0)) }))
  }

  /// What to do with a network that is not known here.
  static let wayOut = "; export it to ONNX, see Docs/exported-models.md"
}

extension JSONValue {
  /// The value as a message shows it, in one short line.
  var shown: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): integer.map { "\($0)" } ?? "\(value)"
    case .string(let text): text.quotedName
    case .array(let items): items.count > 8 ? "a list of \(items.count)" : items.map(\.shown).joined(separator: ",")
    case .object: "an object"
    }
  }
}
