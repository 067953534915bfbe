import Explanations
import Foundation
import Tensors
import Testing

@testable import Reports

/// Pictures line by line.
@Suite struct PictureStreamTests {
  /// What a stream answers to some lines.
  private func answers(_ lines: [String], _ change: (inout BatchOptions) -> Void = { _ in }) throws -> [[String: Any]] {
    let folder = try TestFolder()
    let explainer = try Explainer(Demonstration.model())
    var options = BatchOptions(for: explainer.model)
    options.outputs = []
    options.batchSize = 1
    change(&options)
    let input = open(try folder.file("in", lines.joined(separator: "\n")), O_RDONLY)
    let output = open(folder("out"), O_WRONLY | O_CREAT, 0o600)
    defer { for descriptor in [input, output] { close(descriptor) } }
    try PictureStream(explainer, options).run(input: input, output: output, workers: Workers(count: 2))
    return try folder.text("out").split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private func best(_ answer: [String: Any]) -> String? {
    (answer["predictions"] as? [[String: Any]])?.first?["label"] as? String
  }

  @Test(
    "Each line has one answer, in order: paths, pictures in base64, and what cannot be explained", arguments: [1, 3])
  func order(batchSize: Int) throws {
    let heart = Demonstration.scene(1)
    let base64 = try Data(contentsOf: URL(filePath: heart)).base64EncodedString()
    let answers = try answers([
      Demonstration.scene(0), "{\"id\": 7, \"bytes\": \"\(base64)\"}", "no-such.png", "\"\(heart)\"", "",
      "{\"id\": \"x\", \"bytes\": \"!\"}", "{\"path\": \"\(heart)\", \"target\": \"nonsense\"}", "{\"path\":",
      "{\"path\": \"\(heart)\", \"target\": \"3\", \"label\": \"heart\"}", "{}",
    ]) { $0.batchSize = batchSize }
    #expect(answers.map(best) == ["crescent", "heart", nil, "heart", nil, nil, nil, nil, "heart", nil])
    #expect(answers.map { $0["error"] == nil } == answers.map { best($0) != nil })
    #expect(answers[1]["id"] as? Int == 7 && answers[5]["id"] as? String == "x")
    #expect(answers[0]["picture"] as? String == Demonstration.scene(0))
    #expect((answers[5]["error"] as? String)?.contains("base64") == true)
    let maps = try #require(answers[8]["explanations"] as? [[String: Any]])
    #expect((maps[0]["target"] as? [String: Any])?["index"] as? Int == 3)
    #expect(answers[8]["label"] as? String == "heart")
  }

  @Test("Files come with the answer, in base64, with size and checksum")
  func files() throws {
    let answer = try answers([Demonstration.scene(1)]) { $0.outputs = [.raw] }[0]
    let file = try #require((answer["files"] as? [[String: Any]])?.first)
    let content = try #require(Data(base64Encoded: file["content"] as? String ?? ""))
    #expect(file["file"] as? String == "heart.relevance.raw.npy" && file["bytes"] as? Int == content.count)
    #expect(file["crc32"] as? String == CRC32([UInt8](content)).description)
  }
}
