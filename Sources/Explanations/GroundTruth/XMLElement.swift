/// An element of an XML document: as much of XML as annotations are written in. Attributes, comments and declarations are
/// passed over, and there are no entities but the five of XML itself, so that no document can ask for other files or grow.
struct XMLElement {
  let name: String
  /// The text in it, without white space at both ends.
  private(set) var text = ""
  private var elements: [XMLElement] = []

  private init(name: String) {
    self.name = name
  }

  /// The elements of a name that stand in this one.
  func children(_ name: String) -> [XMLElement] {
    elements.filter { $0.name == name }
  }

  /// The number in the first element of a name that stands in this one.
  func number(_ name: String) -> Double? {
    children(name).first.flatMap { Double($0.text) }.flatMap { $0.isFinite && abs($0) < 1e9 ? $0 : nil }
  }

  /// The root of a document.
  ///
  /// - Throws: ``XMLProblem`` where it is no document, breaks off, or is nested more than 64 elements deep.
  init(parsing bytes: [UInt8]) throws(XMLProblem) {
    // The elements that are open, from a stand-in for the document on.
    var open = [XMLElement(name: "")]
    var rest = bytes[...]
    while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
      open[open.count - 1].text += Self.unescaped(rest[..<start])
      rest = rest[start...]
      let comment = Array("<!--".utf8)
      let closing = rest.starts(with: comment) ? Array("-->".utf8) : [UInt8(ascii: ">")]
      guard let end = rest.firstRange(of: closing) else { throw XMLProblem("a tag that is not closed") }
      let tag = rest[(start + 1)..<end.lowerBound]
      rest = rest[end.upperBound...]
      guard let first = tag.first else { throw XMLProblem("an empty tag") }
      if first == UInt8(ascii: "!") || first == UInt8(ascii: "?") { continue }
      if first == UInt8(ascii: "/") {
        try Self.close(Self.name(of: tag.dropFirst()), &open)
      } else {
        guard open.count <= 64 else { throw XMLProblem("elements nested more than 64 deep") }
        let name = Self.name(of: tag)
        open.append(XMLElement(name: name))
        if tag.last == UInt8(ascii: "/") { try Self.close(name, &open) }
      }
    }
    guard open.count == 1, let root = open[0].elements.first else {
      throw XMLProblem(open.count > 1 ? "it ends within <\(open[open.count - 1].name)>" : "not an XML document")
    }
    self = root
  }

  private static func close(_ name: String, _ open: inout [XMLElement]) throws(XMLProblem) {
    guard open.count > 1, var element = open.popLast(), element.name == name else {
      throw XMLProblem("</\(name)> closes nothing")
    }
    let isSpace = { (character: Character) in character.isWhitespace }
    element.text = String(element.text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    open[open.count - 1].elements.append(element)
  }

  /// A tag's name: what stands before a space or a slash.
  private static func name(of tag: ArraySlice<UInt8>) -> String {
    String(decoding: tag.prefix { $0 > 32 && $0 != UInt8(ascii: "/") }, as: UTF8.self)
  }

  private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
    return [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
      .reduce(text) { $0.replacing($1.0, with: $1.1) }
  }
}

/// Why a document cannot be read.
struct XMLProblem: Error {
  let text: String

  init(_ text: String) {
    self.text = text
  }
}
