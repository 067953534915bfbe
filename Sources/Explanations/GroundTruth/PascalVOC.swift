import Images
import Tensors

extension GroundTruth {
  /// Pascal VOC's annotations: for `cat.jpg` the file `cat.xml`. Its boxes count pixels from 1 and include the last ones.
  static func pascalVOC(files: [String]) -> GroundTruth {
    let annotations = files.filter { ending(of: $0) == "xml" }
    return GroundTruth { picture, size in
      guard let file = annotations.first(where: { stem(of: $0) == stem(of: picture) }) else { return [] }
      let root: XMLElement
      do {
        root = try XMLElement(parsing: Array(contents(of: file)))
      } catch let error as XMLProblem {
        throw GroundTruthError(file, error.text)
      }
      try check(size, against: root, in: file)
      return try root.children("object").compactMap { object in
        guard let box = object.children("bndbox").first,
          let left = box.number("xmin"), let top = box.number("ymin"), let right = box.number("xmax"),
          let bottom = box.number("ymax"), left <= right, top <= bottom
        else {
          throw GroundTruthError(file, "expected an object with bndbox: xmin, ymin, xmax, ymax")
        }
        let rectangle = Rectangle(left: left - 1, top: top - 1, width: right - left + 1, height: bottom - top + 1)
        return AnnotatedObject(
          label: object.children("name").first?.text, region: Region(box: rectangle, size: size), box: rectangle)
      }
    }
  }

  private static func check(_ size: ImageSize, against root: XMLElement, in file: String) throws {
    guard let stated = root.children("size").first, let height = stated.number("height"),
      let width = stated.number("width"), height > 0, width > 0
    else { return }
    guard height == Double(size.height), width == Double(size.width) else {
      throw GroundTruthError(
        file, "expected the annotations of a picture of \(size), found \(Int(height))×\(Int(width))")
    }
  }
}
