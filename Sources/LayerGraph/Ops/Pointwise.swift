import CKernels
import Tensors

/// An activation: an op on each scalar by itself.
protocol Pointwise: Op {
  /// What a product does with its sums in place of this op.
  var finish: RowProduct.Finish { get }
  /// Whether the derivative needs the input, and not the output alone.
  var derivativeReadsInput: Bool { get }
}

extension Pointwise {
  var derivativeReadsInput: Bool { true }
}

extension ReLU: Pointwise {
  var finish: RowProduct.Finish { .clamped(0...(.infinity)) }
  var derivativeReadsInput: Bool { false }
}

extension ReLU6: Pointwise {
  var finish: RowProduct.Finish { .clamped(0...6) }
  var derivativeReadsInput: Bool { false }
}

extension Sigmoid: Pointwise {
  var finish: RowProduct.Finish { .mapped { vitcam_sigmoid($0, $1, $2) } }
  var derivativeReadsInput: Bool { false }
}

extension GELU: Pointwise {
  var finish: RowProduct.Finish { .mapped { vitcam_gelu($0, $1, $2) } }
}

extension SiLU: Pointwise {
  var finish: RowProduct.Finish { .mapped { vitcam_silu($0, $1, $2) } }
}

extension HardSwish: Pointwise {
  var finish: RowProduct.Finish { .mapped { vitcam_hard_swish($0, $1, $2) } }
}

extension HardSigmoid: Pointwise {
  var finish: RowProduct.Finish { .mapped { vitcam_hard_sigmoid($0, $1, $2) } }
}
