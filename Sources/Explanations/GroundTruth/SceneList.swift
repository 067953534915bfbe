import Images

/// A list of scenes with a mask for each object, as `Weights/Scenes/scenes.json` is; files lie beside the list.
struct SceneList: Decodable {
  struct Scene: Decodable {
    let file: String
    let objects: [Object]
  }

  struct Object: Decodable {
    let label: String
    let mask: String
    /// Left, top, right and bottom; the last two are the first column and row behind it.
    let box: [Double]?
  }

  let scenes: [Scene]
}

extension GroundTruth {
  /// The objects of a list of scenes.
  static func sceneList(_ list: SceneList, path: String) -> GroundTruth {
    let folder = folder(of: path)
    return GroundTruth(pictures: list.scenes.map { folder + $0.file }) { picture, size in
      guard let scene = list.scenes.first(where: { name(of: $0.file) == name(of: picture) }) else { return [] }
      return try scene.objects.compactMap { object in
        let box = object.box.flatMap { sides -> Rectangle? in
          guard sides.count == 4 else { return nil }
          return Rectangle(left: sides[0], top: sides[1], width: sides[2] - sides[0], height: sides[3] - sides[1])
        }
        return try Self.object(mask: folder + object.mask, label: object.label, size: size, box: box)
      }
    }
  }
}
