import Architectures
import LayerGraph

/// The classes of a model by number and by label.
struct ClassNames {
  let count: Int
  let labels: [String]?

  /// The class of a number or label, in any case, by any of the names that a label file may list for a class (`tabby, tabby
  /// cat`); nil where the text is neither.
  ///
  /// - Throws: ``TargetError`` for a number that is no class's, and for a name of several classes.
  func index(of text: String) throws(TargetError) -> Int? {
    let wanted = text.lowercased()
    let labels = labels ?? []
    if let exact = try only(labels.indices.filter { labels[$0].lowercased() == wanted }, text) { return exact }
    if let number = Int(text) {
      guard (0..<count).contains(number) else {
        throw TargetError("target \(number): the model has \(count) classes, 0 to \(count - 1)")
      }
      return number
    }
    return try only(labels.indices.filter { Self.names(in: labels[$0].lowercased()).contains(wanted[...]) }, text)
  }

  /// The one class that has a name; nil where none has it.
  private func only(_ found: [Int], _ name: String) throws(TargetError) -> Int? {
    guard found.count > 1 else { return found.first }
    let numbers = found.prefix(4).map(String.init).joined(separator: ", ")
    throw TargetError("target '\(name)': the name of \(found.count) classes; choose by number: \(numbers)")
  }

  /// The names that a label lists: `tabby, tabby cat`.
  private static func names(in label: String) -> [Substring] {
    label.split(separator: ",").map { $0.drop { $0 == " " } }
  }

  /// Two classes with a hyphen between them, which their labels may contain too.
  func pair(_ text: String) throws(TargetError) -> (Int, Int)? {
    for hyphen in text.indices where text[hyphen] == "-" {
      let (first, second) = (String(text[..<hyphen]), String(text[text.index(after: hyphen)...]))
      guard !first.isEmpty, !second.isEmpty, let a = try index(of: first), let b = try index(of: second) else {
        continue
      }
      return (a, b)
    }
    return nil
  }

  /// What to write instead of a text that is no target.
  func advice(_ text: String) -> String {
    guard let labels else {
      return
        "expected a class from 0 to \(count - 1), top, top5, CLASS-CLASS, or one of p:, odds:, sigmoid:, not:, out: "
        + "with a class, or like: with a file; labels need --labels FILE"
    }
    let word = text.split(separator: ":").last.map(String.init) ?? text
    let names = labels.flatMap(Self.names(in:)).map(String.init)
    // Whole words first: of `cat`, `tiger cat` is meant rather than `catamaran` or `education`.
    let ranked = names.map { (name: $0, rank: Self.rank(of: word, in: $0)) }
    let containing = (0...2).map { rank in ranked.filter { $0.rank == rank } }.joined().map(\.name)
    guard containing.isEmpty else {
      let shown = containing.prefix(6).joined(separator: ", ")
      return "no such label; \(containing.count) contain it: \(shown)\(containing.count > 6 ? ", ..." : "")"
    }
    return "no such label; near it: \(nearest(to: word, among: labels).joined(separator: ", "))"
  }

  /// How a name contains a text: 0 as a word, 1 as the beginning of one, 2 inside one; nil where it does not.
  private static func rank(of text: String, in name: String) -> Int? {
    let (name, text) = (name.lowercased(), text.lowercased())
    guard !text.isEmpty, name.contains(text) else { return nil }
    let words = name.split { !$0.isLetter && !$0.isNumber }
    return words.contains { $0 == text } ? 0 : words.contains { $0.hasPrefix(text) } ? 1 : 2
  }
}

extension Model {
  /// The class that a label stands for: one of the model's names of it, in any case, or its number; nil where there is none.
  public func classIndex(of label: String) -> Int? {
    (try? ClassNames(count: classCount, labels: labels).index(of: label)) ?? nil
  }
}
