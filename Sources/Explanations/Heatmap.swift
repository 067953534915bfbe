import Images
import Tensors

/// A map brought to the picture's size and to 0...1, as pytorch-grad-cam does it.
enum Heatmap {
  /// max(x, 0), minus the smallest value, divided by the largest + 1e-7, for each map of B×H×W.
  static func normalized(_ maps: Tensor) -> Tensor {
    scaled(maps.relu())
  }

  /// Each map of B×H×W minus its smallest value, divided by its largest + 1e-7. What is not finite counts as the smallest
  /// value, so that the rest can still be seen; ``Diagnostic/notFinite(layer:)`` tells of it.
  static func scaled(_ maps: Tensor) -> Tensor {
    let size = maps.shape[1] * maps.shape[2]
    return Tensor(unfilled: maps.shape) { result in
      maps.withScalars { scalars in
        for map in 0..<maps.batchCount {
          let places = map * size..<(map + 1) * size
          let finite = scalars[places].lazy.filter(\.isFinite)
          let smallest = finite.min() ?? 0
          let largest = (finite.max() ?? 0) - smallest
          for place in places {
            let value = scalars[place]
            result[place] = value.isFinite ? (value - smallest) / (largest + 1e-7) : 0
          }
        }
      }
    }
  }

  /// The heatmap of the maps of several layers: each clipped where that was asked for, normalised and brought to the
  /// picture's size, then their mean, and that scaled once more.
  static func combined(_ layerMaps: [Tensor], size: ImageSize, clipping: Clipping? = nil) -> Tensor {
    let sized = layerMaps.map { normalized(clipping?($0) ?? $0).resizedMaps(to: size, .bilinear) }
    guard var sum = sized.first else { preconditionFailure("a heatmap needs a layer") }
    for map in sized.dropFirst() { sum += map }
    return scaled(sum * (1 / Float(sized.count)))
  }
}
