import CKernels
import Tensors

/// y = γ (x − μ) / √(σ² + ε) + β for each channel, with the statistics of training (Ioffe and Szegedy 2015).
struct BatchNorm: Op {
  /// γ / √(σ² + ε).
  let scale: Tensor  // [C]
  /// β − μ γ / √(σ² + ε).
  let shift: Tensor  // [C]

  init(gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor, epsilon: Float) {
    let scale = zip(gamma.scalars, variance.scalars).map { $0 / ($1 + epsilon).squareRoot() }
    let shift = zip(zip(beta.scalars, mean.scalars), scale).map { $0.0 - $0.1 * $1 }
    self.scale = Tensor(scale, shape: gamma.shape)
    self.shift = Tensor(shift, shape: gamma.shape)
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.rank > 0, shape[0] == scale.count else {
      throw ShapeError("expected \(scale.count) channels along the first axis, found \(shape)")
    }
    return shape
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    affine(inputs[0], shift: shift)
  }

  /// ∂x = ∂y γ / √(σ² + ε).
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [affine(gradient, shift: nil)]
  }

  private func affine(_ x: Tensor, shift: Tensor?) -> Tensor {
    let channels = scale.count
    let size = x.shape.extents.dropFirst(2).reduce(1, *)
    let scales = scale.scalars
    let shifts = shift?.scalars
    return Tensor(unfilled: x.shape) { y in
      x.withScalars { x in
        Tensor.forEachRow(of: x.count / max(1, size), columns: size) { planes in
          for plane in planes {
            let channel = plane % channels
            vitcam_affine(x.base + plane * size, scales[channel], shifts?[channel] ?? 0, y.base + plane * size, size)
          }
        }
      }
    }
  }
}

extension GraphBuilder {
  /// Batch normalisation of the first axis with given weights and statistics, a scalar for each of its channels.
  public func batchNorm(
    _ name: String, _ x: Value, gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor, epsilon: Float
  ) -> Value {
    let op = BatchNorm(gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: epsilon)
    return append(name, op, [x])
  }

  /// Batch normalisation of the first axis, in evaluation: `name.weight`, `name.bias`, `name.running_mean`,
  /// `name.running_var`.
  public func batchNorm(_ name: String, _ x: Value, epsilon: Float = 1e-5) -> Value {
    append(name, normalization("\(name).", x, epsilon: epsilon), [x])
  }

  /// Batch normalisation and an activation as one module, timm's `BatchNormAct2d`: `name` is what the activation gives,
  /// `name.norm` what it is given.
  public func batchNorm(
    _ name: String, _ x: Value, epsilon: Float = 1e-5, activation: (_ name: String, _ x: Value) -> Value
  ) -> Value {
    scope(name) { activation("act", append("norm", normalization("", x, epsilon: epsilon), [x])) }
  }

  private func normalization(_ prefix: String, _ x: Value, epsilon: Float) -> BatchNorm {
    let channels: Shape = [x.shape.extents.first ?? 0]
    ignoreParameter("\(prefix)num_batches_tracked")
    return BatchNorm(
      gamma: parameter("\(prefix)weight", channels), beta: parameter("\(prefix)bias", channels),
      mean: parameter("\(prefix)running_mean", channels), variance: parameter("\(prefix)running_var", channels),
      epsilon: epsilon)
  }
}
