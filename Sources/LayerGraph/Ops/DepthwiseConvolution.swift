import CKernels
import Tensors

/// A convolution of each channel by itself (Sifre 2014). There is nothing to multiply matrices of, so it has a kernel of
/// its own.
extension Convolution {
  /// Whether each channel has its own kernel and gives one channel.
  var isDepthwise: Bool { weight.shape[1] == 1 && weight.shape[0] == groups }

  /// y = w ∗ x + b for each channel.
  func depthwise(_ x: Tensor) -> Tensor {
    let geometry = geometry(of: x.shape)
    let biases = bias?.scalars
    let shape: Shape = [x.shape[0], x.shape[1], Int(geometry.output_height), Int(geometry.output_width)]
    return Tensor(unfilled: shape) { y in
      forEachMap(of: x, into: y, geometry) { geometry, channel, x, weight, scratch, y in
        vitcam_depthwise(geometry, x, weight, biases?[channel] ?? 0, scratch, y)
      }
    }
  }

  /// ∂x: what each value gave to the windows that saw it.
  func depthwiseBackward(_ gradient: Tensor, inputShape: Shape) -> Tensor {
    Tensor(unfilled: inputShape) { result in
      forEachMap(of: gradient, into: result, geometry(of: inputShape)) {
        geometry, _, gradient, weight, scratch, result in
        vitcam_depthwise_backward(geometry, gradient, weight, scratch, result)
      }
    }
  }

  /// One map that is read, the kernel of its channel, and one map that is written.
  private typealias MapKernel = (
    _ geometry: UnsafePointer<VitcamDepthwiseGeometry>, _ channel: Int, _ source: UnsafePointer<Float>,
    _ weight: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>
  ) -> Void

  /// Calls `kernel` for each map of a batch, on all threads.
  private func forEachMap(
    of source: Tensor, into target: UnsafeMutableBufferPointer<Float>, _ geometry: VitcamDepthwiseGeometry,
    _ kernel: MapKernel
  ) {
    let maps = source.shape[0] * groups
    let taps = weight.shape[2] * weight.shape[3]
    source.withScalars { source in
      weight.withScalars { weight in
        withUnsafePointer(to: geometry) { geometry in
          Tensor.forEachRow(of: maps, columns: taps * max(source.count, target.count) / maps) { range in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: vitcam_depthwise_scratch(geometry)) { scratch in
              for map in range {
                let channel = map % groups
                kernel(
                  geometry, channel, source.base + map * (source.count / maps), weight.base + channel * taps,
                  scratch.base, target.base + map * (target.count / maps))
              }
            }
          }
        }
      }
    }
  }

  private func geometry(of shape: Shape) -> VitcamDepthwiseGeometry {
    guard let output = try? window.output(height: shape[2], width: shape[3]) else {
      preconditionFailure("the shape rule refuses \(shape)")
    }
    return VitcamDepthwiseGeometry(
      height: shape[2], width: shape[3], output_height: output.height, output_width: output.width,
      kernel_height: window.kernel.height, kernel_width: window.kernel.width,
      stride_height: window.stride.height, stride_width: window.stride.width,
      dilation_height: window.dilation.height, dilation_width: window.dilation.width,
      padding_top: window.padding.height, padding_left: window.padding.width)
  }
}
