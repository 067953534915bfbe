import Tensors
import Images

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A picture, which a page's style sheet holds once for all maps of it.
struct PagePicture {
  let number: Int
  let name: String
  let path: String
  let width: Int
  let height: Int
  let data: String

  /// - Parameters:
  ///   - path: where it lies.
  ///   - size: its own size, which may be larger than the view's.
  ///   - view: the picture as the page shows it, see `Image.view(through:)`.
  /// - Throws: `ImageError` where it cannot be encoded.
  init(_ path: String, size: ImageSize, view: Image, number: Int) throws {
    self.number = number
    self.path = path
    name = Folder.name(of: path)
    (width, height) = (size.width, size.height)
    data = "data:image/jpeg;base64," + Data(try view.encoded(as: .jpeg)).base64EncodedString()
  }
}

extension Image {
  /// The picture as pages and contact sheets show it: its longer side has 384 pixels.
  ///
  /// - Parameter window: what is shown as black and white, for pictures of more than 8 bits.
  func view(through window: Window?) -> Image {
    let factor = 384 / Double(size.longerSide)
    let view = ImageSize(
      height: max(1, Int((Double(height) * factor).rounded())), width: max(1, Int((Double(width) * factor).rounded())))
    return displayed(through: window).resized(to: view, .bicubic)
  }
}
