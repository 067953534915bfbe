import LayerGraph
import Tensors

/// What a name stands for while a model is read.
enum ImportedValue {
  /// Known without the picture.
  case constant(ConstantArray)
  /// Computed from the picture.
  case computed(ComputedValue)

  /// The extents, those of a batch of one.
  var extents: [Int] {
    switch self {
    case .constant(let array): array.extents
    case .computed(let value): value.extents
    }
  }
}

/// What is computed from the picture: a node's value, under the extents that the file gives it.
///
/// ONNX has batches as an axis like any other; here a value is one sample. The scalars of a batch of one are those of its
/// sample in the same order, so that only an axis of extent 1 is left out: the first one.
struct ComputedValue {
  /// The extents that ONNX sees, with a batch of one.
  let extents: [Int]
  /// The sample's value; its shape is ``sampleShape(of:)`` of the extents.
  let value: Value
  /// A factor that was not multiplied by yet: products of matrices take it in.
  var factor: Float = 1

  init(_ value: Value, extents: [Int], factor: Float = 1) {
    let shape = Self.sampleShape(of: extents)
    self.value = value.shape == shape ? value : value.reshaped(to: shape)
    self.extents = extents
    self.factor = factor
  }

  /// The shape of a sample: without a first axis of extent 1.
  static func sampleShape(of extents: [Int]) -> Shape {
    Shape(extents.count > 1 && extents[0] == 1 ? Array(extents.dropFirst()) : extents)
  }

  /// How many axes of the extents the sample lacks: 0 or 1.
  var missingAxes: Int { extents.count - value.shape.rank }

  /// The value times its factor.
  var finished: Value { factor == 1 ? value : value * factor }
}

extension Value {
  /// The value under other axes; itself where it has them.
  func reshaped(toExtents extents: [Int]) -> Value {
    shape.extents == extents ? self : reshaped(to: Shape(extents))
  }
}
