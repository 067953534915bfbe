import CKernels
import Tensors

/// y = x · Wᵀ + b over the last axis.
struct Linear: FinishedProduct {
  let weight: Tensor  // [outputs, inputs]
  let bias: Tensor?  // [outputs]
  var ending = ProductEnding()
  /// Whether the weights count without their signs, for rules of relevance.
  private var readsMagnitudes = false

  init(weight: Tensor, bias: Tensor?) {
    self.weight = weight
    self.bias = bias
  }

  private var inputFeatures: Int { weight.shape[1] }
  private var outputFeatures: Int { weight.shape[0] }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(Array(inputs.prefix(1)))
    guard shape.rank > 0, shape[-1] == inputFeatures else {
      throw ShapeError("expected \(inputFeatures) features along the last axis, found \(shape)")
    }
    let result = Shape(shape.extents.dropLast() + [outputFeatures])
    guard inputs.dropFirst().allSatisfy({ $0 == result }) else {
      throw ShapeError("expected an addend of \(result), found \(inputs)")
    }
    return result
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    product(of: inputs[0], addend: ending.addsInput ? inputs[1] : nil, ending.finish)
  }

  /// ∂x = ∂y · W.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let gradient = ending.backward(gradient, output: output) {
      product(of: inputs[0], addend: ending.addsInput ? inputs[1] : nil, .none)
    }
    let inputGradient = inputGradient(gradient, shape: inputs[0].shape)
    return ending.addsInput ? [inputGradient, gradient] : [inputGradient]
  }

  /// ∂y · W, in the shape of the input.
  func inputGradient(_ gradient: Tensor, shape: Shape) -> Tensor {
    Tensor(unfilled: shape) { result in
      gradient.withScalars { gradient in
        weight.withScalars { weight in
          let matrix = MatrixOperand(weight.base, stride: inputFeatures)
          let product = RowProduct(
            weights: .matrix(matrix, columns: inputFeatures, depth: outputFeatures, magnitudes: readsMagnitudes),
            bias: nil)
          product(
            MatrixRows(gradient.base, stride: outputFeatures), rows: gradient.count / outputFeatures, into: result.base)
        }
      }
    }
  }

  private func product(of x: Tensor, addend: Tensor?, _ finish: RowProduct.Finish) -> Tensor {
    weight.withScalars { weight in
      let matrix = MatrixOperand(weight.base, stride: inputFeatures).transposed
      let product = RowProduct(
        weights: .matrix(matrix, columns: outputFeatures, depth: inputFeatures, magnitudes: readsMagnitudes),
        bias: bias, finish: finish)
      return x.withScalars { scalars in
        product(
          MatrixRows(scalars.base, stride: inputFeatures), addend: addend,
          shape: Shape(x.shape.extents.dropLast() + [outputFeatures]))
      }
    }
  }
}

extension Linear: SumOfProducts, RelevanceProduct {
  func with(weight: Tensor, bias: Tensor?) -> Linear { Linear(weight: weight, bias: bias) }

  var magnitudes: Linear {
    var product = Linear(weight: weight, bias: bias?.magnitudes())
    product.readsMagnitudes = true
    return product
  }

  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    relevance(gradient, inputs: inputs, output: output, rule: rules.linearLayers)
  }
}

extension Linear: PlacedOp {
  /// Each row keeps its place. A mixture of several places, as patch merging is one, lies in their middle, at the weighted mean where it is a
  /// mean itself, as in resizing.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    if inputs[0].isConstant(along: shapes[0].rank - 1) { return inputs[0] }
    guard bias == nil, isMean else { return inputs[0].middle(over: shapes[0].rank - 1) }
    return inputs[0].mapped { tensor in
      // Rows or columns may be the same there.
      guard tensor.shape[-1] > 1 else { return tensor }
      let means = Linear(weight: weight, bias: nil).forward([tensor.reshaped(to: tensor.shape.batched(1))])
      return means.reshaped(to: means.shape.perSample)
    }
  }

  /// Whether each output is a mean of the inputs.
  private var isMean: Bool {
    weight.withScalars { weight in
      (0..<outputFeatures).allSatisfy { row in
        let weights = weight[row * inputFeatures..<(row + 1) * inputFeatures]
        return weights.allSatisfy { $0 >= 0 } && abs(weights.reduce(0, +) - 1) < 1e-4
      }
    }
  }
}

extension GraphBuilder {
  /// A fully connected layer over the last axis with given weights, outputs × inputs.
  public func linear(_ name: String, _ x: Value, weight: Tensor, bias: Tensor?) -> Value {
    append(name, Linear(weight: weight, bias: bias), [x])
  }

  /// A fully connected layer over the last axis: `name.weight`, and `name.bias` unless `bias` is false.
  public func linear(_ name: String, _ x: Value, outputs: Int, bias: Bool = true) -> Value {
    let op = Linear(
      weight: parameter("\(name).weight", [outputs, x.shape[-1]]),
      bias: bias ? parameter("\(name).bias", [outputs]) : nil)
    return append(name, op, [x])
  }

  /// A fully connected layer over the last axis whose bias is put together from elsewhere: `name.weight`.
  public func linear(_ name: String, _ x: Value, bias: Tensor) -> Value {
    append(name, Linear(weight: parameter("\(name).weight", [bias.count, x.shape[-1]]), bias: bias), [x])
  }
}
