import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Backward rules")
struct BackwardRuleTests {
  private let inputs = Tensor([-2, -0.5, 0.5, 2, 7], shape: [1, 5])

  /// What goes back to the inputs when the gradients of all outputs are given.
  private func guided(_ op: any Op, _ gradient: [Float]) -> [Float] {
    let output = op.forward([inputs])
    return BackwardRule.guided.backward(
      op, Tensor(gradient, shape: [1, 5]), inputs: [inputs], output: output)[0].scalars
  }

  @Test("Guided ReLU lets positive gradients through to positive inputs")
  func relu() {
    #expect(guided(ReLU(), [1, 2, 3, 4, 5]) == [0, 0, 3, 4, 5])
    #expect(guided(ReLU(), [1, 2, -3, 4, -5]) == [0, 0, 0, 4, 0])
    #expect(guided(ReLU6(), [1, 2, 3, 4, 5]) == [0, 0, 3, 4, 0])
  }

  @Test("Smooth activations are gated as ReLU is, and keep their derivative where the gate is open")
  func smooth() {
    // Φ(x) + x φ(x), σ(x) (1 + x (1 − σ(x))) and x / 3 + 1/2, at 0.5 and 2, times the gradients.
    expectClose(
      guided(GELU(), [1, 1, 3, -4, 1]), [0, 0, 3 * 0.867_495_6, 0, 1], tolerance: .absolute(1e-5), "GELU")
    expectClose(
      guided(SiLU(), [1, 1, 3, 4, -1]), [0, 0, 3 * 0.739_961_9, 4 * 1.090_784_2, 0], tolerance: .absolute(1e-5), "SiLU")
    expectClose(
      guided(HardSwish(), [1, 1, 3, 4, 5]), [0, 0, 2, 4 * (2.0 / 3 + 0.5), 5], tolerance: .absolute(1e-5), "Hardswish")
  }

  @Test("What is no activation keeps its derivative")
  func others() {
    #expect(guided(Sigmoid(), [-1, -1, -1, -1, -1]).allSatisfy { $0 < 0 })
    #expect(guided(Scale(factor: -2), [1, -1, 1, -1, 1]) == [-2, 2, -2, 2, -2])
  }

  @Test("Through a model of smooth activations it is another gradient, and the derivative is the default")
  func model() throws {
    let graph = try SampleModels.transformer()
    let trace = try graph.run(SampleModels.pictures(1, for: graph))
    let seed = Tensor([1, 0, 0], shape: [1, 3])
    func gradient(_ rule: BackwardRule?) throws -> Tensor? {
      guard let rule else { return try graph.gradients(of: graph.output, seed: seed, at: [0], in: trace)[0] }
      return try graph.gradients(of: graph.output, seed: seed, at: [0], in: trace, rule: rule)[0]
    }
    let plain = try #require(try gradient(nil))
    #expect(try gradient(.derivative)?.scalars == plain.scalars)
    #expect(try gradient(.guided)?.scalars != plain.scalars)
  }
}
