import Images
import Tensors

/// The parts that Score-CAM and its relatives share: pictures masked by the channels of a layer.
struct MaskedPicture {
  /// The channel that the mask is made of.
  let channel: Int
  /// Which of several masks of that channel it is.
  let sample: Int
  /// A number that no other masked picture of a layer and picture has.
  let index: Int
}

extension Evidence {
  /// For each layer the softmax, over channels, of the mean score of a picture that is multiplied by masks made of the
  /// channel.
  ///
  /// - Parameters:
  ///   - samples: how many masks are made of each channel.
  ///   - batchSize: how many masked pictures run at once.
  ///   - mask: makes a mask of the picture's size of a channel's map, 1×h×w.
  /// - Returns: B×C for each layer.
  /// - Throws: as ``scores(ofVariants:atLayer:picture:batchSize:keptAs:change:)``.
  func maskedPictureWeights(
    samples: Int = 1, batchSize: Int?, mask: (_ place: MaskedPicture, _ map: Tensor) -> Tensor
  ) throws -> [Tensor] {
    try layers.enumerated().map { layer, evidence in
      let channels = evidence.activations.shape[1]
      let weights = try (0..<pictureCount).flatMap { picture in
        let scores = try self.scores(
          ofVariants: samples * channels, picture: picture, batchSize: batchSize, keptAs: "\(layer)"
        ) { index, scalars in
          let place = MaskedPicture(channel: index % channels, sample: index / channels, index: index)
          let map = evidence.activations[picture].samples(place.channel..<place.channel + 1)
          scalars.multiply(byMask: mask(place, map))
        }
        let means = (0..<channels).map { channel in
          (0..<samples).reduce(Float(0)) { $0 + scores[$1 * channels + channel] } / Float(samples)
        }
        return softmax(means)
      }
      return Tensor(weights, shape: [pictureCount, channels])
    }
  }
}

extension Tensor {
  /// This map minus its minimum, divided by its range + 1e-8.
  func scaledToUnit() -> Tensor {
    let scalars = self.scalars
    let (smallest, largest) = (scalars.min() ?? 0, scalars.max() ?? 0)
    return Tensor(scalars.map { ($0 - smallest) / (largest - smallest + 1e-8) }, shape: shape)
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Multiplies each channel of a picture C×H×W by a mask of H·W scalars.
  func multiply(byMask mask: Tensor) {
    mask.withScalars { mask in
      for plane in 0..<count / mask.count {
        for place in 0..<mask.count { self[plane * mask.count + place] *= mask[place] }
      }
    }
  }
}
