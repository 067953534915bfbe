import Architectures
import Checkpoints
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

/// The attention methods against full matrices over all tokens, computed by PyTorch from the papers' equations
/// (Tests/Fixtures/Parity/dense_attention.py).
@Suite("Parity of attention methods")
struct AttentionParityTests {
  /// A line of the fixture's list: a model, its input and the targets.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let size: ImageSize
    let stride: Int
    let targets: [Int]
    var testDescription: String { name }

    init(_ line: Substring) {
      let parts = line.split(separator: " ").map(String.init)
      name = parts[0]
      size = ImageSize(height: Int(parts[2]) ?? 1, width: Int(parts[3]) ?? 1)
      stride = Int(parts[4]) ?? 1
      targets = parts[5...].compactMap { Int($0) }
    }

    /// The model and the pictures.
    func load() throws -> (model: Model, input: Tensor) {
      guard name.hasPrefix("demo") else {
        let parity = try ParityCase(name)
        return (
          try parity.model(imageSize: size), DeterministicParameters.input([targets.count, 3, size.height, size.width])
        )
      }
      let model = try DemonstrationModel.load(name)
      return (model, try DemonstrationModel.scenes([20, 12], for: model))
    }
  }

  static let file = try? SafetensorsFile(contentsOf: Fixtures.path("Parity/attention.safetensors"))
  static var cases: [Case] { (file?.metadata["cases"] ?? "").split(separator: "\n").map { Case($0) } }

  @Test("There are cases of every architecture that attends")
  func list() throws {
    #expect(Self.cases.count == 13)
    // Nine maps each, but for three in which rounding decides what is left out.
    #expect(try #require(Self.file).names.count == 13 * 9 - 3)
  }

  @Test("The maps agree", arguments: cases)
  func agrees(one: Case) throws {
    let file = try #require(Self.file)
    let (model, input) = try one.load()
    let middle = model.attentionLayers.count / 2
    let methods: [any ExplanationMethod] = [
      AttentionRollout(), AttentionRollout(headFusion: .max, discardRatio: 0.9),
      AttentionRollout(headFusion: .min, discardRatio: 0.5), GradientRollout(), GradientRollout(discardRatio: 0.9),
      GradientAttention(), LeGrad(), RawAttention(), RawAttention(block: middle, head: 1),
    ]
    let batch = try Explainer(model).explain(input, methods: methods) { picture, _ in [.logit(one.targets[picture])] }
    for (index, method) in methods.enumerated() {
      let name = "\(one.name)/\(method.title)"
      guard file.names.contains(name) else { continue }
      let expected = try file.tensor(name)
      for (picture, explanations) in batch.explanations.enumerated() {
        #expect(explanations[index].layers == ["attention"])
        let found = explanations[index].rawMaps[0].everyOther(one.stride, unless: expected[picture].shape)
        expectClose(found, expected[picture], tolerance: .relative(2e-4), "\(one.name) \(method.title) \(picture)")
      }
    }
  }
}

extension Tensor {
  /// Every so many rows and columns from the first on, unless the shape is the expected one already.
  fileprivate func everyOther(_ step: Int, unless expected: Shape) -> Tensor {
    guard shape != expected else { return self }
    let rows = Array(stride(from: 0, to: shape[0], by: step))
    let columns = Array(stride(from: 0, to: shape[1], by: step))
    return Tensor(
      rows.flatMap { row in columns.map { self[at: row, $0] } }, shape: [rows.count, columns.count])
  }
}
