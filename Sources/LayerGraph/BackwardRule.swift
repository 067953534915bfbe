import Tensors

/// How gradients go back through the ops of a graph.
public enum BackwardRule: Hashable, Sendable {
  /// By the chain rule.
  case derivative
  /// What guided backpropagation makes of it (Springenberg et al. 2015): only positive gradients go back, and only to
  /// positive inputs. The other factor is the activation's derivative; for ReLU it is one, as in the paper.
  case guided
  /// Layer-wise relevance propagation. What arrives at a node, times the node's value, is the relevance of the value.
  case relevance(RelevanceRules)

  /// The gradients of an op's inputs under this rule; none where nothing goes back.
  func backward(_ op: any Op, _ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    switch self {
    case .derivative: op.backward(gradient, inputs: inputs, output: output)
    case .guided: guided(op, gradient, inputs: inputs, output: output)
    case .relevance(let rules):
      (op as? any RelevanceOp)?.relevance(gradient, inputs: inputs, output: output, rules: rules)
        ?? op.backward(gradient, inputs: inputs, output: output)
    }
  }

  /// The rule for a convolution or linear layer at a place.
  func at(_ place: @autoclosure () -> ProductPlace) -> BackwardRule {
    guard case .relevance(let rules) = self else { return self }
    return .relevance(rules.at(place()))
  }

  private func guided(_ op: any Op, _ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    guard op.isRectifier else { return op.backward(gradient, inputs: inputs, output: output) }
    // All of them are positive where their input is, so that ReLU's derivative at the output is the gate.
    return op.backward(gradient.relu(), inputs: inputs, output: output).map {
      ReLU().backward($0, inputs: inputs, output: output)[0]
    }
  }
}

extension Op {
  /// Whether this is an activation that lets large values pass and holds back negative ones.
  var isRectifier: Bool {
    self is ReLU || self is ReLU6 || self is GELU || self is SiLU || self is HardSwish
  }
}
