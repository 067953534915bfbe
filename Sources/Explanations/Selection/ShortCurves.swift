import Tensors

/// Insertion and deletion (Petsiuk, Das, Saenko 2018) in a few steps over the most important pixels only: enough to tell a
/// good map from a bad one. Both between the picture and a blurred one, which adds no edges of its own.
public struct ShortCurves: Sendable {
  /// How many of the pixels are exchanged at each step: where maps differ is at their maxima.
  static let shares: [Double] = [0.02, 0.05, 0.1, 0.16, 0.25]

  /// The area below the score while the most important pixels appear in the blurred picture; large is good.
  public let insertion: Float
  /// The area below the score while they are blurred; small is good.
  public let deletion: Float

  /// What maps are ranked by.
  public var difference: Float { insertion - deletion }

  /// The curves of several maps, all of whose pictures go through the model in batches together.
  ///
  /// - Parameters:
  ///   - heatmaps: each H×W.
  ///   - input: the preprocessed picture, 1×3×H×W.
  ///   - blurred: the same, blurred.
  ///   - score: what is asked of which model.
  /// - Throws: `RunError`, ``TargetError``.
  static func curves(of heatmaps: [Tensor], _ input: Tensor, blurred: Tensor, _ score: Scorer) throws -> [ShortCurves] {
    let orders = heatmaps.map { PixelOrder($0) }
    let perMap = 2 * shares.count
    let scores = try input.withScalars { original in
      try blurred.withScalars { blurred in
        try score(orders.count * perMap) { number, picture in
          let order = orders[number / perMap]
          let count = Int((shares[number % perMap / 2] * Double(order.pixels.count)).rounded())
          let (from, to) = number.isMultiple(of: 2) ? (original, blurred) : (blurred, original)
          picture.base.update(from: to.base, count: to.count)
          order.copy(first: count, from: from.base, to: picture)
        }
      }
    }
    let ends = try score(Tensor.joined([blurred, input]))
    return orders.indices.map { map in
      let steps = scores[map * perMap..<(map + 1) * perMap]
      func area(_ start: Float, _ isInsertion: Bool) -> Float {
        let curve = [start] + steps.enumerated().filter { $0.offset.isMultiple(of: 2) == isInsertion }.map(\.element)
        return Self.area(curve)
      }
      return ShortCurves(insertion: area(ends[0], true), deletion: area(ends[1], false))
    }
  }

  /// The area below a curve over the shares, by the trapezoid rule, over a width of 1.
  private static func area(_ curve: [Float]) -> Float {
    let places = [0] + shares
    let areas = places.indices.dropFirst().map { step in
      Float(places[step] - places[step - 1]) * (curve[step] + curve[step - 1]) / 2
    }
    return areas.reduce(0, +) / Float(places[places.count - 1])
  }
}
