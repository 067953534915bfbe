import Images

/// COCO's instances (https://cocodataset.org/#format-data): boxes, and outlines as polygons or as run lengths.
struct COCO: Decodable {
  struct Picture: Decodable {
    let id: Int
    let fileName: String
    let height: Int
    let width: Int

    private enum CodingKeys: String, CodingKey {
      case id, height, width
      case fileName = "file_name"
    }
  }

  struct Category: Decodable {
    let id: Int
    let name: String
  }

  struct Annotation: Decodable {
    let imageID: Int
    let categoryID: Int
    /// Left, top, width, height; the left edge of the first pixel is 0.
    let bbox: [Double]?
    let segmentation: Outline?
    let iscrowd: Int?

    private enum CodingKeys: String, CodingKey {
      case bbox, segmentation, iscrowd
      case imageID = "image_id"
      case categoryID = "category_id"
    }
  }

  /// The pixels of an object.
  enum Outline: Decodable {
    /// Each x, y, x, y, ...
    case polygons([[Double]])
    /// Column by column: how many pixels are outside, how many inside, and so on.
    case runLengths(size: [Int], counts: [Int])

    init(from decoder: any Decoder) throws {
      if let polygons = try? decoder.singleValueContainer().decode([[Double]].self) {
        self = .polygons(polygons)
        return
      }
      let container = try decoder.container(keyedBy: Keys.self)
      let size = try container.decode([Int].self, forKey: .size)
      if let text = try? container.decode(String.self, forKey: .counts) {
        self = .runLengths(size: size, counts: RunLengths.decoded(text))
      } else {
        self = .runLengths(size: size, counts: try container.decode([Int].self, forKey: .counts))
      }
    }

    private enum Keys: CodingKey {
      case size, counts
    }
  }

  let images: [Picture]
  let categories: [Category]
  let annotations: [Annotation]
}

extension GroundTruth {
  /// The objects of COCO's instances; crowds are left out, because they are not one object.
  static func coco(_ file: COCO, path: String) -> GroundTruth {
    let pictures = Dictionary(file.images.map { (name(of: $0.fileName), $0) }) { first, _ in first }
    let names = Dictionary(file.categories.map { ($0.id, $0.name) }) { first, _ in first }
    let annotations = Dictionary(grouping: file.annotations.filter { $0.iscrowd != 1 }, by: \.imageID)
    return GroundTruth { picture, size in
      guard let entry = pictures[name(of: picture)] else { return [] }
      guard entry.height == size.height, entry.width == size.width else {
        throw GroundTruthError(
          path, "\(entry.fileName) is \(entry.height)×\(entry.width) pixels there, and \(size) in the file")
      }
      return (annotations[entry.id] ?? []).compactMap { annotation in
        let box = annotation.bbox.flatMap { sides in
          sides.count == 4 ? Rectangle(left: sides[0], top: sides[1], width: sides[2], height: sides[3]) : nil
        }
        guard let region = annotation.segmentation?.region(size: size) ?? box.map({ Region(box: $0, size: size) })
        else { return nil }
        return AnnotatedObject(label: names[annotation.categoryID], region: region, box: box)
      }
    }
  }
}

extension COCO.Outline {
  /// The pixels inside; nil where there are none, or where they do not fit the picture.
  func region(size: ImageSize) -> Region? {
    switch self {
    case .polygons(let polygons):
      let parts = polygons.map { Region(polygon: $0, size: size) }
      guard let first = parts.first else { return nil }
      return parts.dropFirst().reduce(first) { $0.union($1) }
    case .runLengths(let extents, let counts):
      guard extents == [size.height, size.width], let covered = RunLengths.covered(counts, size: size) else {
        return nil
      }
      return Region(size: size, covered: covered)
    }
  }
}
