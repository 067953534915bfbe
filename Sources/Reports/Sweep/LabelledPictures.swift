import Tensors
import Architectures
import Explanations
import Images

/// Pictures of which is known what they show.
public struct LabelledPictures: Sendable {
  /// The pictures' paths, each with its label.
  public let pictures: [(path: String, label: String)]

  /// The pictures of a folder with a folder for each class, as torchvision's `ImageFolder` has it, or those of a list with
  /// the columns `path` and `label`, see ``PictureList``.
  ///
  /// - Throws: ``UsageError`` where a picture has no label, or there are none; `FileError`.
  public init(contentsOf path: String) throws {
    pictures = try Folder.isFolder(path) ? Self.folders(path) : Self.list(path)
    guard !pictures.isEmpty else {
      throw UsageError("\(path): expected a folder for each class with pictures in it, found none")
    }
  }

  private static func folders(_ path: String) throws -> [(path: String, label: String)] {
    try Folder.files(in: path).filter { Folder.isFolder($0) }.flatMap { folder in
      try Folder.files(in: folder).filter { ReadableFormat(path: $0) != nil }.map { ($0, Folder.name(of: folder)) }
    }
  }

  private static func list(_ path: String) throws -> [(path: String, label: String)] {
    guard Manifest.isManifest(path) else {
      throw UsageError("\(path): expected a folder for each class, or a list with path and label (.csv, .tsv, .jsonl)")
    }
    return try PictureList([path]).pictures().map { picture in
      if let problem = picture.problem { throw UsageError(problem) }
      guard let label = picture.label else { throw UsageError("\(path): \(picture.path) has no label") }
      return (picture.path, label)
    }
  }

  /// The classes that labels stand for: those of these names or numbers, or else, where there are as many labels as classes
  /// and nobody named the model's, those in the order of the labels by name, as `ImageFolder` numbers them.
  ///
  /// - Throws: ``UsageError`` where a label is no class of the model.
  func classes(of model: Model) throws(UsageError) -> [String: Int] {
    let names = Set(pictures.map(\.label)).sorted()
    var found = [String: Int]()
    for name in names { found[name] = model.classIndex(of: name) }
    if found.count == names.count { return found }
    if model.labels == nil || model.hasAssumedLabels, names.count == model.classCount {
      return Dictionary(uniqueKeysWithValues: zip(names, 0...))
    }
    let missing = names.first { found[$0] == nil } ?? ""
    throw UsageError(
      "label '\(missing)': not one of the model's \(model.classCount) classes; name them with --labels, or label by number"
    )
  }
}
