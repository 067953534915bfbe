import CKernels

/// Sums over the axes of a batch of feature maps, B×C×H×W.
extension Tensor {
  /// The sum of each map: B×C.
  public func channelSums() -> Tensor {
    precondition(shape.rank == 4, "expected B×C×H×W, found \(shape)")
    let size = shape[2] * shape[3]
    return Tensor(unfilled: [shape[0], shape[1]]) { sums in
      withScalars { maps in
        for plane in 0..<sums.count { sums[plane] = vitcam_sum(maps.base + plane * size, size) }
      }
    }
  }

  /// The mean of each map: B×C.
  public func channelMeans() -> Tensor {
    channelSums() * (1 / Float(max(1, shape[2] * shape[3])))
  }

  /// The sum over the channels at each place: B×H×W.
  public func channelSum() -> Tensor {
    weightedSum(channelWeights: Tensor(repeating: 1, shape: [shape[0], shape[1]]))
  }

  /// Σ_c w_c A_c at each place, B×H×W, for the weights B×C.
  public func weightedSum(channelWeights weights: Tensor) -> Tensor {
    precondition(
      shape.rank == 4 && weights.shape == [shape[0], shape[1]], "weights of \(weights.shape) do not fit \(shape)")
    let (channels, size) = (shape[1], shape[2] * shape[3])
    return Tensor(unfilled: [shape[0], shape[2], shape[3]]) { result in
      withScalars { maps in
        weights.withScalars { weights in
          for sample in 0..<shape[0] {
            // A row of weights times a matrix of maps.
            MatrixMultiplication.multiply(
              MatrixOperand(weights.base + sample * channels, stride: channels),
              MatrixOperand(maps.base + sample * channels * size, stride: size), into: result.base + sample * size,
              outStride: size, rows: 1, columns: size, depth: channels)
          }
        }
      }
    }
  }
}
