import Tensors

/// A method whose map is a sum of weighted feature maps, Σ_c w_c ⊙ A_c. Such a map can be smoothed, see ``EigenSmoothed``.
public protocol WeightingMethod: ExplanationMethod {
  /// The weights of each layer: B×C, one for each channel, or B×C×H×W, one for each place.
  ///
  /// - Throws: as ``ExplanationMethod/maps(of:)``.
  func weights(of evidence: Evidence) throws -> [Tensor]
}

extension WeightingMethod {
  /// Σ_c w_c ⊙ A_c at each layer.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    .ofLayers(zip(evidence.layers, try weights(of: evidence)).map { $0.activations.summed(weights: $1) })
  }
}

/// A method whose weights are an equation in one layer's A and G.
public protocol LayerWeightingMethod: LayerMethod, WeightingMethod {
  /// The weights: B×C, one for each channel, or B×C×H×W, one for each place.
  func weights(_ layer: LayerEvidence) -> Tensor
}

extension LayerWeightingMethod {
  /// The weights of each layer.
  public func weights(of evidence: Evidence) -> [Tensor] {
    evidence.layers.map { weights($0) }
  }

  /// Σ_c w_c ⊙ A_c.
  public func map(_ layer: LayerEvidence) -> Tensor {
    layer.activations.summed(weights: weights(layer))
  }

  /// The map of each layer.
  public func maps(of evidence: Evidence) -> MethodMaps {
    .ofLayers(evidence.layers.map { map($0) })
  }
}

extension Tensor {
  /// Σ_c w_c ⊙ A_c of feature maps B×C×H×W for weights B×C or B×C×H×W.
  func summed(weights: Tensor) -> Tensor {
    weights.shape.rank == 2 ? weightedSum(channelWeights: weights) : (weights * self).channelSum()
  }

  /// w_c ⊙ A_c of feature maps B×C×H×W for weights B×C or B×C×H×W.
  func weighted(by weights: Tensor) -> Tensor {
    guard weights.shape.rank == 2 else { return weights * self }
    let size = shape[2] * shape[3]
    var result = self
    result.withMutableScalars { maps in
      for (plane, weight) in weights.scalars.enumerated() {
        for index in plane * size..<(plane + 1) * size { maps[index] *= weight }
      }
    }
    return result
  }
}
