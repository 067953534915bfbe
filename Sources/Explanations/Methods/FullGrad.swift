import Architectures
import Images
import LayerGraph
import Tensors

/// |x ⊙ ∂x| + Σ |b G| over every layer with a bias b, each channel scaled to 0...1 for itself (Srinivas and Fleuret 2019,
/// equation 8). A bias of batch norm is β − μγ/√(σ² + ε).
///
/// pytorch-grad-cam knows the biases of convolutions and batch norm only; here those of linear layers and layer norms
/// count too, wherever the layer's result is a map of the picture.
public struct FullGrad: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "fullgrad"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "input times gradient, and bias times gradient of all layers (Srinivas and Fleuret 2019)"
  /// The gradients at the input and at all layers with a bias.
  public let needs: Needs = .nodeGradients

  /// FullGrad has no parameters.
  public init() {}

  /// The input, and every layer with a bias whose result is a map of the picture.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    let model = explainer.model
    return [model.graph.input]
      + model.graph.nodes.indices.filter { model.graph.nodes[$0].op.channelBias != nil && model.layout(of: $0) != nil }
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let model = evidence.model
    var sum = (evidence.input * evidence.gradient(at: model.graph.input)).sumOfScaledMagnitudes()
    for node in try nodes(for: evidence.explainer).dropFirst() {
      guard let bias = model.graph.nodes[node].op.channelBias else { continue }
      let gradient = try ReshapeTransform.automatic(evidence.gradient(at: node), layout: model.layout(of: node))
      let weights = Tensor(bias.scalars.map(abs), shape: [1, bias.count]).broadcast(toBatch: gradient.batchCount)
      // Resizing is linear: the sum is resized in place of every channel.
      sum += gradient.weighted(by: weights).sumOfScaledMagnitudes().resizedMaps(to: model.imageSize, .bilinear)
    }
    return .ofModel(sum, source: "all biases")
  }
}

extension Tensor {
  /// Σ_c of |x_c|, each channel minus its minimum and divided by its maximum + 1e-7: B×C×H×W gives B×H×W.
  fileprivate func sumOfScaledMagnitudes() -> Tensor {
    let (channels, size) = (shape[1], shape[2] * shape[3])
    return Tensor(unfilled: [shape[0], shape[2], shape[3]]) { sums in
      sums.update(repeating: 0)
      withScalars { scalars in
        for plane in 0..<shape[0] * channels {
          let values = scalars[plane * size..<(plane + 1) * size]
          let magnitudes = values.lazy.map { abs($0) }
          let (smallest, largest) = (magnitudes.min() ?? 0, magnitudes.max() ?? 0)
          let factor = 1 / (largest - smallest + 1e-7)
          let target = plane / channels * size
          for (place, value) in values.enumerated() { sums[target + place] += (abs(value) - smallest) * factor }
        }
      }
    }
  }
}
