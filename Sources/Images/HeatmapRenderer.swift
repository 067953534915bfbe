import Tensors

/// Draws a heatmap and the picture that it explains.
public struct HeatmapRenderer: Equatable, Sendable {
  /// What is drawn.
  public enum Style: String, Sendable, CaseIterable {
    /// The colored heatmap over the picture.
    case overlay
    /// The colored heatmap alone.
    case heatmap
    /// The picture, the overlay and a color bar next to each other, with a caption.
    case sideBySide = "side-by-side"
    /// The picture where the heatmap is above a threshold; the rest is darkened.
    case mask
    /// The picture with a box around the largest region above 15 % of the maximum.
    case box
  }

  /// How an overlay mixes the colors of the heatmap with those of the picture.
  public enum Blending: String, Sendable, CaseIterable {
    /// (1 − α) · picture + α · heat.
    case plain
    /// The same, divided by its largest value, as `show_cam_on_image` of pytorch-grad-cam does: brighter, at the price
    /// of colors that depend on the picture.
    case brightened
  }

  /// What is drawn.
  public var style: Style
  /// The colors of the heatmap.
  public var colorMap: ColorMap
  /// The colors of a heatmap with signs, from −1 to 1.
  public var signedColorMap: ColorMap
  /// The heatmap's share of an overlay, α: 0 shows the picture only, 1 the heatmap only. Of a heatmap with signs it is
  /// √(α · |value|), so that the picture is seen where nothing speaks for or against.
  public var alpha: Float
  /// The exponent that is applied to the heatmap's values before they are shown: above 1 keeps only the peaks.
  public var gamma: Float
  /// How an overlay mixes.
  public var blending: Blending
  /// How the heatmap is brought to the picture's size.
  public var upsampling: MapInterpolation
  /// The heatmap value from which a mask keeps the picture.
  public var threshold: Float
  /// Pictures whose shorter side is below this are enlarged for viewing; 0 leaves every picture as it is.
  public var minimumSide: Int

  /// A renderer; what is left out is an overlay in jet, half heatmap and half picture.
  public init(
    style: Style = .overlay, colorMap: ColorMap = .jet, alpha: Float = 0.5, gamma: Float = 1,
    blending: Blending = .plain, upsampling: MapInterpolation = .bilinear, threshold: Float = 0.5,
    minimumSide: Int = 384, signedColorMap: ColorMap = .coolwarm
  ) {
    self.style = style
    self.colorMap = colorMap
    self.alpha = alpha
    self.gamma = gamma
    self.blending = blending
    self.upsampling = upsampling
    self.threshold = threshold
    self.minimumSide = minimumSide
    self.signedColorMap = signedColorMap
  }

  /// Draws a heatmap over a picture. The result is 8-bit RGB.
  ///
  /// - Parameters:
  ///   - heatmap: H×W, or one such map with leading axes of 1, at any resolution: values in 0...1, or in −1...1 where it has
  ///     signs. Others are clamped, and what is not a number counts as 0.
  ///   - isSigned: whether the heatmap has signs.
  ///   - picture: The picture, whole or as the network saw it.
  ///   - visible: The part of the picture that the heatmap covers, from ``Preprocessing/visibleRectangle(of:)``; all of
  ///     it when left out. The rest is darkened.
  ///   - window: The sample values of the picture to show as black and as white.
  ///   - caption: A line of text for ``Style/sideBySide``: `star 0.98 · gradcam · blocks[-1].norm1`.
  public func callAsFunction(
    _ heatmap: Tensor, isSigned: Bool = false, over picture: Image, visible: Rectangle? = nil, window: Window? = nil,
    caption: String = ""
  ) -> Image {
    let size = viewSize(of: picture.size)
    let scale = (x: Double(size.width) / Double(picture.width), y: Double(size.height) / Double(picture.height))
    let covered = (visible ?? Rectangle(whole: picture.size)).scaled(horizontally: scale.x, vertically: scale.y)
    let shown = picture.displayed(through: window)
    let view = Canvas(size == picture.size ? shown : shown.resized(to: size, .bicubic))
    let heat = HeatPlane(heatmap, covering: covered, of: size, upsampling, gamma: gamma, isSigned: isSigned)
    switch style {
    case .overlay: return overlay(heat, view).image
    case .heatmap: return colored(heat, size).image
    case .sideBySide:
      return SideBySide(
        picture: view, overlay: overlay(heat, view), isSigned ? signedColorMap : colorMap,
        isSigned: isSigned, caption: caption
      ).image
    case .mask: return masked(heat, view).image
    case .box: return boxed(heat, view).image
    }
  }

  /// The size at which a picture is drawn: enlarged until its shorter side is long enough, but not beyond a longer side
  /// of 4096 pixels, which a thin strip would exceed.
  func viewSize(of size: ImageSize) -> ImageSize {
    let wanted = Double(minimumSide) / Double(size.shorterSide)
    let factor = min(wanted, 4096 / Double(size.longerSide))
    guard factor > 1 else { return size }
    return ImageSize(
      height: Int((Double(size.height) * factor).rounded()), width: Int((Double(size.width) * factor).rounded()))
  }
}
