import Images
import Tensors

extension Tensor {
  /// Learned position embeddings (L×C) for another grid of patches, as timm resamples them: bicubic with antialiasing, or,
  /// as PVT does, bilinear without; the leading tokens' embeddings stay as they are.
  func resampledPositions(from old: ImageSize, to new: ImageSize, leading: Int, bilinear: Bool = false) -> Tensor {
    let width = shape[1]
    precondition(shape[0] == leading + old.count, "\(shape[0]) positions do not make a grid of \(old)")
    let maps = samples(leading..<shape[0]).permuted([1, 0]).reshaped(to: [width, old.height, old.width])
    let resampled = (bilinear ? maps.resizedMaps(to: new, .bilinear) : maps.resizedMaps(to: new, antialiased: .bicubic))
      .reshaped(to: [width, new.count]).permuted([1, 0])
    return Tensor(unfilled: [leading + new.count, width]) { result in
      samples(0..<leading).withScalars { _ = result.update(fromContentsOf: $0) }
      resampled.withScalars { (result.base + leading * width).update(from: $0.base, count: $0.count) }
    }
  }
}
