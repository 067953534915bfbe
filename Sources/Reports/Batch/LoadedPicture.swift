import Explanations
import Images
import Tensors

/// A picture that is decoded and ready to be explained.
struct LoadedPicture: Sendable {
  /// What the list says of it.
  let listed: ListedPicture
  /// What the model reads: 1×3×H×W.
  let input: Tensor
  /// What is explained.
  let targets: [TargetSpecification]
  /// The picture's size and what the model sees of it.
  let frame: PictureFrame
  /// What a heatmap is drawn on, the part of it that the heatmap covers, and the samples to show as black and white.
  let canvas: Image?
  let visible: Rectangle?
  let window: Window?

  /// The number of maps of each method.
  var targetCount: Int { targets.reduce(0) { $0 + $1.count } }
}

/// Where the bytes of a picture are.
enum PictureBytes: Sendable {
  case file(String)
  case memory([UInt8])

  func decoded() throws -> Image {
    switch self {
    case .file(let path): try Image(contentsOf: path)
    case .memory(let bytes):
      try bytes.withUnsafeBytes { bytes in
        try Result { () throws(ImageError) in try Image(encoded: bytes) }.get()
      }
    }
  }
}
