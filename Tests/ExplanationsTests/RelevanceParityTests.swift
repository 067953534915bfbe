import Explanations
import TestSupport
import Tensors
import Testing

/// Relevance against zennit, and against the papers' rules written down for PyTorch (Tests/Fixtures/Parity/make_relevance.py).
@Suite("Parity of relevance")
struct RelevanceParityTests {
  @Test(
    "Raw maps agree",
    arguments: [
      "vgg16", "vgg16_bn", "resnet50", "mobilenet_v2", "vit_tiny", "deit_distilled", "swin_tiny", "pvt_v2_b0",
      "convnext_tiny", "efficientnet_b0",
    ])
  func agrees(name: String) throws {
    let reference = try ParityCase("relevance_\(name)")
    let sets = try reference.methods.map { try #require(RelevanceRuleSet(rawValue: $0)) }
    #expect(sets.count >= 2)
    let batch = try Explainer(reference.model()).explain(
      reference.input, methods: sets.map { Relevance($0, sigma: 0) }
    ) { picture, _ in [.logit(reference.targets[picture])] }
    for (place, set) in sets.enumerated() {
      let expected = try reference.tensor(set.rawValue)
      for (picture, explanations) in batch.explanations.enumerated() {
        expectClose(
          sampled(explanations[place].rawMaps[0]), expected[picture], tolerance: .relative(1e-3),
          "\(name) \(set.rawValue) \(picture)")
      }
    }
  }

  /// Every fifth row and column from the third on, which is what the fixtures keep.
  private func sampled(_ map: Tensor) -> Tensor {
    let (rows, columns) = (stride(from: 2, to: map.shape[0], by: 5), stride(from: 2, to: map.shape[1], by: 5))
    let values = rows.flatMap { row in columns.map { map[at: row, $0] } }
    return Tensor(values, shape: [Array(rows).count, Array(columns).count])
  }
}
