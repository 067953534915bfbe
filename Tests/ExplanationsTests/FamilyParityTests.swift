import Architectures
import Explanations
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

/// The whole CAM family against pytorch-grad-cam, torch-cam and the formulas of make_cam.py, with deterministic and with
/// trained weights.
@Suite("Parity of the CAM family with the references")
struct FamilyParityTests {
  /// Where the reference leaves the sign of the map to LAPACK.
  private static func hasSign(_ method: String) -> Bool {
    !["eigencam", "eigengradcam"].contains(method) && !method.hasSuffix("-eigen-smooth")
  }

  @Test(
    "The maps agree; those of a principal component up to the reference's arbitrary sign",
    arguments: [
      "vit_tiny_patch16_224", "resnet18", "swin_tiny_patch4_window7_224", "pvt_v2_b0", "demo_vit", "demo_swin",
      "demo_pvt_v2", "demo_resnet",
    ])
  func agrees(name: String) throws {
    let subject = try Subject(name)
    let methods = try subject.parity.methods.map { try Self.method($0) }
    // Some in one run, so that what they share is shared.
    let batch = try subject.explain(methods)
    for (index, method) in subject.parity.methods.enumerated() {
      let expected = try subject.parity.tensor("\(subject.layer)/\(method)/raw")
      for picture in 0..<expected.shape[0] {
        let found = subject.isTrained ? batch[0][picture * methods.count + index] : batch[picture][index]
        // The fixture has the scores themselves.
        let lowest = method == "reciprocam" ? expected[picture].scalars.min() ?? 0 : 0
        // The reference divides by the score, whatever its sign.
        let sign: Float = method == "ablationcam" && found.score < 0 ? -1 : 1
        expectClose(found.rawMaps[0], expected[picture].adding(-lowest) * sign, method)
      }
    }
  }

  @Test("The mean over altered pictures agrees", arguments: ["vit_tiny_patch16_224", "demo_vit", "demo_resnet"])
  func augmented(name: String) throws {
    let subject = try Subject(name)
    let expected = try subject.parity.tensor("\(subject.layer)/gradcam-aug-smooth/cam")
    let batch = try subject.explainer.explainAugmented(subject.input, methods: [GradCAM()]) { picture, _ in
      subject.targets(picture)
    }
    for picture in 0..<expected.shape[0] {
      let found = subject.isTrained ? batch.explanations[0][picture] : batch.explanations[picture][0]
      #expect(found.method == "gradcam-aug-smooth")
      expectCloseHeatmaps(found.heatmap.sampled(), expected[picture])
    }
  }

  private static func method(_ name: String) throws -> any ExplanationMethod {
    if name.hasSuffix("-eigen-smooth") {
      return try EigenSmoothed(ExplanationMethods.named(String(name.dropLast("-eigen-smooth".count))))
    }
    return switch name {
    case "sscam": SSCAM(sampleCount: 2)
    case "iscam": ISCAM(sampleCount: 2)
    default: try ExplanationMethods.named(name)
    }
  }

  private func expectClose(_ map: Tensor, _ expected: Tensor, _ method: String) {
    let found = map.shape == expected.shape ? map : map.sampled()
    let scale = expected.scalars.map(abs).max() ?? 0
    let isFlipped =
      !Self.hasSign(method) && zip(found.scalars, expected.scalars).reduce(Float(0)) { $0 + $1.0 * $1.1 } < 0
    // torch-cam cuts negative values off.
    let compared = ["iscam", "sscam"].contains(method) ? found.relu() : found
    TestSupport.expectClose(
      compared, isFlipped ? expected * -1 : expected, tolerance: .absolute(2e-3 * scale), method)
  }
}

/// A model, a layer and pictures of make_cam.py.
private struct Subject {
  let parity: ParityCase
  let isTrained: Bool
  let layer: String
  let explainer: Explainer
  let input: Tensor

  init(_ name: String) throws {
    parity = try ParityCase("cam_\(name)")
    isTrained = name.hasPrefix("demo_")
    layer = parity.layers[0]
    let model = try isTrained ? DemonstrationModel.load(name) : parity.model()
    explainer = try Explainer(model, layers: [LayerPath(layer)])
    input =
      try isTrained
      ? model.preprocessing(Image(contentsOf: Fixtures.path("../../Weights/Scenes/\(parity.picture)"))) : parity.input
  }

  /// A picture's targets: of a scene all objects, else one for each picture.
  func targets(_ picture: Int) -> [ScoreTarget] {
    isTrained ? parity.targets.map { .logit($0) } : [.logit(parity.targets[picture])]
  }

  func explain(_ methods: [any ExplanationMethod]) throws -> [[Explanation]] {
    try explainer.explain(input, methods: methods) { picture, _ in targets(picture) }.explanations
  }
}

extension Tensor {
  fileprivate func adding(_ offset: Float) -> Tensor {
    Tensor(scalars.map { $0 + offset }, shape: shape)
  }

  /// Every eighth row and column from the fourth on, which is what the fixtures keep.
  fileprivate func sampled() -> Tensor {
    let rows = Array(stride(from: 3, to: shape[0], by: 8))
    let columns = Array(stride(from: 3, to: shape[1], by: 8))
    return Tensor(rows.flatMap { row in columns.map { self[at: row, $0] } }, shape: [rows.count, columns.count])
  }
}
