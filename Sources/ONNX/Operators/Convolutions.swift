import LayerGraph
import Tensors

extension Operators {
  static let convolutions: [String: Importer] = ["Conv": convolution]

  /// Conv, of maps, and of sequences as maps of one row.
  private static let convolution: Importer = { call in
    let x = try call.computed(0)
    let weight = try call.constant(1).tensor
    let bias = try call.optionalConstant(2)?.tensor
    guard weight.shape.rank == x.extents.count, (3...4).contains(weight.shape.rank) else {
      throw ShapeError("a convolution of \(x.extents) by \(weight.shape), and only maps and sequences are known")
    }
    let groups = call.integer("group", default: 1)
    guard groups > 0, weight.shape[1] > 0, x.extents[1] == weight.shape[1] * groups else {
      throw ShapeError("weights of \(weight.shape) in \(groups) groups do not fit \(x.extents)")
    }
    // Several maps, such as those of heads, are as many times the groups.
    let count = x.extents[0]
    let kernels = weight.repeated(count).reshaped(
      to: Shape([count * weight.shape[0]] + weight.shape.extents.asMap.dropFirst()))
    let map = try x.asMap()
    let window = try call.window(kernel: Array(kernels.shape.extents.suffix(2)), over: map.shape)
    let y = call.builder.convolution(
      call.name, map, weight: kernels, bias: bias?.repeated(count), window: window, groups: count * groups)
    return call.result(y, x.extents(ofMap: y.shape))
  }
}

extension [Int] {
  /// The extents of a sequence as those of a map of one row.
  var asMap: [Int] { count == 3 ? [self[0], self[1], 1, self[2]] : self }
}

extension ComputedValue {
  /// The value as C×H×W, the channels of several maps one after the other.
  func asMap() throws -> Value {
    let extents = extents.asMap
    guard extents.count == 4 else { throw ShapeError("\(self.extents) is no map") }
    return finished.reshaped(toExtents: [extents[0] * extents[1], extents[2], extents[3]])
  }

  /// The extents of what became of ``asMap()``.
  func extents(ofMap shape: Shape) -> [Int] {
    let channels = [extents[0], shape[0] / extents[0]]
    return channels + (extents.count == 4 ? [shape[1], shape[2]] : [shape[2]])
  }
}

extension Tensor {
  /// The tensor so many times one after the other.
  fileprivate func repeated(_ count: Int) -> Tensor {
    count == 1
      ? self
      : reshaped(to: [1, self.count]).expanded(to: [count, self.count])
        .reshaped(to: Shape([count * shape[0]] + shape.extents.dropFirst()))
  }
}

extension OperatorCall {
  /// How a kernel slides, from the attributes that convolutions and pooling share.
  func window(kernel: [Int], over shape: Shape) throws -> SlidingWindow {
    func pair(_ attribute: String, default value: Int) throws -> [Int] {
      guard var values = list(attribute) else { return [value, value] }
      if values.count == 1 { values = [value, values[0]] }
      guard values.count == 2, values.allSatisfy({ (1...1 << 20).contains($0) }) else {
        throw ShapeError("\(attribute) of \(values.prefix(8))")
      }
      return values
    }
    guard kernel.count == 2, kernel.allSatisfy({ (1...1 << 20).contains($0) }) else {
      throw ShapeError("a kernel of \(kernel.prefix(8))")
    }
    let (stride, dilation) = (try pair("strides", default: 1), try pair("dilations", default: 1))
    var pads = list("pads") ?? [0, 0, 0, 0]
    if pads.count == 2 { pads = [0, pads[0], 0, pads[1]] }
    if let automatic = text("auto_pad"), automatic != "NOTSET", automatic != "VALID" {
      // As many zeros as give ⌈size / stride⌉ places; the odd one comes last, or first for SAME_LOWER.
      let zeros = [0, 1].map { axis in
        let places = (shape[1 + axis] + stride[axis] - 1) / stride[axis]
        return max(0, (places - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - shape[1 + axis])
      }
      let first = zeros.map { automatic == "SAME_LOWER" ? ($0 + 1) / 2 : $0 / 2 }
      pads = first + zip(zeros, first).map { $0 - $1 }
    }
    guard pads.count == 4, pads.allSatisfy({ (0...1 << 20).contains($0) }) else {
      throw ShapeError("pads of \(pads.prefix(8))")
    }
    return SlidingWindow(
      kernel: Extent(height: kernel[0], width: kernel[1]), stride: Extent(height: stride[0], width: stride[1]),
      padding: Extent(height: pads[0], width: pads[1]), trailingPadding: Extent(height: pads[2], width: pads[3]),
      dilation: Extent(height: dilation[0], width: dilation[1]), roundsUp: integer("ceil_mode", default: 0) != 0)
  }
}
