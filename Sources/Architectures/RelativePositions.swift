import Images
import Tensors

extension Tensor {
  /// A table of biases for relative positions, (side · side) × heads, for windows of another size, as timm resamples it: the
  /// values are thought to lie ever farther apart from the centre outwards, so that the outermost fall on the new border, and
  /// are interpolated linearly in between (Bao et al. 2022, "BEiT").
  func resampledBiases(from side: Int, to size: ImageSize) -> Tensor {
    let heads = shape[1]
    let rows = Self.interpolation(from: side, to: size.height)
    let columns = Self.interpolation(from: side, to: size.width)
    return Tensor(unfilled: [size.count, heads]) { result in
      withScalars { table in
        for place in 0..<size.count {
          let (row, column) = (rows[place / size.width], columns[place % size.width])
          for head in 0..<heads {
            func value(_ y: Int, _ x: Int) -> Float { table[(y * side + x) * heads + head] }
            let upper = value(row.left, column.left) * (1 - column.share) + value(row.left, column.right) * column.share
            let lower =
              value(row.right, column.left) * (1 - column.share) + value(row.right, column.right) * column.share
            result[place * heads + head] = upper * (1 - row.share) + lower * row.share
          }
        }
      }
    }
  }

  /// For each new place its neighbours among the old ones and the right one's share.
  private static func interpolation(from old: Int, to new: Int) -> [(left: Int, right: Int, share: Float)] {
    let places = geometricPlaces(old, reach: new / 2)
    return (-(new / 2)...new / 2).map { place in
      let place = Float(place)
      let right = min(places.firstIndex { $0 >= place } ?? old - 1, old - 1)
      let left = max(0, right - 1)
      guard right > left, places[right] > places[left] else { return (right, right, 0) }
      let share = (place - places[left]) / (places[right] - places[left])
      return (left, right, min(max(share, 0), 1))
    }
  }

  /// The places of the old values: 0 in the middle, then steps that grow by one ratio until the last one reaches `reach`.
  private static func geometricPlaces(_ count: Int, reach: Int) -> [Float] {
    func sum(_ ratio: Double) -> Double { (0..<count / 2).reduce(0) { total, _ in total * ratio + 1 } }
    var (low, high) = (1.01, 1.5)
    var ratio = high
    while high - low > 1e-6 {
      ratio = (low + high) / 2
      if sum(ratio) > Double(reach) { high = ratio } else { low = ratio }
    }
    var (place, step) = (1.0, 1.0)
    let distances = (0..<count / 2).map { _ in
      defer {
        step *= ratio
        place += step
      }
      return Float(place)
    }
    return distances.reversed().map { -$0 } + [0] + distances
  }
}
