#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Tensor {
  /// The places of each sample projected on the first component of kernel PCA (Schölkopf, Smola, Müller 1998) with a sigmoid
  /// kernel: B×C×H×W gives B×H×W.
  ///
  /// With x_i the channels at place i, minus their means, the kernel is tanh(x_i·x_j / C + 1). The sign is such that the
  /// value of the largest magnitude is positive. A sample that is not finite gives NaN everywhere. Memory grows with the
  /// square of the number of places.
  public func kernelProjection() -> Tensor {
    precondition(shape.rank == 4, "expected B×C×H×W, found \(shape)")
    let values = (0..<shape[0]).flatMap { KernelComponent.projection(of: self[$0]) }
    return Tensor(values, shape: [shape[0], shape[2], shape[3]])
  }
}

/// The first component of kernel PCA with the sigmoid kernel.
enum KernelComponent {
  /// The projections of the places of one sample, C×H×W.
  static func projection(of maps: Tensor) -> [Float] {
    let (channels, places) = (maps.shape[0], maps.shape[1] * maps.shape[2])
    guard maps.scalars.allSatisfy(\.isFinite) else { return [Float](repeating: .nan, count: places) }
    let kernel = kernel(of: centred(maps, places: places), channels: channels, places: places)
    let leading = LeadingEigenpair(order: places) { vector, product in
      multiplyCentred(kernel, vector, into: product)
    }
    let length = max(0, leading.value).squareRoot()
    return PrincipalComponent.withLargestPositive(leading.vector.map { $0 * length }).map(Float.init)
  }

  private static func centred(_ maps: Tensor, places: Int) -> Tensor {
    var result = maps
    result.withMutableScalars { scalars in
      for start in stride(from: 0, to: scalars.count, by: max(1, places)) {
        let sum = scalars[start..<start + places].reduce(0.0) { $0 + Double($1) }
        for index in start..<start + places { scalars[index] -= Float(sum / Double(places)) }
      }
    }
    return result
  }

  /// tanh(XᵀX / C + 1) for the columns of X: places×places.
  private static func kernel(of centred: Tensor, channels: Int, places: Int) -> Tensor {
    Tensor(unfilled: [places, places]) { kernel in
      centred.withScalars { maps in
        let operand = MatrixOperand(maps.base, stride: places)
        MatrixMultiplication.multiplyInParallel(
          operand.transposed, operand, into: kernel.base, outStride: places, rows: places, columns: places,
          depth: channels, scale: 1 / Float(channels))
        Tensor.forEachRow(of: places, columns: places) { rows in
          for index in rows.lowerBound * places..<rows.upperBound * places { kernel[index] = tanhf(kernel[index] + 1) }
        }
      }
    }
  }

  /// The product of J·K·J with a vector, where J takes the mean away.
  private static func multiplyCentred(
    _ kernel: Tensor, _ vector: UnsafeBufferPointer<Double>, into product: UnsafeMutableBufferPointer<Double>
  ) {
    let places = vector.count
    let mean = vector.reduce(0, +) / Double(places)
    kernel.withScalars { kernel in
      Tensor.forEachRow(of: places, columns: places) { rows in
        for row in rows {
          var sum = 0.0
          for column in 0..<places { sum += Double(kernel[row * places + column]) * (vector[column] - mean) }
          product[row] = sum
        }
      }
    }
    let shift = product.reduce(0, +) / Double(places)
    for place in product.indices { product[place] -= shift }
  }
}
