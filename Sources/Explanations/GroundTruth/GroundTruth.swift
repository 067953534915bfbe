import Images

/// What is where in a picture, as people marked it.
public struct AnnotatedObject: Sendable, Equatable {
  /// What it is, where that is said.
  public let label: String?
  /// Its pixels.
  public let region: Region
  /// The box around it: the one that was marked, or else the smallest around its pixels.
  public let box: Rectangle

  /// An object with its pixels; nil where there are none, and no box either.
  public init?(label: String?, region: Region, box: Rectangle? = nil) {
    guard region.count > 0, let found = box ?? region.box else { return nil }
    self.label = label
    self.region = region
    self.box = found
  }
}

/// The objects of a collection of pictures. Pictures are found by their file names, without folders.
///
/// | path | what it is |
/// |---|---|
/// | a `.json` file | COCO's instances, or a list of scenes as `Weights/Scenes/scenes.json` is |
/// | a folder with `.xml` files | Pascal VOC: one for each picture, of its name |
/// | a folder with `.png` files | masks: for `cat.jpg` `cat.png`, or `cat-LABEL.png` for each object |
/// | an `.xml` or a `.png` file | the same for a single picture |
public struct GroundTruth: Sendable {
  private let find: @Sendable (_ picture: String, _ size: ImageSize) throws -> [AnnotatedObject]
  /// The pictures that it names, as paths; empty where it names none.
  public let pictures: [String]

  init(
    pictures: [String] = [],
    _ find: @escaping @Sendable (_ picture: String, _ size: ImageSize) throws -> [AnnotatedObject]
  ) {
    self.pictures = pictures
    self.find = find
  }

  /// The objects of a picture.
  ///
  /// - Parameters:
  ///   - picture: its path.
  ///   - size: its size in pixels, which masks and boxes have to fit.
  /// - Throws: ``GroundTruthError`` where they cannot be read or do not fit; `ImageError` for a mask.
  public func objects(in picture: String, size: ImageSize) throws -> [AnnotatedObject] {
    try find(picture, size)
  }
}

/// Marks that cannot be read, or that do not fit their picture.
public struct GroundTruthError: Error, Equatable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What is wrong with it.
  public let problem: String

  /// An error about a file.
  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  /// One line: the file, and what is wrong with it.
  public var description: String { "\(path): \(problem)" }
}
