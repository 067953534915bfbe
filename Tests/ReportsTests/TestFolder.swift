import Tensors
import Architectures
import Checkpoints
import Foundation
import TestSupport

@testable import Reports

/// A folder of its own for a test, removed when the test is over.
final class TestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "vitcam-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, with the folders that it lies in, and gives its path.
  @discardableResult
  func file(_ name: String, _ text: String) throws -> String {
    try Folder.create(Folder.parent(of: self(name)))
    try Data(text.utf8).write(to: URL(filePath: self(name)))
    return self(name)
  }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: self(name))) }

  /// The paths of all files, at any depth, with what they hold.
  func files(in name: String) throws -> [String: Data] {
    let names = FileManager.default.enumerator(atPath: self(name))?.allObjects as? [String] ?? []
    return try Dictionary(
      uniqueKeysWithValues: names.filter { !Folder.isFolder("\(self(name))/\($0)") }.map {
        ($0, try bytes("\(name)/\($0)"))
      })
  }
}

/// A shipped model and its scenes.
enum Demonstration {
  static let root = Fixtures.path("../..")
  static let weights = "\(root)/Weights/demo_vit.safetensors"

  static func model() throws -> Model {
    try Model(ModelDescription.named("demo_vit"), checkpoint: StateDictionary(contentsOf: weights))
  }

  /// The path of a scene, by its number, 0 to 23.
  static func scene(_ number: Int) -> String {
    "\(root)/Weights/Scenes/scene-\(number < 10 ? "0" : "")\(number).png"
  }
}
