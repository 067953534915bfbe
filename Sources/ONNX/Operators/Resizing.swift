import Checkpoints
import Foundation
import LayerGraph
import Tensors

extension Operators {
  static let resizing: [String: Importer] = ["Resize": resize, "Upsample": resize]

  /// Rows and columns of a map resized: each is a mean of some of before, so that it is a product with a matrix along each
  /// axis.
  private static let resize: Importer = { call in
    let x = try call.computed(0)
    guard x.extents.count == 4, x.extents[0] == 1 else { throw ShapeError("\(x.extents) is no map of one sample") }
    let hasRegion = call.node.operation == "Resize" && call.opset > 10
    let scales =
      try call.optionalConstant(hasRegion ? 2 : 1)?.tensor.scalars ?? call.node.attributes["scales"]?.floats ?? []
    var size = x.extents
    if scales.count == 4 {
      size = try zip(x.extents, scales).map { extent, scale in
        let resized = (Float(extent) * scale).rounded(.down)
        guard resized >= 1, resized < 65536 else { throw ShapeError("scales of \(scales)") }
        return Int(resized)
      }
    } else if let wanted = try call.integers(3), wanted.count == 4 {
      size = wanted
    } else if let wanted = try call.integers(3), wanted.count == 2, call.list("axes") == [2, 3] {
      size = [1, x.extents[1]] + wanted
    } else {
      throw ShapeError("it lacks its size")
    }
    guard size[0] == 1, size[1] == x.extents[1], size[2...].allSatisfy({ (1...1 << 16).contains($0) }) else {
      throw ShapeError("a size of \(size) for \(x.extents)")
    }
    let filter = try ResizingFilter(call)
    var map = x.value
    for axis in [2, 1] where size[axis + 1] != x.extents[axis + 1] {
      let scale = scales.count == 4 ? Double(scales[axis + 1]) : Double(size[axis + 1]) / Double(x.extents[axis + 1])
      let matrix = filter.matrix(from: x.extents[axis + 1], to: size[axis + 1], scale: scale)
      map =
        axis == 2
        ? call.builder.linear("resized", map, weight: matrix, bias: nil)
        : call.builder.linear("resized", map.permuted(0, 2, 1), weight: matrix, bias: nil).permuted(0, 2, 1)
    }
    return call.result(map, size)
  }
}

/// How places of a resized axis are made of places of the axis before.
private struct ResizingFilter {
  enum Mode: String { case nearest, linear, cubic }
  let mode: Mode
  let coordinates: String
  let rounding: String
  let cubic: Double

  init(_ call: OperatorCall) throws {
    guard let mode = Mode(rawValue: call.text("mode") ?? "nearest"), call.integer("antialias", default: 0) == 0 else {
      throw ShapeError("the mode \((call.text("mode") ?? "").quoted) is not known, or it smooths")
    }
    self.mode = mode
    let isOld = call.node.operation == "Upsample" || call.opset < 11
    coordinates = call.text("coordinate_transformation_mode") ?? (isOld ? "asymmetric" : "half_pixel")
    rounding = call.text("nearest_mode") ?? (isOld ? "floor" : "round_prefer_floor")
    cubic = Double(call.float("cubic_coeff_a", default: -0.75))
    guard ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"].contains(coordinates) else {
      throw ShapeError("the coordinates \(coordinates.quoted) are not known")
    }
  }

  /// For each place of the result the weights of the places before.
  func matrix(from count: Int, to size: Int, scale: Double) -> Tensor {
    var weights = [Float](repeating: 0, count: size * count)
    for index in 0..<size {
      let place = place(of: index, from: count, to: size, scale: scale)
      func add(_ source: Int, _ weight: Double) {
        weights[index * count + min(max(source, 0), count - 1)] += Float(weight)
      }
      switch mode {
      case .nearest: add(rounded(place), 1)
      case .linear:
        let low = min(max(place, 0), Double(count - 1))
        add(Int(low), 1 - (low - low.rounded(.down)))
        if low > low.rounded(.down) { add(Int(low) + 1, low - low.rounded(.down)) }
      case .cubic:
        let first = Int(place.rounded(.down))
        for source in first - 1...first + 2 { add(source, cubicWeight(abs(place - Double(source)))) }
      }
    }
    return Tensor(weights, shape: [size, count])
  }

  private func place(of index: Int, from count: Int, to size: Int, scale: Double) -> Double {
    let index = Double(index)
    switch coordinates {
    case "align_corners": return size > 1 ? index * Double(count - 1) / Double(size - 1) : 0
    case "asymmetric": return index / scale
    case "pytorch_half_pixel" where size == 1: return 0
    default: return (index + 0.5) / scale - 0.5
    }
  }

  private func rounded(_ place: Double) -> Int {
    switch rounding {
    case "floor": Int(place.rounded(.down))
    case "ceil": Int(place.rounded(.up))
    case "round_prefer_ceil": Int((place + 0.5).rounded(.down))
    default: Int((place - 0.5).rounded(.up))
    }
  }

  /// Keys' kernel (1981), as `cubic_coeff_a` bends it.
  private func cubicWeight(_ distance: Double) -> Double {
    let (a, x) = (cubic, distance)
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }
}
