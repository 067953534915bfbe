import Synchronization
import Tensors

/// Where in the picture the results of a graph's nodes lie, found by following the picture's pixels through the ops when it is
/// first asked for.
public final class PlaceTable: Sendable {
  private let graph: Graph
  private let found = Mutex<[NodeID: Places]>([:])

  /// Nothing yet of a graph.
  public init(_ graph: Graph) {
    self.graph = graph
  }

  /// The places of a node's result.
  public func places(of node: NodeID) -> Places {
    found.withLock { found in
      if let places = found[node] { return places }
      for id in graph.ancestors(of: [node]).sorted() where found[id] == nil {
        let step = graph.nodes[id]
        let shapes = step.inputs.map { graph.nodes[$0].shape }
        if id == graph.input {
          found[id] = step.shape.rank == 3 ? Places(picture: step.shape) : .none(rank: step.shape.rank)
        } else if step.inputs.isEmpty {
          found[id] = .none(rank: step.shape.rank)
        } else {
          let inputs = step.inputs.map { found[$0] ?? .none(rank: graph.nodes[$0].shape.rank) }
          found[id] = step.op.resultPlaces(of: inputs, shapes: shapes, result: step.shape)
        }
      }
      return found[node] ?? .none(rank: graph.nodes[node].shape.rank)
    }
  }
}
