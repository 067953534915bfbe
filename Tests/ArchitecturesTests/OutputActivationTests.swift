import Checkpoints
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Architectures

/// Two linear layers of a picture's mean, behind which a file shows nothing.
private struct TwoScores: Architecture {
  let endsInSigmoid: Bool

  func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let scores = m.classifier("fc", m.globalAveragePool("pool", picture))
    return endsInSigmoid ? m.sigmoid("end", scores) : scores
  }
}

@Suite("What stands behind the last layer")
struct OutputActivationTests {
  private static let parameters = [
    "fc.weight": Tensor([1, 2, 3, -1, 0, 1], shape: [2, 3]), "fc.bias": Tensor([0.5, -0.5], shape: [2]),
  ]

  @Test(
    "is what the user says, and else what the architecture has",
    arguments: [
      (false, nil, false), (true, nil, true), (false, .sigmoid, true), (true, .sigmoid, true),
      (true, .identity, false), (false, .identity, false),
    ] as [(Bool, OutputActivation?, Bool)])
  func ending(architecture: Bool, asked: OutputActivation?, isSigmoid: Bool) throws {
    let model = try Model(
      name: "own", TwoScores(endsInSigmoid: architecture), parameters: Self.parameters,
      preprocessing: .init(size: .init(square: 2)), activation: asked)
    let picture = Tensor([1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 2, 2], shape: [1, 3, 2, 2])
    let found = try #require(try model.graph.run(picture)[model.graph.output]).scalars
    // 1 + 6 + 0.5 and -1 + 2 - 0.5; their sigmoids.
    expectClose(found, isSigmoid ? [0.999447, 0.622459] : [7.5, 0.5])
    #expect(model.outputs == (isSigmoid ? .probabilities : .logits))
  }

  @Test("A DenseNet whose classifier is a sequence says that a sigmoid is assumed, unless the user says what follows")
  func denseNet() throws {
    let densenet = try ModelDescription.named("densenet121").architecture
    func assumptions(_ name: String, _ activation: OutputActivation?) -> [String] {
      let head = ["\(name).weight": Tensor(repeating: 0, shape: [14, 1024])]
      let builder = GraphBuilder(parameters: head, activation: activation)
      _ = try? densenet.ownGraph(builder, imageSize: .init(square: 224))
      return builder.assumptions
    }
    #expect(assumptions("classifier.0", nil).count == 1)
    #expect(assumptions("classifier.0", nil).first?.contains("--activation none") == true)
    #expect(assumptions("classifier.0", .identity).isEmpty)
    #expect(assumptions("classifier", nil).isEmpty)
  }
}
