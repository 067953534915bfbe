import Tensors

/// A part of a picture whose features at a layer are alike, found without any labels.
public struct Concept: Sendable {
  /// Where it is and how strongly, h×w at the layer's resolution; the largest value is 1.
  public let map: Tensor
  /// Its features: those of a place where it is strongest, one value for each channel.
  public let features: [Float]
  /// The model's outputs when every place of the layer has these features.
  public let outputs: [Float]
  /// Its share of what all concepts of the picture explain, 0 to 1.
  public let share: Float
}

extension Evidence {
  /// The concepts of a picture at a layer: a non-negative factorisation of its features above each channel's minimum, the
  /// largest share first.
  ///
  /// - Throws: `CancellationError`, `RunError`, ``MethodError``.
  func concepts(_ count: Int, ofLayer layer: Int, picture: Int, seed: UInt64) throws -> [Concept] {
    let maps = layers[layer].activations[picture]
    let (channels, height, width) = (maps.shape[0], maps.shape[1], maps.shape[2])
    let places = height * width
    let count = min(count, places, channels)
    let values = maps.scalars.map { $0.isFinite ? Double($0) : 0 }
    let lowest = (0..<channels).map { values[$0 * places..<($0 + 1) * places].min() ?? 0 }
    let above = values.enumerated().map { $1 - lowest[$0 / places] }
    let factors = Self.factors(of: above, channels: channels, places: places, count: count, seed: seed)
    let peaks = (0..<count).map { factors.right[$0 * places..<($0 + 1) * places].max() ?? 0 }
    let features = (0..<count).map { concept in
      (0..<channels).map { Float(lowest[$0] + factors.left[$0 * count + concept] * peaks[concept]) }
    }
    let elements = try elements(ofLayer: layer)
    let outputs = try outputs(ofVariants: count, atLayer: layer, picture: picture) { concept, scalars in
      for place in 0..<places {
        elements.forEach(atPlace: place) { scalars[$1] = features[concept][$0] }
      }
    }
    // What a concept adds to the features: the sum of its column of W times the sum of its row of H.
    let masses = (0..<count).map { concept in
      (0..<channels).reduce(0.0) { $0 + factors.left[$1 * count + concept] }
        * factors.right[concept * places..<(concept + 1) * places].reduce(0, +)
    }
    let total = max(masses.reduce(0, +), .leastNormalMagnitude)
    return masses.indices.sorted { (masses[$1], $0) < (masses[$0], $1) }.map { concept in
      let row = factors.right[concept * places..<(concept + 1) * places]
      return Concept(
        map: Tensor(row.map { Float(peaks[concept] > 0 ? $0 / peaks[concept] : 0) }, shape: [height, width]),
        features: features[concept], outputs: outputs[concept].scalars, share: Float(masses[concept] / total))
    }
  }

  /// The factors, from a start of normal numbers' magnitudes of the size that the product needs, as scikit-learn has it.
  private static func factors(
    of matrix: [Double], channels: Int, places: Int, count: Int, seed: UInt64
  ) -> NonNegativeFactors {
    let noise = SeededRandom(seed: seed)
    let size = (matrix.reduce(0, +) / Double(matrix.count) / Double(count)).squareRoot()
    let left = (0..<channels * count).map { size * abs(noise.normal(at: $0)) }
    let right = (0..<count * places).map { size * abs(noise.normal(at: channels * count + $0)) }
    return NonNegativeFactors(
      matrix, rows: channels, columns: places, count: count, left: left, right: right)
  }
}
