import Images
import Tensors

/// A map brought to the picture's size and to 0...1, as pytorch-grad-cam does it.
enum Heatmap {
  /// max(x, 0), minus the smallest value, divided by the largest + 1e-7, for each map of B×H×W.
  static func normalized(_ maps: Tensor) -> Tensor {
    scaled(maps.relu())
  }

  /// Each map of B×H×W minus its smallest value, divided by its largest + 1e-7.
  static func scaled(_ maps: Tensor) -> Tensor {
    let size = maps.shape[1] * maps.shape[2]
    return Tensor(unfilled: maps.shape) { result in
      maps.withScalars { scalars in
        for map in 0..<maps.batchCount {
          let values = scalars[map * size..<(map + 1) * size]
          let smallest = values.min() ?? 0
          let largest = (values.max() ?? 0) - smallest
          for index in values.indices { result[index] = (scalars[index] - smallest) / (largest + 1e-7) }
        }
      }
    }
  }

  /// The heatmap of the maps of several layers: each normalised and brought to the picture's size, then their mean, and
  /// that scaled once more.
  static func combined(_ layerMaps: [Tensor], size: ImageSize) -> Tensor {
    let sized = layerMaps.map { normalized($0).resizedMaps(to: size, .bilinear) }
    guard var sum = sized.first else { preconditionFailure("a heatmap needs a layer") }
    for map in sized.dropFirst() { sum += map }
    return scaled(sum * (1 / Float(sized.count)))
  }
}
