import Architectures
import Foundation
import Tensors
import Testing

@Suite struct LabelsTests {
  private func read(_ text: String, count: Int, ending: String = "txt") throws -> [String] {
    let file = FileManager.default.temporaryDirectory.appending(path: "vitcam-test-\(UUID().uuidString).\(ending)")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try Labels.read(file.path, count: count)
  }

  @Test("A label stands on each line, whatever ends the lines")
  func lines() throws {
    #expect(try read("cat\ndog\n", count: 2) == ["cat", "dog"])
    #expect(try read("cat\r\ntabby, tabby cat\r\n\n", count: 2) == ["cat", "tabby, tabby cat"])
    #expect(try read("Häher", count: 1) == ["Häher"])
    #expect(try read("\u{FEFF}cat\n2, or more\n", count: 2) == ["cat", "2, or more"])
  }

  @Test(
    "A table names the class whose number stands beside the name",
    arguments: [
      "dog,1\ncat,0\njay,2\n", "1,dog\n0,cat\n2,jay", "index,label\r\n2,jay\r\n1,dog\r\n0,cat\r\n",
      "label,name\n0,cat\n1,dog\n2,jay\n", "id;name;count\n2;jay;7\n0;cat;7\n1;dog;5\n",
      "\u{FEFF}cat\t0\ndog\t1\njay\t2\n",
      "wnid,class_id,name\nn3,2,jay\nn1,1,dog\nn2,0,cat\n", "name\ncat\ndog\njay\n", "cat\ndog\njay\n",
    ])
  func table(text: String) throws {
    #expect(try read(text, count: 3, ending: "csv") == ["cat", "dog", "jay"])
  }

  @Test("Text whose lines begin with the numbers of the classes is a table, and quotes hold commas")
  func numbered() throws {
    #expect(try read("1,dog\n0,cat\n", count: 2) == ["cat", "dog"])
    #expect(try read("1,\"tabby, tabby cat\"\n0,dog\n", count: 2, ending: "csv") == ["dog", "tabby, tabby cat"])
  }

  @Test(
    "JSON is a list, names by number or numbers by name, on its own or in a configuration",
    arguments: [
      #"["cat", "dog", "jay"]"#, "[\n  \"cat\",\n  \"dog\",\n  \"jay\"\n]\n", #"{"2": "jay", "0": "cat", "1": "dog"}"#,
      #"{"jay": 2, "cat": 0, "dog": 1}"#, #"{"0": ["n2", "cat"], "1": ["n1", "dog"], "2": ["n3", "jay"]}"#,
      #"{"model_type": "vit", "id2label": {"0": "cat", "1": "dog", "2": "jay"}, "label2id": {"cat": 0}}"#,
      #"{"class_to_idx": {"dog": 1, "cat": 0, "jay": 2}}"#,
      #"[{"id": 1, "name": "dog"}, {"id": 0, "name": "cat"}, {"id": 2, "name": "jay"}]"#,
    ])
  func json(text: String) throws {
    #expect(try read(text, count: 3, ending: "json") == ["cat", "dog", "jay"])
    #expect(try read(text, count: 3) == ["cat", "dog", "jay"])
  }

  @Test(
    "What does not say which class is which is refused in one line",
    arguments: [
      ("csv", "dog,1\ncat,2\njay,3\n", "0 to 2"), ("csv", "cat,black\ndog,brown\njay,blue\n", "column"),
      ("csv", "0,cat\n0,dog\n1,jay\n", "column"), ("csv", "0,cat\n1,tabby, tabby cat\n2,jay\n", "quotes"),
      ("csv", "0,\"cat\n1,dog\n2,jay\n", "quote"), ("csv", "", "found none"), ("json", "[\"cat\", ", "JSON"),
      ("json", #"{"cat": 0, "dog": 0, "jay": 1}"#, "2 numbers"),
      ("json", #"{"1": "cat", "2": "dog", "3": "jay"}"#, "0 to 2"),
      ("json", #"{"images": [1, 2]}"#, "id2label"), ("json", "[1, 2, 3]", "id2label"), ("json", "[]", "found 0"),
      ("json", "{}", "found none"),
    ])
  func refused(ending: String, text: String, problem: String) {
    let error = #expect(throws: LabelsError.self) { try read(text, count: 3, ending: ending) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test("JSON that is nested without end is refused")
  func nested() {
    #expect(throws: LabelsError.self) { try read(String(repeating: "[", count: 200_000), count: 3) }
  }

  @Test("Another number of labels is refused with both numbers")
  func count() {
    let error = #expect(throws: LabelsError.self) { try read("cat\ndog\n", count: 3) }
    #expect(error?.description.contains("expected 3") == true)
    #expect(error?.description.contains("found 2") == true)
    #expect(throws: LabelsError.self) { try read("", count: 1) }
    #expect(throws: FileError.self) { try Labels.read("no-such-file", count: 1) }
  }
}
