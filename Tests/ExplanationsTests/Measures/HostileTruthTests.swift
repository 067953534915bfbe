import Foundation
import Images
import Testing

@testable import Explanations

/// Annotations that lie: an error of one line, or an object less, never a crash or a hang.
@Suite struct HostileTruthTests {
  private static let size = ImageSize(height: 4, width: 6)

  private func objects(_ text: String, file: String) throws -> [AnnotatedObject] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vitcam-hostile-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: file)
    try Data(text.utf8).write(to: path)
    return try GroundTruth(contentsOf: path.path).objects(in: "a.jpg", size: Self.size)
  }

  private func coco(_ annotation: String) throws -> [AnnotatedObject] {
    try objects(
      """
      {"images": [{"id": 7, "file_name": "a.jpg", "height": 4, "width": 6}], "categories": [{"id": 1, "name": "cat"}],
       "annotations": [{"image_id": 7, "category_id": 1, \(annotation)}]}
      """, file: "a.json")
  }

  @Test(
    "COCO: outlines that do not fit the picture are no objects",
    arguments: [
      "\"bbox\": []", "\"bbox\": [1, 2, 3]", "\"bbox\": [90, 90, 5, 5]", "\"bbox\": [-9, -9, 3, 3]",
      "\"bbox\": [2, 2, -1, -1]", "\"segmentation\": []", "\"segmentation\": [[]]", "\"segmentation\": [[1]]",
      "\"segmentation\": [[1, 1, 2]]", "\"segmentation\": [[1e300, 1e300, -1e300, 1e300, 0, -1e300]]",
      "\"segmentation\": {\"size\": [4, 6], \"counts\": [30]}",
      "\"segmentation\": {\"size\": [4, 6], \"counts\": [1, -1]}",
      "\"segmentation\": {\"size\": [4, 6], \"counts\": [9223372036854775807, 9223372036854775807]}",
      "\"segmentation\": {\"size\": [9000000000, 9000000000], \"counts\": [1, 2]}",
      "\"segmentation\": {\"size\": [], \"counts\": [1, 2]}",
      "\"segmentation\": {\"size\": [4, 6], \"counts\": \"oooooooooooooooooooooooo\"}",
      "\"segmentation\": {\"size\": [4, 6], \"counts\": \"\\u0001 äö\"}",
    ])
  func outlines(annotation: String) throws {
    #expect(try coco(annotation).allSatisfy { $0.region.count <= Self.size.count })
  }

  @Test(
    "COCO: what is no outline is an error that names the place",
    arguments: [
      "\"bbox\": \"x\"", "\"bbox\": [1, 2, 3, null]", "\"bbox\": [1e999, 0, 1, 1]", "\"segmentation\": 5",
      "\"segmentation\": {\"counts\": [1]}", "\"segmentation\": {\"size\": [4, 6], \"counts\": [1.5]}",
      "\"iscrowd\": 99999999999999999999",
    ])
  func malformed(annotation: String) throws {
    let error = #expect(throws: GroundTruthError.self) { try coco(annotation) }
    #expect(error?.description.contains("a.json") == true && error?.description.contains("\n") == false)
  }

  @Test("JSON nested without end is refused")
  func depth() {
    #expect(throws: GroundTruthError.self) {
      try objects(String(repeating: "[", count: 200_000), file: "a.json")
    }
    #expect(throws: GroundTruthError.self) {
      try objects("{\"annotations\": " + String(repeating: "[", count: 200_000), file: "a.json")
    }
  }

  private func voc(_ box: String, before: String = "") throws -> [AnnotatedObject] {
    try objects(
      "\(before)<annotation><object><name>a</name><bndbox>\(box)</bndbox></object></annotation>", file: "a.xml")
  }

  @Test(
    "Pascal VOC: boxes that are none are refused",
    arguments: [
      "", "<xmin>1</xmin>", "<xmin>nan</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax>",
      "<xmin>1</xmin><ymin>1</ymin><xmax>inf</xmax><ymax>2</ymax>",
      "<xmin>1</xmin><ymin>1</ymin><xmax>1e300</xmax><ymax>2</ymax>",
      "<xmin>one</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax>",
      "<xmin>3</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax>",
    ])
  func boxes(box: String) {
    #expect(throws: GroundTruthError.self) { try voc(box) }
  }

  private static let box = "<xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax>"

  @Test("Pascal VOC: a box far beyond the picture covers what it covers of it")
  func beyond() throws {
    let wide = "<xmin>-9e8</xmin><ymin>1</ymin><xmax>9e8</xmax><ymax>1</ymax>"
    #expect(try voc(wide).map(\.region.count) == [6])
    #expect(try voc("<xmin>70</xmin><ymin>1</ymin><xmax>80</xmax><ymax>1</ymax>").isEmpty)
  }

  @Test("XML: entities that would grow or ask for files stay text, and are passed over")
  func entities() throws {
    let bomb = """
      <!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c SYSTEM "file:///etc/passwd"> ]>
      """
    #expect(try voc(Self.box, before: bomb).map(\.label) == ["a"])
    let named = "<annotation><object><name>&c;&#65;</name><bndbox>\(Self.box)</bndbox></object></annotation>"
    #expect(try objects(named, file: "a.xml").map(\.label) == ["&c;&#65;"])
  }
}
