import Architectures
import LayerGraph

/// The classes of a model by number and by label.
struct ClassNames {
  let count: Int
  let labels: [String]?

  /// The class of a number or label, in any case, by any of the names that a label file may list for a class (`tabby, tabby
  /// cat`); nil where the text is neither.
  ///
  /// - Throws: ``TargetError`` for a number that is no class's.
  func index(of text: String) throws(TargetError) -> Int? {
    if let labels, let exact = labels.firstIndex(where: { $0.lowercased() == text.lowercased() }) { return exact }
    if let number = Int(text) {
      guard (0..<count).contains(number) else {
        throw TargetError("target \(number): the model has \(count) classes, 0 to \(count - 1)")
      }
      return number
    }
    let wanted = text.lowercased()
    let found = (labels ?? []).indices.filter { index in
      (labels ?? [])[index].lowercased().split(separator: ",").contains { $0.drop(while: { $0 == " " }) == wanted }
    }
    return found.count == 1 ? found[0] : nil
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
    return "no such label; near it: \(nearest(to: text, among: labels).joined(separator: ", "))"
  }
}

extension Model {
  /// The class that a label stands for: one of the model's names of it, in any case, or its number; nil where there is none.
  public func classIndex(of label: String) -> Int? {
    (try? ClassNames(count: classCount, labels: labels).index(of: label)) ?? nil
  }
}
