import Foundation
import Images
import Tensors

/// The scenes that `Weights/` ships, with what is in them.
struct Scene: Decodable, Sendable {
  struct Object: Decodable, Sendable {
    let label: String
    let mask: String

    private enum CodingKeys: String, CodingKey {
      case label, mask
    }
  }

  let file: String
  let objects: [Object]

  /// The scene's path from the package's root.
  var path: String { "Weights/Scenes/\(file)" }

  static func all() throws -> [Scene] {
    struct List: Decodable {
      let scenes: [Scene]
    }
    let list = CommandRun.root.appending(path: "Weights/Scenes/scenes.json")
    return try JSONDecoder().decode(List.self, from: Data(contentsOf: list)).scenes
  }
}

extension Scene.Object {
  /// Whether the object covers a pixel.
  func covers(row: Int, column: Int) throws -> Bool {
    let image = try Image(contentsOf: CommandRun.root.appending(path: "Weights/Scenes/\(mask)").path)
    guard case .bytes(let coverage) = image.displayed().samples else { return false }
    return coverage[(row * image.width + column) * image.channels] > 127
  }
}
