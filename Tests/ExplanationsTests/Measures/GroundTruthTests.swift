import Explanations
import Foundation
import Images
import TestSupport
import Testing

@Suite struct GroundTruthTests {
  private static let size = ImageSize(height: 4, width: 6)

  /// Calls `body` with the path of a folder that holds some text files.
  private func inFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vitcam-truth-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    try body(folder.path)
  }

  private func places(_ object: AnnotatedObject) -> [Int] {
    object.region.covered.indices.filter { object.region.covered[$0] }
  }

  @Test("Pascal VOC counts pixels from 1 and includes the last; parts of objects are not objects")
  func pascalVOC() throws {
    let xml = """
      <?xml version="1.0"?>
      <!-- <object> in a comment -->
      <annotation><filename>cat.jpg</filename>
        <size><width>6</width><height>4</height><depth>3</depth></size>
        <object kind="animal"><name>cat &amp; kitten</name><difficult>0</difficult>
          <bndbox><xmin>3</xmin><ymin>2</ymin><xmax>4</xmax><ymax>3</ymax></bndbox>
          <part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>1</xmax><ymax>1</ymax></bndbox></part>
        </object><note/>
      </annotation>
      """
    try inFolder(["cat.xml": xml, "other.xml": "<annotation/>"]) { folder in
      let truth = try GroundTruth(contentsOf: folder)
      let objects = try truth.objects(in: "pictures/cat.jpg", size: Self.size)
      #expect(objects.map(\.label) == ["cat & kitten"])
      #expect(objects.map(\.box) == [Rectangle(left: 2, top: 1, width: 2, height: 2)])
      #expect(objects.map(places) == [[8, 9, 14, 15]])
      #expect(try truth.objects(in: "other.jpg", size: Self.size).isEmpty)
      #expect(try truth.objects(in: "third.jpg", size: Self.size).isEmpty)
      let error = #expect(throws: GroundTruthError.self) {
        try truth.objects(in: "cat.jpg", size: ImageSize(square: 9))
      }
      #expect(error?.description.contains("cat.xml: expected the annotations of a picture of 9×9, found 4×6") == true)
    }
  }

  @Test(
    "Damaged XML is an error of one line",
    arguments: [
      "", "nothing", "<a>", "<a></b>", "</a>", "<>", "<a", "<annotation><object/></annotation>",
      String(repeating: "<a>", count: 100_000),
      "<annotation><object><bndbox><xmin>5</xmin><ymin>1</ymin><xmax>4</xmax><ymax>9</ymax></bndbox></object></annotation>",
    ])
  func damagedXML(_ text: String) throws {
    try inFolder(["cat.xml": text]) { folder in
      let truth = try GroundTruth(contentsOf: folder + "/cat.xml")
      #expect(throws: GroundTruthError.self) { try truth.objects(in: "cat.jpg", size: Self.size) }
    }
  }

  @Test("COCO: a box, polygons, run lengths as numbers and as text; crowds are left out")
  func coco() throws {
    let json = """
      {"images": [{"id": 7, "file_name": "a.jpg", "height": 4, "width": 6}, {"id": 8, "file_name": "b.jpg", "height": 5, "width": 6}],
       "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
       "annotations": [
        {"id": 1, "image_id": 7, "category_id": 2, "bbox": [2, 1, 2, 2]},
        {"id": 2, "image_id": 7, "category_id": 1, "bbox": [0, 0, 6, 3], "segmentation": [[0, 0, 3, 0, 3, 1, 0, 1], [4.6, 2, 6, 2, 6, 3, 4.6, 3]]},
        {"id": 3, "image_id": 7, "category_id": 1, "segmentation": {"size": [4, 6], "counts": [5, 2, 3, 1, 13]}},
        {"id": 4, "image_id": 7, "category_id": 1, "segmentation": {"size": [4, 6], "counts": "523O:"}},
        {"id": 5, "image_id": 7, "category_id": 1, "iscrowd": 1, "bbox": [0, 0, 6, 4]}]}
      """
    try inFolder(["instances.json": json]) { folder in
      let truth = try GroundTruth(contentsOf: folder + "/instances.json")
      let objects = try truth.objects(in: "somewhere/a.jpg", size: Self.size)
      #expect(objects.map(\.label) == ["dog", "cat", "cat", "cat"])
      #expect(places(objects[3]) == places(objects[2]))
      #expect(places(objects[0]) == [8, 9, 14, 15])
      #expect(places(objects[1]) == [0, 1, 2, 17])
      // Column by column: pixels 5 and 6 are rows 1 and 2 of column 1, pixel 10 is row 2 of column 2.
      #expect(places(objects[2]) == [7, 13, 14])
      #expect(objects[2].box == Rectangle(left: 1, top: 1, width: 2, height: 2))
      let error = #expect(throws: GroundTruthError.self) { try truth.objects(in: "b.jpg", size: Self.size) }
      #expect(error?.description.contains("b.jpg is 5×6 pixels there, and 4×6 in the file") == true)
    }
  }

  @Test("Long compact run lengths are what pycocotools wrote: a rectangle of 25×40 pixels, two pixels and the last one")
  func compactRunLengths() throws {
    let zeros = String(repeating: "0", count: 77)
    let json = """
      {"images": [{"id": 1, "file_name": "a.png", "height": 40, "width": 60}], "categories": [],
       "annotations": [{"image_id": 1, "category_id": 3,
         "segmentation": {"size": [40, 60], "counts": "e<i0?\(zeros)]6YOoNO"}}]}
      """
    try inFolder(["a.json": json]) { folder in
      let size = ImageSize(height: 40, width: 60)
      let objects = try GroundTruth(contentsOf: folder + "/a.json").objects(in: "a.png", size: size)
      var expected = Region(box: Rectangle(left: 10, top: 5, width: 40, height: 25), size: size)
      expected = expected.union(Region(box: Rectangle(left: 55, top: 10, width: 1, height: 2), size: size))
      expected = expected.union(Region(box: Rectangle(left: 59, top: 39, width: 1, height: 1), size: size))
      #expect(objects.map(\.region) == [expected])
      #expect(objects.map(\.label) == [nil])
    }
  }

  @Test("Mask pictures: labelled, unlabelled, and of the wrong size")
  func masks() throws {
    let folder = Fixtures.path("../../Weights/Scenes")
    let truth = try GroundTruth(contentsOf: folder)
    let size = ImageSize(square: 96)
    let objects = try truth.objects(in: folder + "/scene-12.png", size: size)
    #expect(objects.map(\.label) == ["hexagon", "triangle"])
    #expect(throws: GroundTruthError.self) { try truth.objects(in: folder + "/scene-12.png", size: Self.size) }
  }

  @Test("The list of scenes names its pictures, and its boxes lie around its masks")
  func scenes() throws {
    let truth = try GroundTruth(contentsOf: Fixtures.path("../../Weights/Scenes/scenes.json"))
    #expect(truth.pictures.count == 24)
    for picture in truth.pictures {
      for object in try truth.objects(in: picture, size: ImageSize(square: 96)) {
        let around = try #require(object.region.box)
        #expect(abs(around.left - object.box.left) <= 1 && abs(around.top - object.box.top) <= 1)
        #expect(abs(around.width - object.box.width) <= 2 && abs(around.height - object.box.height) <= 2)
      }
    }
  }

  @Test(
    "What is no ground truth is refused in one line",
    arguments: ["{", "[]", "{\"a\": 1}", "{\"scenes\": [{}]}", "{\"annotations\": [{\"image_id\": \"x\"}]}"])
  func refused(_ text: String) throws {
    try inFolder(["truth.json": text, "note.txt": ""]) { folder in
      for path in ["\(folder)/truth.json", "\(folder)/note.txt", "\(folder)/none.json"] {
        let error = #expect(throws: GroundTruthError.self) { try GroundTruth(contentsOf: path) }
        #expect(error?.description.contains("\n") == false)
      }
    }
  }
}
