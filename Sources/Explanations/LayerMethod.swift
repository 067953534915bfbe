import Tensors

/// What a method reads of a layer: its feature maps and their gradient, after the reshape transform, B×C×H×W.
public struct LayerEvidence: Sendable {
  /// The activation A of the layer, B×C×H×W.
  public let activations: Tensor
  private let gathered: Tensor?

  /// The gradient G of the score with respect to it, B×C×H×W.
  ///
  /// - Precondition: the method said that it needs ``Needs/gradients``.
  public var gradients: Tensor {
    guard let gathered else { preconditionFailure("a method that reads gradients has to say that it needs them") }
    return gathered
  }

  /// The evidence of one layer; without a gradient for methods that do not read it.
  public init(activations: Tensor, gradients: Tensor? = nil) {
    precondition(activations.shape.rank == 4, "expected B×C×H×W, found \(activations.shape)")
    precondition(
      gradients.map { $0.shape == activations.shape } ?? true,
      "expected a gradient of \(activations.shape), found \(gradients.map { "\($0.shape)" } ?? "none")")
    self.activations = activations
    gathered = gradients
  }
}

/// A method that turns the evidence of a layer into a map of that layer: an equation in A and G.
public protocol LayerMethod: ExplanationMethod {
  /// The map before ReLU and normalisation, B×H×W.
  func map(_ layer: LayerEvidence) -> Tensor
}

extension LayerMethod {
  /// Activations and gradients, unless a method says otherwise.
  public var needs: Needs { [.activations, .gradients] }

  /// The map of each layer.
  public func maps(of evidence: Evidence) -> MethodMaps {
    .ofLayers(evidence.layers.map { map($0) })
  }
}
