import Explanations
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

/// Whole models against PyTorch, timm or torchvision, and pytorch-grad-cam.
@Suite("Parity with the reference")
struct ParityTests {
  static let cases = [
    "vit_tiny_patch16_224", "vit_tiny_patch16_224_7_classes", "vit_tiny_patch16_224_average",
    "vit_tiny_patch16_224_resampled_288", "vit_tiny_patch16_224_resampled_192x320", "vit_small_patch16_384",
    "vit_small_patch16_224_160x256", "vit_small_patch14_dinov2", "vit_small_patch14_reg4_dinov2",
    "vit_base_patch16_224", "vit_base_patch32_224", "deit_small_distilled_patch16_224", "torchvision_vit_b_16",
    "resnet18", "resnet18_batch", "resnet18_192x256", "resnet18_all_negative", "torchvision_resnet18", "resnet50",
    "wide_resnet50_2", "resnext50_32x4d", "xray_resnet",
    "swin_tiny_patch4_window7_224", "swin_tiny_patch4_window7_224_repository", "swin_tiny_patch4_window7_224_160x256",
    "swin_tiny_patch4_window7_224_resampled_160x256", "swin_base_patch4_window7_224", "torchvision_swin_t",
    "torchvision_swin_t_160x256", "swinv2_tiny_window8_256", "swinv2_tiny_window8_256_160x256",
    "torchvision_swin_v2_t",
    "pvt_v2_b0", "pvt_v2_b0_192x256", "pvt_v2_b2_li", "pvt_v2_b3_384",
    "pvt_tiny", "pvt_tiny_early", "pvt_tiny_192x256",
    "efficientnet_b0", "efficientnet_b0_128x224", "torchvision_efficientnet_b0",
    "tf_efficientnetv2_s", "torchvision_efficientnet_v2_s",
    "mobilenetv3_large_100", "tf_mobilenetv3_small_075", "torchvision_mobilenet_v3_large",
    "torchvision_mobilenet_v3_small",
    "mnasnet_100", "semnasnet_075", "torchvision_mnasnet1_0",
    "convnext_tiny", "convnext_tiny_128x224", "torchvision_convnext_tiny", "convnext_tiny_repository",
    "mobilenext_100", "mobilenext_100_uniform",
    "vgg16_bn", "vgg11_160x224", "torchvision_vgg11_224x288", "torchvision_alexnet_192x256",
    "densenet121_14_classes_384", "densenet121_160x224", "torchvision_densenet121", "chexnet_densenet121",
    "mobilenetv2_100", "mobilenetv2_050_160x224", "mobilenetv2_120d", "mobilenetv2_100_same_190x225",
    "torchvision_mobilenet_v2",
    "torchvision_squeezenet1_1", "torchvision_squeezenet1_0_160x230",
    "cifar_resnet20",
  ]

  @Test("Every node, the logits and all maps agree", arguments: cases)
  func agrees(name: String) throws {
    let parity = try ParityCase(name)
    let model = try parity.model()
    let trace = try model.graph.run(parity.input)
    let logits = try #require(trace[model.graph.output])
    if let diverging = try firstDivergingNode(parity, model.graph, trace) { Issue.record("\(diverging)") }
    try expectClose(logits, parity.tensor("logits"), tolerance: Tolerances.logits)
    let plan = model.plans.plan()
    let planned = try plan.graph.run(parity.input, keeping: .only([plan.graph.output]))
    try expectClose(#require(planned[plan.graph.output]), logits, tolerance: .relative(1e-5))
    for layer in parity.layers {
      let explainer = try Explainer(model, layers: [LayerPath(layer)])
      let batch = try explain(parity, explainer)
      for (index, method) in parity.methods.enumerated() {
        let explanations = batch.explanations.map { $0[index] }
        let raw = try parity.tensor("\(layer)/\(method)/raw")
        let scale = raw.scalars.map(abs).max() ?? 0
        for (picture, explanation) in explanations.enumerated() {
          expectClose(explanation.rawMaps[0], raw[picture], tolerance: .absolute(2e-3 * scale))
        }
        try expectHeatmaps(explanations, parity.tensor("\(layer)/\(method)/cam"))
      }
    }
  }

  @Test("The maps of several layers together agree", arguments: ["vit_tiny_patch16_224", "resnet18"])
  func agreesTogether(name: String) throws {
    let parity = try ParityCase(name)
    let explainer = try Explainer(parity.model(), layers: parity.layers.map { LayerPath($0) })
    let batch = try explain(parity, explainer)
    for (index, method) in parity.methods.enumerated() {
      try expectHeatmaps(batch.explanations.map { $0[index] }, parity.tensor("all/\(method)/cam"))
    }
  }

  @Test("Activations and gradients of a named layer agree", arguments: ["vit_tiny_patch16_224", "resnet50"])
  func evidenceAgrees(name: String) throws {
    let parity = try ParityCase(name)
    let model = try parity.model()
    let path = LayerPath(parity.layers[0])
    let node = try model.graph.node(at: path)
    let evidence = try Explainer.evidence(
      of: model, input: parity.input, targets: parity.targets.map { .logit($0) }, layers: [path])[0]
    for (tensor, key) in [(evidence.activation, "activation"), (evidence.gradient, "gradient")] {
      let maps = try ReshapeTransform.automatic(tensor, layout: model.layout(of: node))
      try expectClose(summary(maps), parity.tensor("\(parity.layers[0])/\(key)"), tolerance: .relative(1e-4))
    }
  }

  // MARK: Helpers

  private func explain(_ parity: ParityCase, _ explainer: Explainer) throws -> ExplanationBatch {
    try explainer.explain(parity.input, methods: parity.methods.map { try ExplanationMethods.named($0) }) {
      picture, _ in
      [.logit(parity.targets[picture])]
    }
  }

  /// Compares every eighth row and column from the fourth on, which is what the fixtures keep.
  private func expectHeatmaps(_ explanations: [Explanation], _ expected: Tensor) throws {
    for (picture, explanation) in explanations.enumerated() {
      let rows = stride(from: 3, to: explanation.heatmap.shape[0], by: 8)
      let columns = stride(from: 3, to: explanation.heatmap.shape[1], by: 8)
      let sampled = rows.flatMap { row in columns.map { explanation.heatmap[at: row, $0] } }
      expectCloseHeatmaps(Tensor(sampled, shape: expected[picture].shape), expected[picture])
    }
  }

  /// The first module, in the order in which the reference completes them, whose result is another one here.
  private func firstDivergingNode(_ parity: ParityCase, _ graph: Graph, _ trace: Trace) throws -> String? {
    let expected = try parity.tensor("nodes")
    for (row, name) in parity.nodes.enumerated() {
      guard let node = graph.names[name], let result = trace[node]?[0] else { continue }
      let found = summary(result).scalars
      let wanted = expected[row].scalars
      let deviation = max(wanted[1], 1e-3)
      let pairs = [(found[0], wanted[0]), (found[1], wanted[1]), (found[2], wanted[2]), (found[17], wanted[3])]
      for (a, b) in pairs where abs(a - b) > 1e-3 * max(deviation, abs(b)) {
        return
          "\(name) diverges first: \(found[0]), \(found[1]), \(found[2]), \(found[17]); the reference has \(wanted)"
      }
    }
    return nil
  }

  /// Mean, population standard deviation and sixteen evenly spaced values.
  private func summary(_ tensor: Tensor) -> Tensor {
    let values = tensor.scalars
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
    let spaced = (0..<16).map { values[$0 * (values.count - 1) / 15] }
    return Tensor([Float(mean), Float(variance.squareRoot())] + spaced, shape: [18])
  }
}
