import Architectures
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

@Suite struct RelevanceMethodTests {
  @Test(
    "Without biases, all of the score arrives at the picture where norms, gates and attention maps are constant",
    arguments: [
      "cifar_resnet20", "convnext_tiny", "deit_small_distilled_patch16_224", "densenet121_160x224", "efficientnet_b0",
      "mnasnet_100", "mobilenetv2_100", "mobilenetv3_large_100", "mobilenext_100", "pvt_tiny", "pvt_v2_b0",
      "pvt_v2_b2_li", "resnet18", "resnext50_32x4d", "swin_tiny_patch4_window7_224", "swinv2_tiny_window8_256",
      "torchvision_alexnet_192x256", "torchvision_squeezenet1_1", "vgg11_160x224", "vit_small_patch14_reg4_dinov2",
      "vit_tiny_patch16_224",
    ])
  func conserves(name: String) throws {
    let reference = try ParityCase(name)
    // What is added to the features without reading the picture: biases, what norms subtract, positions, class tokens.
    let added = ["bias", "running_mean", "pos_embed", "cls_token", "dist_token", "reg_token"]
    let checkpoint = reference.checkpoint { name in added.contains { name.hasSuffix($0) || name.contains("pos_embed") }
    }
    let explainer = try Explainer(reference.model(checkpoint: checkpoint))
    let batch = try explainer.explain(
      reference.input.samples(0..<1), methods: [Relevance(.conservative), Relevance(.recommended)]
    ) { _, logits in [.logit(logits.indices.max { abs(logits[$0]) < abs(logits[$1]) } ?? 0)] }
    let completeness = try #require(batch.explanations[0][0].completeness)
    #expect(completeness.start != 0 && completeness.start == batch.explanations[0][0].score)
    #expect(abs(completeness.takenShare) < 1e-3, "\(completeness)")
    // Halved attention leaves half of the relevance to softmax, which does not conserve; and the gamma rule's stabiliser takes its
    // part of scores that are as small as it.
    if explainer.model.graph.attentionNodes.isEmpty, abs(completeness.start) > 0.01 {
      let recommended = try #require(batch.explanations[0][1].completeness)
      #expect(abs(recommended.takenShare) < 1e-3, "\(recommended)")
    }
  }

  @Test("Completeness compares the raw map's sum with each logit times the target's gradient; other methods have none")
  func completeness() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    let input = try DemonstrationModel.scenes([20], for: model)
    let batch = try Explainer(model).explain(input, methods: [Relevance(), GradCAM()]) { _, _ in
      [.logit(5), .contrast(5, 8)]
    }
    let logits = batch.logits[0].scalars
    let maps = batch.explanations[0]
    for (map, start) in [(maps[0], logits[5]), (maps[2], logits[5] - logits[8])] {
      let found = try #require(map.completeness)
      #expect(abs(found.start - start) < 1e-4)
      #expect(abs(found.sum - map.rawMaps[0].scalars.reduce(0, +)) < 1e-4)
      #expect(found.taken == found.start - found.sum && found.takenShare == found.taken / found.start)
    }
    #expect(maps[1].completeness == nil && maps[3].completeness == nil)
  }

  @Test(
    "Plans give the relevance of the graph as it is written down, where no convolution's rule reads its batch norm",
    arguments: ["demo_vit", "demo_swin", "demo_pvt_v2", "demo_resnet"])
  func planned(architecture: String) throws {
    let model = try DemonstrationModel.load(architecture)
    let graph = model.graph
    let random = SeededRandom(seed: 1)
    let shape = graph.nodes[graph.input].shape.batched(2)
    let input = Tensor((0..<shape.count).map { Float(random.normal(at: $0)) }, shape: shape)
    let rules = RelevanceRules.recommended
    let batch = try Explainer(model).explain(input, methods: [Relevance(rules: rules, sigma: 0)]) { _, _ in
      [.logit(3)]
    }
    let trace = try graph.run(input)
    let seed = Tensor(
      (0..<2 * model.classCount).map { $0 % model.classCount == 3 ? 1 : 0 }, shape: [2, model.classCount])
    let plain = try graph.gradients(
      of: graph.output, seed: seed, at: [graph.input], in: trace, rule: .relevance(rules))
    let expected = (input * (try #require(plain[graph.input]))).channelSum()
    for picture in 0..<2 {
      let found = batch.explanations[picture][0].rawMaps[0].scalars
      let wanted = expected[picture].scalars
      let largest = wanted.map(abs).max() ?? 0
      #expect(largest > 0)
      #expect(zip(found, wanted).allSatisfy { abs($0 - $1) <= 1e-3 * largest })
    }
  }
}
