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

  /// Each map of B×H×W divided by its largest magnitude + 1e-7, so that signs stay and 0 stays 0. What is not finite counts as
  /// 0.
  static func signed(_ maps: Tensor) -> Tensor {
    let size = maps.shape[1] * maps.shape[2]
    return Tensor(unfilled: maps.shape) { result in
      maps.withScalars { scalars in
        for map in 0..<maps.batchCount {
          let places = map * size..<(map + 1) * size
          let largest = scalars[places].lazy.filter(\.isFinite).map { abs($0) }.max() ?? 0
          for place in places { result[place] = scalars[place].isFinite ? scalars[place] / (largest + 1e-7) : 0 }
        }
      }
    }
  }

  /// The heatmap of the maps of several layers: each smoothed and clipped where that was asked for, normalised and brought to
  /// the picture's size, then their mean, and that scaled once more.
  ///
  /// - Parameter keepsSigns: whether it is from −1 to 1, see ``signed(_:)``.
  static func combined(
    _ layerMaps: [Tensor], size: ImageSize, blur: GaussianBlur? = nil, clipping: Clipping? = nil,
    keepsSigns: Bool = false
  ) -> Tensor {
    let sized = layerMaps.map { map in
      let map = blur?(map.resizedMaps(to: size, .bilinear)) ?? map
      let clipped = clipping?(map, keepsSigns: keepsSigns) ?? map
      return (keepsSigns ? signed(clipped) : normalized(clipped)).resizedMaps(to: size, .bilinear)
    }
    guard var sum = sized.first else { preconditionFailure("a heatmap needs a layer") }
    for map in sized.dropFirst() { sum += map }
    let mean = sum * (1 / Float(sized.count))
    return keepsSigns ? signed(mean) : scaled(mean)
  }
}
