import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Architectures

@Suite struct DerivedLayoutTests {
  @Test("What the graph says of a layer's places is what the page says", arguments: ModelDescription.all.map(\.name))
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
