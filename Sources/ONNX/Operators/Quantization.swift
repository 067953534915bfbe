import LayerGraph
import Tensors

extension Operators {
  /// Quantised models, in float: constants are what their integers stand for, and what is computed stays as precise as it is.
  static let quantization: [String: Importer] = [
    "QuantizeLinear": { call in
      guard case .constant(let array) = try call.input(0) else { return [try call.input(0)] }
      let scale = try call.alignedParameter(1, to: array.extents)
      let zero = try call.optionalInput(2) == nil ? nil : call.alignedParameter(2, to: array.extents)
      let divided = try array.combined(with: scale, { ($0 / $1).rounded(.toNearestOrEven) }) { $1 == 0 ? nil : $0 / $1 }
      return [.constant(try zero.map { try divided.combined(with: $0, +) { $0 + $1 } } ?? divided)]
    },
    "DequantizeLinear": { call in
      guard case .constant(let array) = try call.input(0) else { return [try call.input(0)] }
      let scale = try call.alignedParameter(1, to: array.extents)
      let zero = try call.optionalInput(2) == nil ? nil : call.alignedParameter(2, to: array.extents)
      let shifted = try zero.map { try array.combined(with: $0, -) { $0 - $1 } } ?? array
      return [.constant(try ConstantArray(shifted.tensor).combined(with: scale, *) { $0 * $1 })]
    },
  ]
}

extension OperatorCall {
  /// A scale or zero point: one number, or one for each index along an axis.
  fileprivate func alignedParameter(_ index: Int, to extents: [Int]) throws -> ConstantArray {
    let parameter = try constant(index)
    guard parameter.count > 1 else { return parameter.reshaped(to: []) }
    let axis = try axis(integer("axis", default: 1), rank: extents.count)
    guard parameter.count == extents[axis] else {
      throw ShapeError("\(parameter.count) scales for axis \(axis) of \(extents)")
    }
    return parameter.reshaped(to: extents.indices.map { $0 == axis ? parameter.count : 1 })
  }
}
