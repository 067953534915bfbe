import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Batch norm with an activation")
struct NormalizedActivationTests {
  @Test("The module's name means what the activation gives, and its parameters are the norm's")
  func names() throws {
    let builder = GraphBuilder(
      parameters: [
        "bn1.weight": Tensor([2], shape: [1]), "bn1.bias": Tensor([1], shape: [1]),
        "bn1.running_mean": Tensor([0], shape: [1]), "bn1.running_var": Tensor([1], shape: [1]),
      ])
    let x = builder.input([1, 1, 3])
    let graph = try builder.graph(output: builder.batchNorm("bn1", x, epsilon: 0) { builder.relu($0, $1) })
    #expect(graph.nodes.map(\.name) == ["input", "bn1.norm", "bn1.act"])
    #expect(try graph.node(at: "bn1") == graph.output)
    let trace = try graph.run(Tensor([-1, 0, 1], shape: [1, 1, 1, 3]))
    try expectClose(#require(trace[1]), [-1, 1, 3])
    try expectClose(#require(trace[2]), [0, 1, 3])
  }
}
