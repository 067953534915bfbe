import Images
import Tensors

/// How position embeddings are resampled for another grid.
enum PositionFilter: Sendable {
  /// As timm does.
  case antialiasedBicubic
  /// As Hugging Face does.
  case bicubic
  /// As the paper of PVT does.
  case bilinear
}

extension Tensor {
  /// Learned position embeddings (L×C) for another grid of patches; the leading tokens' embeddings stay as they are.
  func resampledPositions(from old: ImageSize, to new: ImageSize, leading: Int, _ filter: PositionFilter) -> Tensor {
    let width = shape[1]
    precondition(shape[0] == leading + old.count, "\(shape[0]) positions do not make a grid of \(old)")
    let maps = samples(leading..<shape[0]).permuted([1, 0]).reshaped(to: [width, old.height, old.width])
    let resized =
      switch filter {
      case .antialiasedBicubic: maps.resizedMaps(to: new, antialiased: .bicubic)
      case .bicubic: maps.resizedMaps(to: new, .bicubic)
      case .bilinear: maps.resizedMaps(to: new, .bilinear)
      }
    let resampled = resized.reshaped(to: [width, new.count]).permuted([1, 0])
    return Tensor(unfilled: [leading + new.count, width]) { result in
      samples(0..<leading).withScalars { _ = result.update(fromContentsOf: $0) }
      resampled.withScalars { (result.base + leading * width).update(from: $0.base, count: $0.count) }
    }
  }
}
