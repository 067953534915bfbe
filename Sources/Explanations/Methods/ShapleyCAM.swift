import Tensors

/// Σ_c w_c A_c with w = mean over H, W of G − ½ H·A, where H is the Hessian of the score with respect to A (Cai 2025, equation
/// 11).
///
/// H·A is the change of the gradient when A is scaled, from tail gradients at four factors around 1. Kinks stay where they
/// are (``Graph/gradients(of:seed:at:in:kinksFrom:)``), as where PyTorch differentiates twice.
public struct ShapleyCAM: WeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "shapleycam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "channels weighted by gradient and curvature (Cai 2025)"
  /// The layers, and gradients of the rest of the model.
  public let needs: Needs = [.activations, .gradients, .tailRuns]

  /// Shapley-CAM has no parameters.
  public init() {}

  /// See ``WeightingMethod/weights(of:)``.
  public func weights(of evidence: Evidence) throws -> [Tensor] {
    try evidence.layers.enumerated().map { layer, maps in
      let node = evidence.explainer.layers[layer]
      let features = evidence.result(of: node)
      let size = features.shape.perSample.count
      let curvature = try Tensor(unfilled: features.shape) { product in
        for picture in 0..<evidence.pictureCount {
          let sample = UnsafeMutableBufferPointer(rebasing: product[picture * size..<(picture + 1) * size])
          try write(curvatureOf: features[picture], atLayer: layer, picture, evidence, to: sample)
        }
      }
      let mapped = try evidence.explainer.featureMaps(curvature, of: node)
      return (maps.gradients + mapped * -0.5).channelMeans()
    }
  }

  /// Writes H·A, the derivative of the gradient at factor · A by the factor: a central difference of fourth order.
  private func write(
    curvatureOf features: Tensor, atLayer layer: Int, _ picture: Int, _ evidence: Evidence,
    to product: UnsafeMutableBufferPointer<Float>
  ) throws {
    let step: Float = 1 / 32
    let stencil: [(steps: Float, weight: Float)] = [(-2, 1.0 / 12), (-1, -2.0 / 3), (1, 2.0 / 3), (2, -1.0 / 12)]
    let scaled = Tensor(unfilled: features.shape.batched(stencil.count)) { scaled in
      features.withScalars { features in
        for (variant, point) in stencil.enumerated() {
          for index in features.indices {
            scaled[variant * features.count + index] = features[index] * (1 + point.steps * step)
          }
        }
      }
    }
    let gradients = try evidence.gradient(atLayer: layer, of: scaled, picture: picture, keepingKinks: true)
    product.update(repeating: 0)
    gradients.withScalars { gradients in
      for (variant, point) in stencil.enumerated() {
        for index in product.indices {
          product[index] += point.weight / step * gradients[variant * product.count + index]
        }
      }
    }
  }
}
