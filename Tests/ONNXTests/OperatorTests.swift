import Checkpoints
import Foundation
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import ONNX

/// Operators of ONNX as onnxruntime computes them; see `Tests/Fixtures/ONNX/make_operators.py`.
@Suite("Operators of exported models")
struct OperatorTests {
  @Test("An operator gives what onnxruntime gives", arguments: OperatorCase.all)
  func values(operation: OperatorCase) throws {
    let graph = try operation.graph()
    let output = try #require(try graph.run(operation.input)[graph.output])
    let expected = Tensor(operation.output, shape: output.shape)
    #expect(output.count == operation.output.count)
    expectClose(output, expected, tolerance: .relative(2e-5), operation.name)
  }

  @Test("The shape of a sample is the file's without the batch axis", arguments: OperatorCase.all)
  func shapes(operation: OperatorCase) throws {
    let graph = try operation.graph()
    #expect(graph.nodes[graph.output].shape == ComputedValue.sampleShape(of: operation.shape))
  }

  @Test("A layer norm that was taken apart is one op again; another norm is not taken for one")
  func layerNorms() throws {
    func nodes(_ name: String) throws -> Int {
      try #require(OperatorCase.all.first { $0.name == name }).graph().nodes.count
    }
    #expect(try nodes("LayerNorm taken apart") == 2)
    #expect(try nodes("Norm that is no LayerNorm") > 5)
  }

  @Test("A batch gives what its samples give alone", arguments: OperatorCase.all)
  func batches(operation: OperatorCase) throws {
    let graph = try operation.graph()
    let other = operation.input * -0.5
    let both = Tensor(operation.input.scalars + other.scalars, shape: [2, 3, 4, 4])
    let output = try #require(try graph.run(both)[graph.output])
    let second = try #require(try graph.run(other)[graph.output])
    expectClose(output.samples(1..<2), second, tolerance: .relative(1e-5), operation.name)
  }

  @Test("Gradients agree with central differences", arguments: OperatorCase.all.filter { !$0.hasKinks })
  func gradients(operation: OperatorCase) throws {
    let graph = try operation.graph()
    let trace = try graph.run(operation.input)
    let output = try #require(trace[graph.output])
    let seed = Tensor.random(output.shape, seed: 3)
    let gradient = try #require(
      try graph.gradients(of: graph.output, seed: seed, at: [graph.input], in: trace)[graph.input])
    try FiniteDifferences.expectGradient(gradient, at: operation.input, step: 1e-3, label: operation.name) { moved in
      FiniteDifferences.sum(seed, try graph.run(moved)[graph.output] ?? moved)
    }
  }
}

/// One small model and what it gives for the input that all of them share.
struct OperatorCase: Sendable, CustomTestStringConvertible {
  let name: String
  let model: Data
  let shape: [Int]
  let output: [Float]
  let input: Tensor

  var testDescription: String { name }

  /// Whether the input may lie where the function bends.
  var hasKinks: Bool {
    ["Pool", "Clip", "Relu", "Hard", "Max", "Min", "Abs", "Sqrt", "Elu"].contains { name.contains($0) }
  }

  func graph() throws -> Graph {
    let file = try ONNXFile(ByteRegion(file: "\(name).onnx", copying: Array(model)))
    let builder = GraphBuilder(parameters: [String: Tensor]())
    let picture = builder.input([3, 4, 4])
    return try builder.graph(output: file.output(for: picture, builder))
  }

  private struct Cases: Decodable {
    struct Entry: Decodable {
      let model: Data
      let shape: [Int]
      let output: [Float]
    }
    let input: [Float]
    let cases: [String: Entry]
  }

  static let all: [OperatorCase] = {
    guard let data = FileManager.default.contents(atPath: Fixtures.path("ONNX/operators.json")),
      let cases = try? JSONDecoder().decode(Cases.self, from: data)
    else { preconditionFailure("Tests/Fixtures/ONNX/operators.json cannot be read") }
    let input = Tensor(cases.input, shape: [1, 3, 4, 4])
    return cases.cases.sorted { $0.key < $1.key }.map {
      OperatorCase(name: $0.key, model: $0.value.model, shape: $0.value.shape, output: $0.value.output, input: input)
    }
  }()
}
