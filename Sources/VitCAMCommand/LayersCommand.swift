import ArgumentParser
import VitCAM

/// Lists a model's layers.
struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "List a model's layers with their shapes; the recommended one is marked.",
    discussion: """
      Examples:
        vitcam layers --arch vit_base_patch16_224 --weights vit.pth
        vitcam layers --weights Weights/demo_vit.safetensors --maps
        vitcam layers model.onnx
      """)

  @Argument(help: .init("A checkpoint, in place of --weights.", valueName: "file"))
  var file: String?

  @OptionGroup(title: "Model") var model: ModelOptions

  @Flag(help: "Only layers that are maps of the picture.")
  var maps = false

  mutating func validate() throws {
    guard let file else { return }
    guard model.weights == nil else { throw ValidationError("'\(file)': --weights names a checkpoint already") }
    model.weights = file
  }

  func run() throws {
    let (loaded, _) = try model.load()
    let graph = loaded.graph
    let recommended = try graph.node(at: loaded.recommendedLayer)
    for name in graph.orderedNames {
      guard let node = graph.names[name], !maps || loaded.layout(of: node) != nil else { continue }
      let isRecommended = node == recommended && graph.nodes[node].name == name
      let mark = isRecommended ? "   <- recommended: \(loaded.recommendedLayer)" : ""
      print("\(name)  \(graph.nodes[node].shape)\(mark)")
    }
  }
}
