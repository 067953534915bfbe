import Checkpoints
import Tensors

/// Labels in JSON, in the forms that trainers write: a list of names; names by numbers, as `id2label` of Hugging Face's
/// configurations or Keras's pairs of a synset and a name; or numbers by names, as `label2id` or torchvision's `class_to_idx`.
struct JSONLabels {
  let file: String
  /// The number of classes of the model, for messages.
  let count: Int

  /// The members of a larger document that hold the names, the surest first.
  private static let members = ["id2label", "label2id", "class_to_idx", "label_names", "classes", "labels", "names"]

  /// The names in the order of the classes.
  ///
  /// - Throws: ``LabelsError`` where the document is none of these.
  func names(of text: [UInt8]) throws(LabelsError) -> [String] {
    guard let document = JSONValue(parsing: text) else {
      throw LabelsError("\(file): begins like JSON and is none; expected a list of names, id2label or label2id")
    }
    guard case .object(let object) = document,
      let member = Self.members.first(where: { object[$0]?.isContainer == true })
    else { return try names(of: document) }
    return try names(of: object[member] ?? .null)
  }

  private func names(of value: JSONValue) throws(LabelsError) -> [String] {
    switch value {
    case .array(let items):
      let names = items.compactMap(name)
      if names.count == items.count { return names }
      let numbered = items.compactMap(entry)
      guard numbered.count == items.count else { throw unknown() }
      return try ordered(numbered)
    case .object(let members):
      let names = members.compactMap { key, value in number(key).flatMap { n in name(value).map { (n, $0) } } }
      if names.count == members.count { return try ordered(names) }
      let numbers = members.compactMap { key, value in value.integer.map { ($0, key) } }
      guard numbers.count == members.count else { throw unknown() }
      return try ordered(numbers)
    default: throw unknown()
    }
  }

  /// A name, or the last one of a list of names such as `["n01440764", "tench"]`.
  private func name(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .array(let items): if case .string(let text)? = items.last { text } else { nil }
    default: nil
    }
  }

  /// `{"id": 0, "name": "cat"}`.
  private func entry(_ value: JSONValue) -> (Int, String)? {
    guard case .object(let members) = value, let number = members["id"]?.integer ?? members["index"]?.integer,
      let name = members["name"] ?? members["label"], case .string(let text) = name
    else { return nil }
    return (number, text)
  }

  /// The number that a key is; nil where it is a name.
  private func number(_ key: String) -> Int? { Int(key) }

  private func ordered(_ entries: [(Int, String)]) throws(LabelsError) -> [String] {
    let names = Dictionary(entries) { first, _ in first }
    guard names.count == entries.count else {
      throw LabelsError(
        "\(file): expected a number for each class, found \(entries.count) names with \(names.count) numbers")
    }
    return try names.ordered(count: count, file: file)
  }

  private func unknown() -> LabelsError {
    LabelsError("\(file): expected a JSON list of names, names by number (id2label) or numbers by name (label2id)")
  }
}
