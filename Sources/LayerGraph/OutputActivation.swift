/// What stands behind a model's last layer. A state dictionary does not show it, for it has no parameters.
public enum OutputActivation: String, Sendable, CaseIterable {
  /// Nothing: the outputs are logits.
  case identity = "none"
  /// A sigmoid: each output is a probability, as multi-label classifiers have it.
  case sigmoid
}

extension GraphBuilder {
  /// What a vector of probabilities is the softmax of; nil where it is none.
  public func logits(of outputs: Value) -> Value? {
    outputs.shape.rank == 1 && isSoftmax(outputs) ? input(of: outputs) : nil
  }

  /// A model's outputs, ending as was asked for; as the architecture has them where nothing was.
  public func ending(_ outputs: Value) -> Value {
    switch activation {
    case .sigmoid where !isSigmoid(outputs): sigmoid("activation", outputs)
    case .identity where isSigmoid(outputs): input(of: outputs)
    default: outputs
    }
  }
}
