/// A table that renames the keys of one checkpoint dialect to those of another:
///
///     let torchvision: KeyMap = [
///       "conv_proj": "patch_embed.proj",
///       "encoder.layers.encoder_layer_{i}": "blocks.{i}",
///       "encoder.layers.encoder_layer_{i}.ln_1": "blocks.{i}.norm1",
///       "block{stage}.{i}": "stages.{stage-1}.blocks.{i}",
///     ]
///
/// A rule matches whole components between dots, from the front; the components that follow are kept. So a rule renames
/// a parameter (`….ln_1.weight`) as well as a layer path that a user has typed (`….ln_1`). Of the rules that match a
/// key the one with the most components is taken, and of those the first; a key is renamed once.
///
/// `{name}` stands for an integer, `{name+1}` and `{name-1}` in a replacement for its neighbours. A negative integer,
/// as in a layer path that counts from the end, is kept as it is. An empty pattern matches every key and an empty
/// replacement leaves nothing in front of what is kept.
public struct KeyMap: Sendable, ExpressibleByDictionaryLiteral {
  private let rules: [Rule]

  /// A table of pairs of a pattern and its replacement.
  ///
  /// - Precondition: Braces are closed, names are in front of an optional sum, and a replacement uses only names that
  ///   its pattern has.
  public init(_ rules: [(pattern: String, replacement: String)]) {
    self.init(rules.map(Rule.init))
  }

  /// A table written as a literal; the order of the literal is kept.
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init(elements.map { (pattern: $0.0, replacement: $0.1) })
  }

  /// The table that undoes this one. Of several rules with one replacement the first is undone to its pattern.
  public var inverted: KeyMap {
    KeyMap(rules.map(\.inverted))
  }

  private init(_ rules: [Rule]) {
    // A stable order: the sort compares the places of rules with equally many components too.
    self.rules = rules.enumerated()
      .sorted { ($1.element.pattern.count, $0.offset) < ($0.element.pattern.count, $1.offset) }
      .map(\.element)
  }

  /// The new name of a key or layer path, or nil when no rule matches it.
  public func applied(to key: String) -> String? {
    let components = key.isEmpty ? [] : key.split(separator: ".", omittingEmptySubsequences: false)
    for rule in rules {
      if let renamed = rule.applied(to: components) { return renamed }
    }
    return nil
  }
}

/// A pattern and its replacement.
private struct Rule: Sendable {
  /// The components of the pattern.
  let pattern: [ComponentPattern]
  private let replacement: [ComponentPattern]

  init(pattern: String, replacement: String) {
    self.pattern = pattern.split(separator: ".").map(ComponentPattern.init)
    self.replacement = replacement.split(separator: ".").map(ComponentPattern.init)
    let names = Set(self.pattern.flatMap(\.names))
    precondition(
      self.replacement.flatMap(\.names).allSatisfy(names.contains),
      "the replacement \(replacement) uses a name that is not in \(pattern)")
  }

  private init(pattern: [ComponentPattern], replacement: [ComponentPattern]) {
    self.pattern = pattern
    self.replacement = replacement
  }

  /// The rule that turns this one's replacement back into its pattern.
  ///
  /// - Precondition: The replacement uses every name of the pattern.
  var inverted: Rule {
    var offsets: [String: Int] = [:]
    for part in replacement { offsets.merge(part.offsets) { first, _ in first } }
    return Rule(pattern: replacement.map { $0.withOffsets([:]) }, replacement: pattern.map { $0.withOffsets(offsets) })
  }

  func applied(to components: [Substring]) -> String? {
    guard components.count >= pattern.count else { return nil }
    var captures: [String: Int] = [:]
    for (component, part) in zip(components, pattern) {
      guard part.matches(component, &captures) else { return nil }
    }
    let renamed = replacement.map { $0.filled(captures) } + components[pattern.count...].map(String.init)
    return renamed.joined(separator: ".")
  }
}

/// A component of a pattern or replacement: literal text and integers by name.
private struct ComponentPattern: Sendable {
  private enum Piece: Sendable {
    case literal(String)
    case number(name: String, offset: Int)
  }

  private var pieces: [Piece] = []

  init(_ text: Substring) {
    var rest = text
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { preconditionFailure("a brace is open in \(text)") }
      if open > rest.startIndex { pieces.append(.literal(String(rest[..<open]))) }
      pieces.append(Self.number(rest[rest.index(after: open)..<close]))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { pieces.append(.literal(String(rest))) }
  }

  /// `name`, `name+1` or `name-1`.
  private static func number(_ text: Substring) -> Piece {
    guard let sign = text.firstIndex(where: { $0 == "+" || $0 == "-" }) else {
      return .number(name: String(text), offset: 0)
    }
    guard let offset = Int(text[sign...]) else { preconditionFailure("\(text) is no name and integer") }
    return .number(name: String(text[..<sign]), offset: offset)
  }

  var names: [String] {
    pieces.compactMap { if case .number(let name, _) = $0 { name } else { nil } }
  }

  /// What is added to each integer.
  var offsets: [String: Int] {
    var offsets: [String: Int] = [:]
    for case .number(let name, let offset) in pieces { offsets[name] = offset }
    return offsets
  }

  /// The same component with other sums: what was added to an integer is subtracted.
  func withOffsets(_ offsets: [String: Int]) -> ComponentPattern {
    var result = self
    result.pieces = pieces.map { piece in
      guard case .number(let name, _) = piece else { return piece }
      return .number(name: name, offset: -(offsets[name] ?? 0))
    }
    return result
  }

  /// Whether the whole component matches; the integers in it are added to the captures. A name that occurs twice stands
  /// for the same integer.
  func matches(_ component: Substring, _ captures: inout [String: Int]) -> Bool {
    var rest = component
    for piece in pieces {
      switch piece {
      case .literal(let text):
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
      case .number(let name, _):
        let sign = rest.first == "-" ? rest.prefix(1) : ""
        let digits = rest.dropFirst(sign.count).prefix { $0.isASCII && $0.isNumber }
        guard let value = Int(sign + digits), captures[name] ?? value == value else { return false }
        captures[name] = value
        rest = rest[digits.endIndex...]
      }
    }
    return rest.isEmpty
  }

  func filled(_ captures: [String: Int]) -> String {
    pieces.map { piece in
      switch piece {
      case .literal(let text): return text
      case .number(let name, let offset):
        guard let value = captures[name] else { return "" }
        // A huge number, which no model has, is kept too, because the sum could overflow.
        return String(value < 0 ? value : value.addingReportingOverflow(offset).partialValue)
      }
    }.joined()
  }
}
