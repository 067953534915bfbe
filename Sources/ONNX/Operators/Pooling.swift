import LayerGraph
import Tensors

extension Operators {
  static let pooling: [String: Importer] = [
    "MaxPool": { call in
      let x = try call.computed(0)
      let map = try x.asMap()
      let window = try call.window(kernel: call.pooledKernel(), over: map.shape)
      return call.result(map: call.builder.maxPool(call.name, map, window: window), like: x)
    },
    "AveragePool": { call in
      let x = try call.computed(0)
      let map = try x.asMap()
      let window = try call.window(kernel: call.pooledKernel(), over: map.shape)
      let countsPadding = call.integer("count_include_pad", default: 0) != 0
      return call.result(
        map: call.builder.averagePool(call.name, map, window: window, countsPadding: countsPadding), like: x)
    },
    "GlobalAveragePool": { call in
      let x = try call.computed(0)
      let y = call.builder.globalAveragePool(call.name, try x.asMap())
      return call.result(y, x.extents.prefix(2) + x.extents.dropFirst(2).map { _ in 1 })
    },
    "GlobalMaxPool": { call in
      let x = try call.computed(0)
      let y = call.builder.globalMaxPool(call.name, try x.asMap())
      return call.result(y, x.extents.prefix(2) + x.extents.dropFirst(2).map { _ in 1 })
    },
  ]
}

extension OperatorCall {
  fileprivate func pooledKernel() throws -> [Int] {
    let kernel = list("kernel_shape") ?? []
    return kernel.count == 1 ? [1, kernel[0]] : kernel
  }

  fileprivate func result(map: Value, like x: ComputedValue) -> [ImportedValue] {
    result(map, x.extents(ofMap: map.shape))
  }
}
