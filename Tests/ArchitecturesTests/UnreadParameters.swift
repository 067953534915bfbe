import Images
import LayerGraph
import Tensors

@testable import Architectures

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
