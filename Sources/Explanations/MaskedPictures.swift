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
  /// - Throws: as ``outputs(ofVariants:picture:batchSize:change:)`` and ``scores(of:picture:)``.
  func maskedPictureWeights(
    samples: Int = 1, batchSize: Int?, mask: (_ place: MaskedPicture, _ map: Tensor) -> Tensor
  ) throws -> [Tensor] {
    try layers.enumerated().map { layer, evidence in
      let channels = evidence.activations.shape[1]
      let weights = try (0..<pictureCount).flatMap { picture in
        let outputs = try keptOutputs("\(layer) \(picture)", count: samples * channels) {
          try self.outputs(ofVariants: samples * channels, picture: picture, batchSize: batchSize) { index, scalars in
            let place = MaskedPicture(channel: index % channels, sample: index / channels, index: index)
            let map = evidence.activations[picture].samples(place.channel..<place.channel + 1)
            scalars.multiply(byMask: mask(place, map))
          }
        }
        let scores = try self.scores(of: outputs, picture: picture)
        let means = (0..<channels).map { channel in
          (0..<samples).reduce(Float(0)) { $0 + scores[$1 * channels + channel] } / Float(samples)
        }
        return softmax(means)
      }
      return Tensor(weights, shape: [pictureCount, channels])
    }
  }

  /// Outputs that serve all targets, unless so many that they are better computed again for each.
  private func keptOutputs(_ name: String, count: Int, _ compute: () throws -> Tensor) throws -> Tensor {
    count * model.classCount <= 1 << 24 ? try once(name, compute) : try compute()
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
