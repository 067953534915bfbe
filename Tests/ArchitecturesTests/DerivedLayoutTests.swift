import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Architectures

@Suite struct DerivedLayoutTests {
  @Test(
    "What the graph says of a layer's places is what the page says",
    arguments: [
      "vit_tiny_patch16_224", "deit_tiny_distilled_patch16_224", "vit_small_patch14_reg4_dinov2", "vit_b_16",
      "swin_tiny_patch4_window7_224", "swin_t", "swinv2_tiny_window8_256", "pvt_v2_b0", "pvt_v2_b2_li", "pvt_tiny",
      "resnet18", "resnet50", "densenet121", "vgg11", "squeezenet1_1", "convnext_tiny", "efficientnet_b0",
      "tf_efficientnet_b0", "mobilenetv3_small_100", "resnet20", "demo_swin", "demo_pvt_v2", "demo_resnet",
    ])
  func pages(name: String) throws {
    let description = try ModelDescription.named(name)
    let size = description.preprocessing.size
    let graph = try description.architecture.ownGraph(
      GraphBuilder(parameters: UnreadParameters(description.architecture, size)), imageSize: size)
    let places = PlaceTable(graph)
    let ofPicture = graph.descendants(of: [graph.input])
    for (id, node) in graph.nodes.enumerated() where id != graph.input && ofPicture.contains(id) {
      guard let page = description.architecture.layout(of: node.shape, layer: node.name, imageSize: size),
        page.places(of: node.shape) > 1
      else { continue }
      let derived = FeatureLayout(places.places(of: id), shape: node.shape)
      #expect(derived == page, "\(name) \(node.name) \(node.shape)")
    }
  }
}

/// Parameters of the shapes that an architecture wants, of zeros that take no memory.
struct UnreadParameters: ParameterSource {
  private let shapes: [String: Shape]

  init(_ architecture: any Architecture, _ size: ImageSize) throws {
    func mismatch(_ shapes: [String: Shape]) throws -> ParameterMismatch {
      do {
        _ = try architecture.ownGraph(GraphBuilder(parameters: UnreadParameters(shapes)), imageSize: size)
        return ParameterMismatch()
      } catch let mismatch as ParameterMismatch {
        return mismatch
      }
    }
    let missing = try mismatch([:]).missing
    let wrong = try mismatch(Dictionary(uniqueKeysWithValues: missing.map { ($0, [0, 0, 0, 0, 0]) })).misshapen
    self.init(Dictionary(uniqueKeysWithValues: wrong.map { ($0.name, $0.expected) }))
  }

  private init(_ shapes: [String: Shape]) { self.shapes = shapes }

  var parameterNames: [String] { Array(shapes.keys) }
  func shape(ofParameter name: String) -> Shape? { shapes[name] }
  func parameter(_ name: String) throws -> Tensor { Tensor(unreadZeros: shapes[name] ?? [0]) }
}
