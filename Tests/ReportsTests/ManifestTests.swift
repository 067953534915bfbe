import Testing

@testable import Reports

/// Lists of pictures in files.
@Suite struct ManifestTests {
  private func pictures(_ name: String, _ text: String) throws -> (folder: TestFolder, pictures: [ListedPicture]) {
    let folder = try TestFolder()
    let reader = PictureList([try folder.file(name, text)]).reader()
    var pictures = [ListedPicture]()
    while let picture = try reader.next() { pictures.append(picture) }
    return (folder, pictures)
  }

  @Test("Columns are found by name, values may be quoted, and relative paths start at the list's folder")
  func values() throws {
    let text =
      "\u{FEFF}Label, Path ,note,target\r\ncat,a.png,,281\r\n\"x, \"\"y\"\"\",/b.png,\"two\nlines\",\r\n\r\n,c/d.png,,"
    let (folder, pictures) = try pictures("list.csv", text)
    #expect(
      pictures == [
        ListedPicture(place: 0, path: folder("a.png"), label: "cat", target: "281"),
        ListedPicture(place: 1, path: "/b.png", label: "x, \"y\""),
        ListedPicture(place: 2, path: folder("c/d.png")),
      ])
  }

  @Test("Tabs and semicolons separate too", arguments: ["\t", ";"])
  func separators(separator: String) throws {
    let (folder, pictures) = try pictures("list.csv", "path\(separator)label\na,b.png\(separator)1\n")
    #expect(pictures == [ListedPicture(place: 0, path: folder("a,b.png"), label: "1")])
  }

  @Test("Lines of JSON may give labels and targets by number")
  func json() throws {
    let text = """
      {"path": "a.png", "label": 3, "target": "top2"}

      {"target": 7, "path": "/b.png", "more": [1, 2]}
      """
    let (folder, pictures) = try pictures("list.jsonl", text)
    #expect(
      pictures == [
        ListedPicture(place: 0, path: folder("a.png"), label: "3", target: "top2"),
        ListedPicture(place: 1, path: "/b.png", target: "7"),
      ])
  }

  @Test("A row that cannot be understood is a picture with a problem; the others are not lost")
  func problems() throws {
    let (folder, values) = try pictures("list.csv", "path,label\na.png\n,cat\nb.png,dog\n")
    #expect(
      values.map(\.problem) == [
        "\(folder("list.csv")):2: expected 2 values, found 1", "\(folder("list.csv")):3: the path is empty", nil,
      ])
    let (_, lines) = try pictures("list.jsonl", "{\"path\": 1.5}\n[]\n{\"path\": \"a.png\"}\n")
    #expect(lines.map { $0.problem == nil } == [false, false, true])
  }

  @Test("A list without the column path, with an open quote, or with a line that never ends is refused")
  func refusals() throws {
    let missing = #expect(throws: UsageError.self) { try pictures("list.csv", "file,label\na.png,1\n") }
    #expect(missing?.description.contains("found 'file,label'") == true)
    let open = #expect(throws: UsageError.self) { try pictures("list.csv", "path\na.png\n\"b.png\nc.png\n") }
    #expect(open?.description.hasSuffix("list.csv:3: a quote is opened and not closed") == true)
    #expect(throws: UsageError.self) { try pictures("list.csv", "path\n") }
  }

  @Test("Lines are read whole across the borders of the buffer, and the last one may lack its line feed")
  func lines() throws {
    let folder = try TestFolder()
    let long = String(repeating: "x", count: 70_000)
    let reader = try LineReader(path: try folder.file("lines", "a\n\n\(long)\nb"))
    var lines = [(String, Bool)]()
    while let line = try reader.next() { lines.append((String(decoding: line.bytes, as: UTF8.self), line.isEnded)) }
    #expect(lines.map(\.0) == ["a", "", long, "b"])
    #expect(lines.map(\.1) == [true, true, true, false])
    #expect(reader.count == 4)
  }
}
