import Tensors

/// Labels in lines: a name on each, or a row of a table that has the number of the class too.
struct LabelTable {
  private let file: String
  private let count: Int
  private let lines: [ArraySlice<UInt8>]

  /// What the column of names is called, the surest first.
  private static let nameColumns = [
    "label_name", "class_name", "category_name", "name", "label", "class", "category", "description", "title",
  ]
  /// What a first line that is no class is made of.
  private static let headers = Set(
    nameColumns + [
      "id", "index", "idx", "number", "no", "code", "label_id", "class_id", "class_index", "target", "wnid",
    ])

  /// - Parameter lines: without their ends.
  init(file: String, count: Int, _ lines: [ArraySlice<UInt8>]) {
    self.file = file
    self.count = count
    self.lines = lines
  }

  /// The names in the order of the classes. A file is a table by its name (`.csv`, `.tsv`) or because each line begins
  /// with the number of a class.
  ///
  /// - Throws: ``LabelsError`` where the columns do not say which class is which.
  func names() throws(LabelsError) -> [String] {
    guard isNamedTable || isNumbered else { return lines.map { String(decoding: $0, as: UTF8.self) } }
    let separator = SeparatedRow.separator(in: lines.first.map(Array.init) ?? [])
    var rows = [[String]]()
    for (place, line) in lines.enumerated() where !line.isEmpty {
      guard let values = SeparatedRow.values(of: Array(line), separator: separator) else {
        throw LabelsError("\(file):\(place + 1): a quote is opened and not closed")
      }
      guard values.count == rows.first?.count ?? values.count else {
        throw LabelsError(
          "\(file):\(place + 1): expected \(rows[0].count) values as in the first line, found \(values.count); put names that hold a comma in quotes"
        )
      }
      rows.append(
        values.map { String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) })
    }
    return try names(of: rows)
  }

  private var isNamedTable: Bool { [".csv", ".tsv"].contains { file.lowercased().hasSuffix($0) } }

  /// Whether each line begins with another number and a comma, a semicolon or a tab.
  private var isNumbered: Bool {
    var numbers = Set<Int>()
    for line in lines {
      guard let end = line.firstIndex(where: { !(0x30...0x39).contains($0) }),
        [0x2C, 0x3B, 0x09].contains(line[end]), let number = Int(String(decoding: line[..<end], as: UTF8.self)),
        numbers.insert(number).inserted
      else { return false }
    }
    return !lines.isEmpty
  }

  private func names(of rows: [[String]]) throws(LabelsError) -> [String] {
    guard let first = rows.first else { throw LabelsError("\(file): expected \(count) labels, found none") }
    let titles = first.map { $0.lowercased() }
    let numbersStandFirst = first.contains { Int($0) != nil }
    // A single column has a title where it is one line longer than the model needs.
    let hasTitles =
      !numbersStandFirst
      && (first.count == 1
        ? rows.count == count + 1 : titles.contains { Self.headers.contains($0) } || hasNumbers(rows))
    let classes = Array(rows.dropFirst(hasTitles ? 1 : 0))
    guard first.count > 1 else { return classes.map { $0[0] } }

    let numbered = first.indices.filter { column in
      Set(classes.compactMap { Int($0[column]) }).count == classes.count
    }
    let others = first.indices.filter { !numbered.contains($0) }
    let named = Self.nameColumns.lazy.compactMap { title in others.first { hasTitles && titles[$0] == title } }.first
    guard numbered.count == 1, let column = named ?? (others.count == 1 ? others[0] : nil) else {
      throw LabelsError(
        "\(file): expected a column with the numbers of the classes and one called name, found \(found(first)); "
          + "or write a text file with a name per line, in the order of the classes")
    }
    let names = Dictionary(classes.map { (Int($0[numbered[0]]) ?? 0, $0[column]) }) { first, _ in first }
    return try names.ordered(count: count, file: file)
  }

  /// Whether all rows but the first hold a number in some column.
  private func hasNumbers(_ rows: [[String]]) -> Bool {
    rows[0].indices.contains { column in rows.count > 1 && rows.dropFirst().allSatisfy { Int($0[column]) != nil } }
  }

  private func found(_ first: [String]) -> String { "'\(first.joined(separator: ",").prefix(60))'".printable }
}
