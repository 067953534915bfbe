import VitCAM

/// What `--demo` measures: the demonstration models, and the scenes beside them.
enum DemonstrationScenes {
  /// The models whose weights are found.
  static func models() throws -> [ModelOptions] {
    try ["demo_vit", "demo_swin", "demo_pvt_v2", "demo_resnet"].map { name in
      try ModelOptions.parse(["--arch", name])
    }
  }

  /// The list of the scenes.
  static func list() throws -> String {
    let path = try WeightsLocator().path(for: "demo_vit")
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    return "\(folder)Scenes/scenes.json"
  }
}
