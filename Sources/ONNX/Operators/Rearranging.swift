import Checkpoints
import LayerGraph
import Tensors

extension Operators {
  /// What puts something around a map, or turns channels into places and back.
  static let rearranging: [String: Importer] = [
    "Pad": pad,
    "Col2Im": foldedColumns,
    "DepthToSpace": depthToSpace,
    "SpaceToDepth": spaceToDepth,
  ]

  private static let pad: Importer = { call in
    let x = try call.input(0)
    let rank = x.extents.count
    guard let pads = try call.integers("pads", orInput: 1) else { throw ShapeError("it lacks its pads") }
    let constant = try call.optionalConstant(2)?.scalar ?? call.float("value", default: 0)
    let axes = try call.axes(call.integers(3) ?? Array(0..<rank), rank: rank)
    guard pads.count == 2 * axes.count, pads.allSatisfy({ abs($0) <= 1 << 20 }) else {
      throw ShapeError("pads of \(pads.prefix(8)) for \(x.extents)")
    }
    let mode = call.text("mode") ?? "constant"
    var picked = x.extents.map { Array(0..<$0) }
    for (number, axis) in axes.enumerated() {
      let extent = x.extents[axis]
      let range = -pads[number]..<max(-pads[number], extent + pads[axes.count + number])
      picked[axis] = try range.map { index in
        if (0..<extent).contains(index) { return index }
        switch mode {
        case "constant": return -1
        case "edge": return min(max(index, 0), extent - 1)
        case "wrap": return (index % extent + extent) % extent
        case "reflect":
          let mirrored = index < 0 ? -index : 2 * (extent - 1) - index
          guard (0..<extent).contains(mirrored) else { throw ShapeError("pads that are larger than \(x.extents)") }
          return mirrored
        default: throw ShapeError("the mode \(mode.quoted) is not known")
        }
      }
    }
    if picked.map(\.count) == x.extents, pads.allSatisfy({ $0 == 0 }) { return [x] }
    let (extents, table) = try Movement.picking(picked, from: x.extents)
    return [call.moved(x, table, to: extents, constant: constant)]
  }

  /// The columns of a sliding window added back to the places they were taken from: a gather for each tap of the kernel.
  private static let foldedColumns: Importer = { call in
    let x = try call.input(0)
    guard x.extents.count == 3, let size = try call.integers(1), let kernel = try call.integers(2), size.count == 2,
      kernel.count == 2, size.allSatisfy({ (1...1 << 14).contains($0) })
    else { throw ShapeError("columns of \(x.extents), and only maps are known") }
    let window = try call.window(kernel: kernel, over: Shape([1] + size))
    let taps = kernel[0] * kernel[1]
    let places = try window.output(height: size[0], width: size[1])
    let (columns, count) = (x.extents[2], x.extents[0] * x.extents[1] / taps)
    guard taps > 0, taps <= 1 << 10, x.extents[1] % taps == 0, columns == places.height * places.width else {
      throw ShapeError("\(x.extents) are no columns of a map of \(size)")
    }
    let result = [x.extents[0], x.extents[1] / taps] + size
    _ = try Movement.count(of: result)
    let parts = (0..<taps).map { tap -> ImportedValue in
      var table = [Int](repeating: -1, count: count * size[0] * size[1])
      for row in 0..<places.height {
        let y = row * window.stride.height - window.padding.height + tap / kernel[1] * window.dilation.height
        for column in 0..<places.width where (0..<size[0]).contains(y) {
          let left = column * window.stride.width - window.padding.width + tap % kernel[1] * window.dilation.width
          guard (0..<size[1]).contains(left) else { continue }
          for channel in 0..<count {
            table[(channel * size[0] + y) * size[1] + left] =
              (channel * taps + tap) * columns + row * places.width + column
          }
        }
      }
      return call.moved(x, table, to: result)
    }
    return [try parts.dropFirst().reduce(parts[0]) { try call.sum($0, $1) }]
  }

  /// Blocks of channels become squares of places.
  private static let depthToSpace: Importer = { call in
    let x = try call.input(0)
    let side = call.integer("blocksize", default: 0)
    guard x.extents.count == 4, (1...1 << 10).contains(side), x.extents[1] % (side * side) == 0 else {
      throw ShapeError("blocks of \(side) for \(x.extents)")
    }
    let (n, c, h, w) = (x.extents[0], x.extents[1] / (side * side), x.extents[2], x.extents[3])
    let rowsFirst = call.text("mode") ?? "DCR" == "DCR"
    let (split, order) =
      rowsFirst ? ([n, side, side, c, h, w], [0, 3, 4, 1, 5, 2]) : ([n, c, side, side, h, w], [0, 1, 4, 2, 5, 3])
    let (_, table) = Movement.permuting(split, order)
    return [call.moved(x, table, to: [n, c, h * side, w * side])]
  }

  /// Squares of places become blocks of channels.
  private static let spaceToDepth: Importer = { call in
    let x = try call.input(0)
    let side = call.integer("blocksize", default: 0)
    guard x.extents.count == 4, (1...1 << 10).contains(side), x.extents[2] % side == 0, x.extents[3] % side == 0 else {
      throw ShapeError("blocks of \(side) for \(x.extents)")
    }
    let (n, c, h, w) = (x.extents[0], x.extents[1], x.extents[2] / side, x.extents[3] / side)
    let (_, table) = Movement.permuting([n, c, h, side, w, side], [0, 3, 5, 1, 2, 4])
    return [call.moved(x, table, to: [n, c * side * side, h, w])]
  }
}
