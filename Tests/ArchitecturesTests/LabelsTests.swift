import Architectures
import Foundation
import Tensors
import Testing

@Suite struct LabelsTests {
  private func read(_ text: String, count: Int) throws -> [String] {
    let file = FileManager.default.temporaryDirectory.appending(path: "vitcam-test-\(UUID().uuidString).txt")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try Labels.read(file.path, count: count)
  }

  @Test("A label stands on each line, whatever ends the lines")
  func lines() throws {
    #expect(try read("cat\ndog\n", count: 2) == ["cat", "dog"])
    #expect(try read("cat\r\ntabby, tabby cat\r\n\n", count: 2) == ["cat", "tabby, tabby cat"])
    #expect(try read("Häher", count: 1) == ["Häher"])
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
