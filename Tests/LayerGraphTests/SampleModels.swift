import TestSupport
import Tensors

@testable import LayerGraph

/// Small models with every kind of connection, and deterministic weights.
enum SampleModels {
  /// A transformer of two blocks on pictures of 3×6×6: a class token and four patches of eight channels. Smooth everywhere.
  static func transformer() throws -> Graph {
    var shapes: [String: Shape] = [
      "patch_embed.proj.weight": [8, 3, 3, 3], "patch_embed.proj.bias": [8], "cls_token": [1, 8], "pos_embed": [5, 8],
      "norm.weight": [8], "norm.bias": [8], "head.weight": [3, 8], "head.bias": [3],
    ]
    for block in ["blocks.0", "blocks.1"] {
      for (layer, outputs, inputs) in [
        ("attn.qkv", 24, 8), ("attn.proj", 8, 8), ("mlp.fc1", 16, 8), ("mlp.fc2", 8, 16),
      ] {
        shapes["\(block).\(layer).weight"] = [outputs, inputs]
        shapes["\(block).\(layer).bias"] = [outputs]
      }
      for norm in ["norm1", "norm2"] {
        shapes["\(block).\(norm).weight"] = [8]
        shapes["\(block).\(norm).bias"] = [8]
      }
    }
    let m = GraphBuilder(parameters: DeterministicParameters(shapes: shapes))
    var x = m.input([3, 6, 6])
    x = m.scope("patch_embed") { m.convolution("proj", x, outputs: 8, kernel: Extent(3), stride: Extent(3)) }
    x = x.reshaped(to: [8, 4]).permuted(1, 0)
    x = m.concatenate("tokens", [m.constant("cls_token", m.parameter("cls_token", [1, 8])), x], axis: 0)
    x = x + m.constant("pos_embed", m.parameter("pos_embed", [5, 8]))
    x = m.scope("blocks") {
      (0..<2).reduce(x) { x, index in m.scope(index) { block(m, x) } }
    }
    return try m.graph(output: m.linear("head", m.layerNorm("norm", x).selected(0), outputs: 3))
  }

  private static func block(_ m: GraphBuilder, _ x: Value) -> Value {
    let h = m.layerNorm("norm1", x)
    let x = x + m.scope("attn") { attention(m, h) }
    let g = m.layerNorm("norm2", x)
    return x + m.scope("mlp") { m.linear("fc2", m.gelu("act", m.linear("fc1", g, outputs: 16)), outputs: 8) }
  }

  private static func attention(_ m: GraphBuilder, _ x: Value) -> Value {
    let qkv = m.linear("qkv", x, outputs: 24).reshaped(to: [5, 3, 2, 4]).permuted(1, 2, 0, 3)
    let scores = m.matrixProduct("scores", qkv.selected(0), qkv.selected(1), factor: 0.5, transposingRight: true)
    let mixed = m.matrixProduct("mix", m.softmax("softmax", scores), qkv.selected(2))
    return m.linear("proj", mixed.permuted(1, 0, 2).reshaped(to: [5, 8]), outputs: 8)
  }

  /// A residual network on pictures of 3×12×12, with a side branch that the result does not depend on.
  static func residualNetwork() throws -> Graph {
    var shapes: [String: Shape] = [
      "conv1.weight": [8, 3, 3, 3], "layer1.conv.weight": [8, 8, 3, 3], "layer1.downsample.weight": [8, 8, 1, 1],
      "fc.weight": [4, 8], "fc.bias": [4],
    ]
    for name in ["weight", "bias", "running_mean", "running_var"] { shapes["bn1.\(name)"] = [8] }
    let m = GraphBuilder(parameters: DeterministicParameters(shapes: shapes))
    var x = m.input([3, 12, 12])
    x = m.convolution("conv1", x, outputs: 8, kernel: Extent(3), padding: Extent(1), bias: false)
    x = m.relu("relu", m.batchNorm("bn1", x))
    x = m.maxPool("maxpool", x, kernel: 3, stride: 2, padding: 1)
    _ = m.sigmoid("side", x)
    x = m.scope("layer1") {
      let main = m.convolution(
        "conv", x, outputs: 8, kernel: Extent(3), stride: Extent(2), padding: Extent(1), bias: false)
      return main + m.convolution("downsample", x, outputs: 8, kernel: Extent(1), stride: Extent(2), bias: false)
    }
    return try m.graph(output: m.linear("fc", m.globalAveragePool("global_pool", x), outputs: 4))
  }

  /// A block of a mobile network on pictures of 3×9×9: point-wise, depth-wise, a gate from the means, point-wise.
  static func mobileNetwork() throws -> Graph {
    var shapes: [String: Shape] = [
      "expand.weight": [20, 3, 1, 1], "depthwise.weight": [20, 1, 3, 3], "reduce.weight": [4, 20, 1, 1],
      "reduce.bias": [4], "gated.gate.weight": [20, 4, 1, 1], "gated.gate.bias": [20], "project.weight": [6, 20, 1, 1],
      "fc.weight": [4, 6], "fc.bias": [4],
    ]
    for (norm, channels) in [("bn1", 20), ("bn2", 20), ("bn3", 6)] {
      for name in ["weight", "bias", "running_mean", "running_var"] { shapes["\(norm).\(name)"] = [channels] }
    }
    let m = GraphBuilder(parameters: DeterministicParameters(shapes: shapes))
    var x = m.input([3, 9, 9])
    x = m.convolution("expand", x, outputs: 20, kernel: Extent(1), bias: false)
    x = m.batchNorm("bn1", x) { m.silu($0, $1) }
    x = m.convolution(
      "depthwise", x, outputs: 20, kernel: Extent(3), stride: Extent(2), padding: Extent(1), groups: 20, bias: false)
    x = m.batchNorm("bn2", x) { m.hardSwish($0, $1) }
    let means = m.globalAveragePool("squeeze", x).reshaped(to: [20, 1, 1])
    let reduced = m.silu("act", m.convolution("reduce", means, outputs: 4, kernel: Extent(1)))
    x = m.scope("gated") { x * m.sigmoid("sigmoid", m.convolution("gate", reduced, outputs: 20, kernel: Extent(1))) }
    x = m.batchNorm("bn3", m.convolution("project", x, outputs: 6, kernel: Extent(1), bias: false))
    return try m.graph(output: m.linear("fc", m.globalAveragePool("global_pool", x), outputs: 4))
  }

  /// Layers that read all maps before them, normalised, on pictures of 3×8×8.
  static func denseNetwork() throws -> Graph {
    var shapes: [String: Shape] = [
      "conv0.weight": [5, 3, 3, 3], "conv1.weight": [4, 5, 1, 1], "conv2.weight": [4, 9, 1, 1],
      "transition.weight": [6, 13, 1, 1], "fc.weight": [4, 6], "fc.bias": [4],
    ]
    for (norm, channels) in [("norm1", 5), ("norm2", 9), ("norm3", 13)] {
      for name in ["weight", "bias", "running_mean", "running_var"] { shapes["\(norm).\(name)"] = [channels] }
    }
    let m = GraphBuilder(parameters: DeterministicParameters(shapes: shapes))
    var x = m.input([3, 8, 8])
    x = m.convolution("conv0", x, outputs: 5, kernel: Extent(3), padding: Extent(1), bias: false)
    for (number, outputs) in [(1, 4), (2, 4)] {
      let new = m.convolution(
        "conv\(number)", m.batchNorm("norm\(number)", x) { m.relu($0, $1) }, outputs: outputs, kernel: Extent(1),
        bias: false)
      x = m.concatenate("cat\(number)", [x, new], axis: 0)
    }
    x = m.convolution(
      "transition", m.batchNorm("norm3", x) { m.relu($0, $1) }, outputs: 6, kernel: Extent(1), bias: false)
    x = m.averagePool("pool", x, kernel: 2, stride: 2)
    return try m.graph(output: m.linear("fc", m.globalAveragePool("global_pool", x), outputs: 4))
  }

  /// Pictures for a model.
  static func pictures(_ count: Int, for graph: Graph) -> Tensor {
    DeterministicParameters.input(graph.nodes[graph.input].shape.batched(count))
  }
}
