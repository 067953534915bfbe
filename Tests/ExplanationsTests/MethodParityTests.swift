import Explanations
import LayerGraph
import TestSupport
import Tensors
import Testing

/// The methods beyond the four of ``ParityTests``, against pytorch-grad-cam at one layer of each kind of model.
@Suite("Parity of further methods with the reference")
struct MethodParityTests {
  /// Where the reference leaves the sign of the map to LAPACK.
  private static let unsigned: Set = ["eigencam", "eigengradcam"]

  @Test(
    "The maps agree; those of a principal component up to the reference's arbitrary sign",
    arguments: ["vit_tiny_patch16_224", "resnet18", "swin_tiny_patch4_window7_224", "pvt_v2_b0"])
  func agrees(name: String) throws {
    let parity = try ParityCase("methods_\(name)")
    let layer = try #require(parity.layers.first)
    let explainer = try Explainer(parity.model(), layers: [LayerPath(layer)])
    let methods = try parity.methods.map { try ExplanationMethods.named($0) }
    let batch = try explainer.explain(parity.input, methods: methods) { picture, _ in [.logit(parity.targets[picture])]
    }
    for (index, method) in parity.methods.enumerated() {
      let (raw, cam) = try (parity.tensor("\(layer)/\(method)/raw"), parity.tensor("\(layer)/\(method)/cam"))
      for (picture, explanations) in batch.explanations.enumerated() {
        let (found, expected) = (explanations[index], raw[picture])
        let scale = expected.scalars.map(abs).max() ?? 0
        let isFlipped = Self.unsigned.contains(method) && abs(expected.scalars.min() ?? 0) == scale
        expectClose(
          found.rawMaps[0], isFlipped ? expected * -1 : expected, tolerance: .absolute(2e-3 * scale), method)
        if !isFlipped { expectCloseHeatmaps(sampled(found.heatmap), cam[picture], method) }
      }
    }
  }

  /// Every eighth row and column from the fourth on, which is what the fixtures keep.
  private func sampled(_ heatmap: Tensor) -> Tensor {
    let rows = Array(stride(from: 3, to: heatmap.shape[0], by: 8))
    let columns = Array(stride(from: 3, to: heatmap.shape[1], by: 8))
    let values = rows.flatMap { row in columns.map { heatmap[at: row, $0] } }
    return Tensor(values, shape: [rows.count, columns.count])
  }
}
