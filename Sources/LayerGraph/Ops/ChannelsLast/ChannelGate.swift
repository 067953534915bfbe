import CKernels
import Tensors

/// y = x ⊙ gate for maps with channels last, H×W×C, and a gate 1×1×C (Hu, Shen, Sun 2018).
struct ChannelGate: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.count == 2, inputs[0].rank == 3, inputs[1].count == inputs[0][2] else {
      throw ShapeError("expected a map H×W×C and a gate 1×1×C, found \(inputs)")
    }
    return inputs[0]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    gated(inputs[0], by: inputs[1])
  }

  /// ∂x = ∂y ⊙ gate, and ∂gate = Σ ∂y ⊙ x over the places.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let (x, gate) = (inputs[0], inputs[1])
    let places = x.shape[1] * x.shape[2]
    let products = (gradient * x).reshaped(to: [x.batchCount, places, x.shape[3]])
    let sums = Mean(axis: 0).forward([products]) * Float(places)
    return [gated(gradient, by: gate), sums.reshaped(to: gate.shape)]
  }

  private func gated(_ x: Tensor, by gate: Tensor) -> Tensor {
    let channels = x.shape[3]
    let places = x.shape[1] * x.shape[2]
    return Tensor(unfilled: x.shape) { y in
      x.withScalars { x in
        gate.withScalars { gate in
          Tensor.forEachRow(of: x.count / channels, columns: channels) { rows in
            var row = rows.lowerBound
            while row < rows.upperBound {
              let sample = row / places
              let end = min(rows.upperBound, (sample + 1) * places)
              vitcam_scale_columns(
                x.base + row * channels, gate.base + sample * channels, y.base + row * channels, end - row, channels)
              row = end
            }
          }
        }
      }
    }
  }
}

extension ChannelGate: RelevanceOp {
  /// Nothing goes back to the gate where gates are constant.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    rules.gatesAreConstant
      ? [gated(gradient, by: inputs[1])] : backward(gradient, inputs: inputs, output: output)
  }
}

extension Multiply: ChannelsLastComputable {
  /// Two maps of one shape are multiplied wherever their channels are.
  func channelsLast(for inputs: [Shape], packing: Packing) -> (any Op)? {
    if inputs[0] == inputs[1] { return self }
    return inputs[0].rank == 3 && inputs[1].count == inputs[0][0] ? ChannelGate() : nil
  }
}
