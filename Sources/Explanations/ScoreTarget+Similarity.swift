extension ScoreTarget {
  /// The cosine of the angle between a model's outputs and an embedding: why this picture is like that one. For models
  /// without a classifier, whose outputs are features.
  ///
  /// - Parameters:
  ///   - embedding: as many values as the model has outputs; not all 0.
  ///   - name: what it is the embedding of, for titles.
  public static func similarity(to embedding: [Float], named name: String) -> ScoreTarget {
    let length = norm(embedding)
    return ScoreTarget("similarity to \(name)") { outputs in
      guard outputs.count == embedding.count else { return (0, []) }
      let outputLength = norm(outputs)
      guard length > 0, outputLength > 0 else { return (0, outputs.map { _ in 0 }) }
      let product = zip(outputs, embedding).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let cosine = product / (length * outputLength)
      // ∂ cos = (e / |e| − cos · o / |o|) / |o|.
      let gradient = zip(outputs, embedding).map { output, value in
        Float((Double(value) / length - cosine * Double(output) / outputLength) / outputLength)
      }
      return (Float(cosine), gradient)
    }
  }

  private static func norm(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
