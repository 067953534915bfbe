import Architectures
import Checkpoints
import Explanations
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

/// An architecture that a user of the library writes, as in Docs/adding-an-architecture.md: a network without attention,
/// whose channels move by one place before each perceptron (Wang et al. 2022).
private struct ShiftNet: Architecture {
  var width = 24
  var depth = 3
  var patch = 4

  func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let x = m.convolution("patch_embed", picture, outputs: width, kernel: Extent(patch), stride: Extent(patch))
    let features = m.scope("blocks") {
      (0..<depth).reduce(x) { x, index in m.scope(index) { block(m, x) } }
    }
    let classes = m.parameterShape("head.weight")?.extents.first ?? 10
    return m.linear("head", m.globalAveragePool("pool", features), outputs: classes)
  }

  private func block(_ m: GraphBuilder, _ x: Value) -> Value {
    let h = m.batchNorm("norm", shifted(m, x))
    return x
      + m.scope("mlp") {
        let a = m.gelu("act", m.convolution("fc1", h, outputs: 2 * width, kernel: Extent(1)))
        return m.convolution("fc2", a, outputs: width, kernel: Extent(1))
      }
  }

  private func shifted(_ m: GraphBuilder, _ x: Value) -> Value {
    let (group, height, width) = (x.shape[0] / 12, x.shape[1], x.shape[2])
    let column = m.constant("column", Tensor(repeating: 0, shape: [group, height, 1]))
    let row = m.constant("row", Tensor(repeating: 0, shape: [group, 1, width]))
    func part(_ index: Int) -> Value { x.sliced(index * group..<(index + 1) * group, axis: 0) }
    let parts = [
      m.concatenate("left", [part(0).sliced(1..<width, axis: 2), column], axis: 2),
      m.concatenate("right", [column, part(1).sliced(0..<width - 1, axis: 2)], axis: 2),
      m.concatenate("up", [part(2).sliced(1..<height, axis: 1), row], axis: 1),
      m.concatenate("down", [row, part(3).sliced(0..<height - 1, axis: 1)], axis: 1),
      x.sliced(4 * group..<x.shape[0], axis: 0),
    ]
    return m.concatenate("shift", parts, axis: 0)
  }
}

@Suite("An architecture of one's own")
struct OwnArchitectureTests {
  @Test("From the checkpoint through a layer path to the maps, it agrees with PyTorch")
  func wholePath() throws {
    let checkpoint = try StateDictionary(contentsOf: Fixtures.path("OwnArchitecture/shiftnet.pth"))
    let expected = try SafetensorsFile(contentsOf: Fixtures.path("OwnArchitecture/expected.safetensors"))
    let model = try Model(
      name: "shiftnet", ShiftNet(), parameters: checkpoint,
      preprocessing: Preprocessing(size: ImageSize(height: 24, width: 32), fit: .squash))
    #expect(model.recommendedLayer == "blocks", "the last layer that is a map, which the architecture leaves open")
    let explainer = try Explainer(model, layers: ["blocks[-2].mlp"])
    let batch = try explainer.explain(expected.tensor("input"), methods: [GradCAM(), LayerCAM()]) { picture, _ in
      [.logit([3, 1][picture])]
    }
    try expectClose(batch.logits, expected.tensor("logits"), tolerance: Tolerances.logits)
    for (index, method) in ["gradcam", "layercam"].enumerated() {
      let maps = try expected.tensor(method)
      for picture in 0..<2 { expectCloseHeatmaps(batch.explanations[picture][index].heatmap, maps[picture]) }
    }
  }
}
