import LayerGraph
import Tensors

extension Operators {
  static let transposedConvolutions: [String: Importer] = ["ConvTranspose": convTranspose]

  /// A transposed convolution is a convolution by the kernels turned around, over a map whose rows and columns were drawn
  /// apart by zeros.
  private static let convTranspose: Importer = { call in
    let x = try call.computed(0)
    let weight = try call.constant(1).tensor
    let bias = try call.optionalConstant(2)?.tensor
    let groups = call.integer("group", default: 1)
    guard x.extents.count == 4, x.extents[0] == 1, weight.shape.rank == 4, groups > 0,
      weight.shape[0] == x.extents[1], weight.shape[0] % groups == 0
    else { throw ShapeError("\(groups) groups of weights of \(weight.shape) do not fit \(x.extents)") }
    guard ["NOTSET", nil].contains(call.text("auto_pad")), call.list("output_shape") == nil else {
      throw ShapeError("only explicit pads are known, no auto_pad and no output_shape")
    }
    let window = try call.window(kernel: Array(weight.shape.extents.suffix(2)), over: x.value.shape)
    let extra = call.list("output_padding") ?? [0, 0]
    guard extra.count == 2, extra.allSatisfy({ (0...1 << 16).contains($0) }) else {
      throw ShapeError("an output_padding of \(extra.prefix(8))")
    }
    let apart = [
      try Axis(stride: window.stride.height, dilation: window.dilation.height, kernel: window.kernel.height).indices(
        of: x.extents[2], cutting: window.padding.height, window.trailingPadding.height - extra[0]),
      try Axis(stride: window.stride.width, dilation: window.dilation.width, kernel: window.kernel.width).indices(
        of: x.extents[3], cutting: window.padding.width, window.trailingPadding.width - extra[1]),
    ]
    let (extents, table) = try Movement.picking([[0], Array(0..<x.extents[1])] + apart, from: x.extents)
    let spread = x.value.gathered(table, as: ComputedValue.sampleShape(of: extents), constant: 0)
    let sliding = SlidingWindow(
      kernel: window.kernel, stride: Extent(1), padding: Extent(0), dilation: window.dilation)
    let y = call.builder.convolution(
      call.name, spread, weight: weight.turned(groups: groups), bias: bias, window: sliding, groups: groups)
    return call.result(y, [1] + y.shape.extents)
  }

  /// One axis of a transposed convolution.
  private struct Axis {
    let stride, dilation, kernel: Int

    /// The indices of a map drawn apart, with the zeros around it that the kernel reaches into; −1 for a zero.
    ///
    /// - Parameters:
    ///   - first: how many of the result's places are cut off at its start.
    ///   - last: how many at its end; negative where there are more.
    func indices(of extent: Int, cutting first: Int, _ last: Int) throws -> [Int] {
      let margin = dilation * (kernel - 1)
      let (start, end) = (first - margin, (extent - 1) * stride + 1 + margin - last)
      guard end - start > margin, end - start <= 1 << 16 else {
        throw ShapeError("pads that leave nothing, or too much")
      }
      return (start..<end).map { place in
        place >= 0 && place % stride == 0 && place / stride < extent ? place / stride : -1
      }
    }
  }
}

extension Tensor {
  /// Kernels of a transposed convolution, in × out/groups × h × w, as those of a convolution, out × in/groups × h × w: turned
  /// by half a turn.
  fileprivate func turned(groups: Int) -> Tensor {
    let (inputs, outputs, height, width) = (shape[0] / groups, shape[1], shape[2], shape[3])
    let moved = reshaped(to: [groups, inputs, outputs, height * width]).permuted([0, 2, 1, 3])
    let area = height * width
    return Tensor(unfilled: [groups * outputs, inputs, height, width]) { turned in
      moved.withScalars { kernels in
        for index in 0..<turned.count { turned[index] = kernels[index - index % area + area - 1 - index % area] }
      }
    }
  }
}
