import CKernels
import Tensors

/// One value for each channel of a feature map: the mean or the maximum over its places.
struct GlobalPool: Op {
  enum Kind: Sendable { case average, maximum }
  let kind: Kind

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let map = try featureMap(inputs)
    guard map.height > 0, map.width > 0 else { throw ShapeError("expected a map with places, found \(inputs)") }
    return [map.channels]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let size = x.shape[-2] * x.shape[-1]
    return Tensor(unfilled: [x.batchCount, x.shape[1]]) { y in
      x.withScalars { x in
        for plane in 0..<y.count {
          switch kind {
          case .average: y[plane] = vitcam_sum(x.base + plane * size, size) / Float(size)
          case .maximum: y[plane] = x[Self.largest(of: plane * size..<(plane + 1) * size, in: x)]
          }
        }
      }
    }
  }

  /// The index of the first of the largest values in a range; of a NaN where there is one, so that it is not hidden.
  private static func largest(of range: Range<Int>, in x: UnsafeBufferPointer<Float>) -> Int {
    var largest = range.lowerBound
    for index in range where !(x[largest] >= x[index] || x[largest].isNaN) { largest = index }
    return largest
  }

  /// ∂y shared out evenly, respectively given to the first of the largest values.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let x = inputs[0]
    let size = x.shape[-2] * x.shape[-1]
    let result = Tensor(unfilled: x.shape) { result in
      gradient.withScalars { gradient in
        x.withScalars { x in
          for plane in 0..<gradient.count {
            let target = UnsafeMutableBufferPointer(rebasing: result[plane * size..<(plane + 1) * size])
            switch kind {
            case .average: target.update(repeating: gradient[plane] / Float(size))
            case .maximum:
              target.update(repeating: 0)
              let place = Self.largest(of: plane * size..<(plane + 1) * size, in: x)
              target[place - plane * size] = gradient[plane]
            }
          }
        }
      }
    }
    return [result]
  }
}

extension GraphBuilder {
  /// The mean of each channel over all places: C×H×W becomes C.
  public func globalAveragePool(_ name: String, _ x: Value) -> Value {
    append(name, GlobalPool(kind: .average), [x])
  }

  /// The maximum of each channel over all places: C×H×W becomes C.
  public func globalMaxPool(_ name: String, _ x: Value) -> Value {
    append(name, GlobalPool(kind: .maximum), [x])
  }
}
