import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Constant")
struct ConstantTests {
  @Test("is a batch of one, broadcast to the batch that it is added to")
  func values() throws {
    let builder = GraphBuilder(parameters: [:] as [String: Tensor])
    let input = builder.input([2])
    let graph = try builder.graph(output: input + builder.constant("token", Tensor([10, 20], shape: [2])))
    let trace = try graph.run(Tensor([1, 2, 3, 4], shape: [2, 2]))
    #expect(trace[try graph.node(at: "token")]?.shape == [1, 2])
    #expect(trace[graph.output]?.scalars == [11, 22, 13, 24])
  }

  @Test("owes its gradient to every sample of the batch")
  func gradient() throws {
    let builder = GraphBuilder(parameters: [:] as [String: Tensor])
    let input = builder.input([2])
    let graph = try builder.graph(output: input + builder.constant("token", Tensor([10, 20], shape: [2])))
    let trace = try graph.run(Tensor([1, 2, 3, 4], shape: [2, 2]))
    let token = try graph.node(at: "token")
    let seed = Tensor([1, 2, 3, 4], shape: [2, 2])
    let gradient = try graph.gradients(of: graph.output, seed: seed, at: [token], in: trace)[token]
    #expect(gradient?.shape == [1, 2])
    #expect(gradient?.scalars == [4, 6])
  }
}
