import Tensors

/// How a picture becomes a network's input, as timm's evaluation transform (`create_transform(is_training=False)`) and
/// torchvision's transforms do it: resize, crop the middle, scale to 0...1, normalise.
///
/// Pictures with 8 bits per sample and no window are resized in 8 bits, as Pillow does. Others are computed in float, so
/// that a 16-bit radiograph keeps its precision.
public struct Preprocessing: Equatable, Sendable {
  /// How a picture is brought to the network's size.
  public enum Fit: Equatable, Sendable {
    /// The shorter side is resized to size / `fraction`, rounded down, and the middle is cut out: timm's `crop_pct`.
    case crop(fraction: Double)
    /// The whole picture is resized to the size; its aspect ratio is lost.
    case squash
  }

  /// The height and the width of the tensor.
  public var size: ImageSize
  /// How the picture is brought to that size.
  public var fit: Fit
  /// The filter for resizing.
  public var interpolation: Interpolation
  /// What is subtracted from each channel, on the scale of 0...1: from red, green and blue, where there are three.
  public var mean: [Float]
  /// What each channel is divided by afterwards.
  public var standardDeviation: [Float]
  /// The sample values that become 0 and 1; without it, the picture's own ``Image/range``.
  public var window: Window?

  /// The number of channels of the network's input.
  public var channelCount: Int { mean.count }
  /// What a black pixel becomes, channel by channel.
  public var black: [Float] { zip(mean, standardDeviation).map { -$0 / $1 } }
  /// What a white pixel becomes, channel by channel.
  public var white: [Float] { zip(mean, standardDeviation).map { (1 - $0) / $1 } }

  /// The mean of ImageNet's training pictures.
  public static let imageNetMean: [Float] = [0.485, 0.456, 0.406]
  /// The standard deviation of ImageNet's training pictures.
  public static let imageNetStandardDeviation: [Float] = [0.229, 0.224, 0.225]

  /// The crop fractions that make sense; beyond them a picture becomes a speck or a pixel fills the tensor.
  public static let cropFractions: ClosedRange<Double> = 0.05...4

  /// A preprocessing; what is left out is timm's default.
  ///
  /// - Precondition: as many means as standard deviations, none of which is zero, and a crop fraction of
  ///   ``cropFractions``.
  public init(
    size: ImageSize, fit: Fit = .crop(fraction: 0.875), interpolation: Interpolation = .bicubic,
    mean: [Float] = imageNetMean, standardDeviation: [Float] = imageNetStandardDeviation, window: Window? = nil
  ) {
    precondition(
      !mean.isEmpty && mean.count == standardDeviation.count, "a mean and a standard deviation for each channel")
    precondition(!standardDeviation.contains(0), "a standard deviation cannot be zero")
    if case .crop(let fraction) = fit {
      precondition(
        Self.cropFractions.contains(fraction), "a crop fraction lies in \(Self.cropFractions), not \(fraction)")
    }
    self.size = size
    self.fit = fit
    self.interpolation = interpolation
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.window = window
  }

  /// The network's input, 1×C×H×W, for a picture. For three channels gray is replicated; for one, color becomes gray; for two
  /// and four the last one is alpha.
  ///
  /// - Throws: ``ImageError`` where the picture has no alpha for a network that takes it, or the network takes more channels
  ///   than a picture has.
  public func callAsFunction(_ image: Image) throws(ImageError) -> Tensor {
    tensor(of: try image.converted(toChannels: channelCount))
  }

  /// The same for a picture whose path or name stands in the error.
  public func callAsFunction(_ image: Image, of path: String) throws(ImageError) -> Tensor {
    do { return try self(image) } catch { throw ImageError("\(path): \(error)") }
  }

  /// The tensor of a picture whose channels fit.
  private func tensor(of image: Image) -> Tensor {
    let geometry = Geometry(of: image.size, preprocessing: self)
    let resize = PictureResize(
      from: image.size, to: geometry.resized, interpolation, rows: geometry.rows.source,
      columns: geometry.columns.source)
    switch image.samples {
    case .bytes(let bytes) where window == nil:
      let table = (0...255).map { Float($0) / 255 }
      guard case .bytes(let alpha)? = image.alpha else {
        return normalized(resize(bytes, channels: image.channels), channels: image.channels, geometry) {
          table[Int($0)]
        }
      }
      let channels = image.channels + 1
      let pixels = AlphaChannel.joined(bytes, alpha, channels: image.channels)
      // A picture of the right size is not resized, and loses nothing.
      let resized =
        geometry.resized == image.size
        ? resize(pixels, channels: channels)
        : AlphaChannel.divided(
          resize(AlphaChannel.multiplied(pixels, channels: channels), channels: channels), channels: channels)
      return normalized(resized, channels: channels, geometry) { table[Int($0)] }
    case .bytes(let bytes):
      let table = (window ?? image.range).table(upTo: Int(UInt8.max))
      return normalizedFloats(bytes.map { table[Int($0)] }, of: image, resize, geometry)
    case .words(let words):
      let table = (window ?? image.range).table(upTo: Int(UInt16.max))
      return normalizedFloats(words.map { table[Int($0)] }, of: image, resize, geometry)
    case .floats(let floats):
      let window = window ?? image.range
      return normalizedFloats(floats.map { Float(window(Double($0))) }, of: image, resize, geometry)
    }
  }

  /// This preprocessing for a network of another number of channels, of which nobody knows better: red, green and blue as
  /// they are where there are as many or more, and the average of their numbers for each other channel.
  public func adapted(toChannels count: Int) -> Preprocessing {
    func adapted(_ values: [Float]) -> [Float] {
      let average = values.reduce(0, +) / Float(values.count)
      let kept = count < values.count ? [] : values
      return kept + [Float](repeating: average, count: count - kept.count)
    }
    guard count > 0, count != channelCount else { return self }
    var result = self
    (result.mean, result.standardDeviation) = (adapted(mean), adapted(standardDeviation))
    return result
  }

  /// The part of a picture that its tensor shows, in the picture's own pixels: what a heatmap has to be drawn on. It
  /// reaches beyond the picture where cropping padded it.
  public func visibleRectangle(of imageSize: ImageSize) -> Rectangle {
    let geometry = Geometry(of: imageSize, preprocessing: self)
    let x = Double(imageSize.width) / Double(geometry.resized.width)
    let y = Double(imageSize.height) / Double(geometry.resized.height)
    let shown = Rectangle(
      left: Double(geometry.columns.origin), top: Double(geometry.rows.origin), width: Double(size.width),
      height: Double(size.height))
    return shown.scaled(horizontally: x, vertically: y)
  }

  /// The part of a picture that its tensor shows, before normalisation: 8-bit RGB at the network's size. Padding is
  /// black.
  public func networkView(of image: Image) -> Image {
    var plain = self
    plain.mean = [0, 0, 0]
    plain.standardDeviation = [1, 1, 1]
    let pixels = size.count
    let colors = Image(size: image.size, channels: image.channels, samples: image.samples, range: image.range)
    let bytes = plain.tensor(of: colors).withScalars { planes in
      [UInt8](unsafeUninitializedCapacity: 3 * pixels) { buffer, count in
        for index in 0..<3 * pixels {
          buffer.initializeElement(at: index, to: UInt8(planes[index % 3 * pixels + index / 3] * 255 + 0.5))
        }
        count = 3 * pixels
      }
    }
    return Image(size: size, channels: 3, samples: .bytes(bytes))
  }

  /// The tensor of samples of 0...1.
  private func normalizedFloats(
    _ samples: [Float], of image: Image, _ resize: PictureResize, _ geometry: Geometry
  ) -> Tensor {
    guard let alpha = image.alpha else {
      return normalized(clamped: resize(samples, channels: image.channels), channels: image.channels, geometry)
    }
    let channels = image.channels + 1
    let pixels = AlphaChannel.joined(samples, alpha.fractions, channels: image.channels)
    let resized = resize(AlphaChannel.multiplied(pixels, channels: channels), channels: channels)
    return normalized(clamped: AlphaChannel.divided(resized, channels: channels), channels: channels, geometry)
  }

  private func normalized(clamped samples: [Float], channels: Int, _ geometry: Geometry) -> Tensor {
    // Bicubic filters overshoot at edges; 8-bit samples are clamped by their type, these are clamped here.
    return normalized(samples, channels: channels, geometry) { max(0, min(1, $0)) }
  }

  /// Planes of normalised values out of interleaved samples; padding is black.
  private func normalized<Sample>(
    _ samples: [Sample], channels: Int, _ geometry: Geometry, _ value: (Sample) -> Float
  ) -> Tensor {
    let (rows, columns) = (geometry.rows, geometry.columns)
    return Tensor(unfilled: [1, channelCount, size.height, size.width]) { planes in
      for channel in 0..<channelCount {
        let (mean, deviation) = (mean[channel], standardDeviation[channel])
        let plane = UnsafeMutableBufferPointer(rebasing: planes[channel * size.count..<(channel + 1) * size.count])
        if geometry.isPadded { plane.initialize(repeating: (0 - mean) / deviation) }
        for y in 0..<rows.source.count {
          let target = (y + rows.padding) * size.width + columns.padding
          let source = y * columns.source.count
          for x in 0..<columns.source.count {
            let sample = samples[(source + x) * channels + (channels == channelCount ? channel : 0)]
            plane.initializeElement(at: target + x, to: (value(sample) - mean) / deviation)
          }
        }
      }
    }
  }
}

/// Where the tensor's rows and columns come from in the resized picture.
private struct Geometry {
  /// One axis of the crop.
  struct Axis {
    /// The first row or column of the tensor, in those of the resized picture; negative where it is padded.
    let origin: Int
    /// Those of the resized picture that the tensor shows.
    let source: Range<Int>
    /// The black rows or columns before them.
    let padding: Int

    init(resized: Int, wanted: Int) {
      if wanted > resized {
        padding = (wanted - resized) / 2
        origin = -padding
        source = 0..<resized
      } else {
        // Python rounds halves to even.
        padding = 0
        origin = Int((Double(resized - wanted) / 2).rounded(.toNearestOrEven))
        source = origin..<origin + wanted
      }
    }
  }

  /// The whole picture's size after resizing, before cropping.
  let resized: ImageSize
  let rows: Axis
  let columns: Axis

  /// Whether the tensor is larger than the resized picture.
  let isPadded: Bool

  init(of image: ImageSize, preprocessing: Preprocessing) {
    let size = preprocessing.size
    switch preprocessing.fit {
    case .squash:
      resized = size
    case .crop(let fraction):
      let height = max(1, Int((Double(size.height) / fraction).rounded(.down)))
      let width = max(1, Int((Double(size.width) / fraction).rounded(.down)))
      resized =
        height == width
        ? Self.shorterSide(of: image, resizedTo: height)
        : Self.image(image, covering: height, width)
    }
    rows = Axis(resized: resized.height, wanted: size.height)
    columns = Axis(resized: resized.width, wanted: size.width)
    isPadded = resized.height < size.height || resized.width < size.width
  }

  /// torchvision's `Resize(int)`: the longer side is rounded down.
  private static func shorterSide(of image: ImageSize, resizedTo side: Int) -> ImageSize {
    let longer = Int(Double(side * image.longerSide) / Double(image.shorterSide))
    return image.width <= image.height
      ? ImageSize(height: longer, width: side) : ImageSize(height: side, width: longer)
  }

  /// timm's `ResizeKeepRatio`, for sizes that are not square: both sides are rounded to the nearest, halves to even.
  private static func image(_ image: ImageSize, covering height: Int, _ width: Int) -> ImageSize {
    let ratio = min(Double(image.height) / Double(height), Double(image.width) / Double(width))
    return ImageSize(
      height: Int((Double(image.height) / ratio).rounded(.toNearestOrEven)),
      width: Int((Double(image.width) / ratio).rounded(.toNearestOrEven)))
  }
}
