import Tensors

extension Image {
  /// The picture that a preprocessed tensor shows: normalisation undone, 8-bit RGB. One or two channels are gray, of more than
  /// three the first ones are taken for red, green and blue.
  ///
  /// - Parameters:
  ///   - tensor: 1×C×H×W.
  ///   - preprocessing: the one whose mean and standard deviation were applied.
  public init(normalized tensor: Tensor, _ preprocessing: Preprocessing) {
    precondition(
      tensor.shape.rank == 4 && tensor.shape[0] == 1 && tensor.shape[1] == preprocessing.channelCount,
      "expected 1×\(preprocessing.channelCount)×H×W, found \(tensor.shape)")
    let pixels = tensor.shape[2] * tensor.shape[3]
    let bytes = tensor.withScalars { planes in
      (0..<3 * pixels).map { index -> UInt8 in
        let channel = tensor.shape[1] < 3 ? 0 : index % 3
        let value =
          planes[channel * pixels + index / 3] * preprocessing.standardDeviation[channel] + preprocessing.mean[channel]
        return UInt8((value.isNaN ? 0 : max(0, min(1, value))) * 255 + 0.5)
      }
    }
    self.init(
      size: ImageSize(height: tensor.shape[2], width: tensor.shape[3]), channels: 3, samples: .bytes(bytes))
  }
}
