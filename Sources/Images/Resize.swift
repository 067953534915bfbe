import Tensors

/// How pictures are resized: as Pillow does, antialiased when they shrink.
public enum Interpolation: String, Sendable, CaseIterable {
  /// A triangle filter.
  case bilinear
  /// Cubic convolution with a = −1/2.
  case bicubic
}

/// How heatmaps are enlarged: as OpenCV does, without antialiasing.
public enum MapInterpolation: String, Sendable, CaseIterable {
  /// The nearest value: shows the layer's grid.
  case nearest
  /// Between the four neighbours, `cv2.INTER_LINEAR`; what pytorch-grad-cam uses.
  case bilinear
  /// Cubic convolution with a = −3/4, `cv2.INTER_CUBIC`. It overshoots: values may leave the range of the map.
  case bicubic
}

extension Image {
  /// This picture at another size, as `PIL.Image.resize` gives it: exactly for 8 bits; else computed in float, and for
  /// 16 bits rounded.
  public func resized(to newSize: ImageSize, _ interpolation: Interpolation) -> Image {
    let resize = PictureResize(from: size, to: newSize, interpolation)
    switch samples {
    case .bytes(let bytes):
      return Image(size: newSize, channels: channels, samples: .bytes(resize(bytes, channels: channels)))
    case .words(let words):
      let values = resize(words.map(Float.init), channels: channels)
      let rounded = values.map { UInt16(max(0, min($0, Float(UInt16.max))).rounded()) }
      return Image(size: newSize, channels: channels, samples: .words(rounded), range: range)
    case .floats(let floats):
      return Image(
        size: newSize, channels: channels, samples: .floats(resize(floats, channels: channels)), range: range)
    }
  }
}

extension Tensor {
  /// The maps of this tensor at another size, as `cv2.resize` gives them: the last two axes are the height and the width
  /// of a map, any axes before them are kept.
  ///
  /// - Precondition: at least two axes, and maps that are not empty.
  public func resizedMaps(to size: ImageSize, _ interpolation: MapInterpolation) -> Tensor {
    precondition(shape.rank >= 2, "a map has a height and a width: \(shape)")
    let horizontal = ResampleWeights.sampled(interpolation, from: shape[-1], to: size.width)
    let vertical = ResampleWeights.sampled(interpolation, from: shape[-2], to: size.height)
    return resampledMaps(horizontal: horizontal, vertical: vertical)
  }

  /// The maps of this tensor at another size, bilinear, with the first and the last pixels of both in the same places: as
  /// `torch.nn.functional.interpolate` with `align_corners=True` gives them.
  ///
  /// - Precondition: at least two axes, and maps that are not empty.
  public func resizedMapsAligningCorners(to size: ImageSize) -> Tensor {
    precondition(shape.rank >= 2, "a map has a height and a width: \(shape)")
    return resampledMaps(
      horizontal: .aligningCorners(from: shape[-1], to: size.width),
      vertical: .aligningCorners(from: shape[-2], to: size.height))
  }

  /// The maps of this tensor at another size, antialiased, as Pillow and `torch.nn.functional.interpolate` with
  /// `antialias=True` give them.
  ///
  /// - Precondition: at least two axes, and maps that are not empty.
  public func resizedMaps(to size: ImageSize, antialiased interpolation: Interpolation) -> Tensor {
    precondition(shape.rank >= 2, "a map has a height and a width: \(shape)")
    let horizontal = ResampleWeights.antialiased(
      interpolation, from: shape[-1], to: size.width, outputs: 0..<size.width)
    let vertical = ResampleWeights.antialiased(
      interpolation, from: shape[-2], to: size.height, outputs: 0..<size.height)
    return resampledMaps(horizontal: horizontal, vertical: vertical)
  }

  /// The maps of this tensor, read through the given weights.
  func resampledMaps(horizontal: ResampleWeights, vertical: ResampleWeights) -> Tensor {
    let (height, width) = (shape[-2], shape[-1])
    precondition(height > 0 && width > 0, "an empty map cannot be resized: \(shape)")
    let resultShape = Shape(shape.extents.dropLast(2) + [vertical.outputCount, horizontal.outputCount])
    let resultCount = vertical.outputCount * horizontal.outputCount
    return Tensor(unfilled: resultShape) { result in
      withScalars { maps in
        for map in 0..<maps.count / (height * width) {
          let rows = FloatResampler.resampledRows(
            maps, width: width, channels: 1, rows: map * height..<(map + 1) * height, horizontal)
          let target = UnsafeMutableBufferPointer(rebasing: result[map * resultCount..<(map + 1) * resultCount])
          FloatResampler.resampleColumns(rows, stride: horizontal.outputCount, vertical, into: target)
        }
      }
    }
  }
}

/// A part of a picture resized as Pillow resizes it: only the pixels that are wanted are computed.
struct PictureResize {
  private let source: ImageSize
  private let horizontal: ResampleWeights
  private let vertical: ResampleWeights
  /// Whether columns come before rows. Rounding to 8 bits between the two makes this visible where a filter overshoots.
  private let startsWithColumns: Bool

  /// The rows and columns of the resized picture that are wanted; all of them when left out.
  init(
    from source: ImageSize, to target: ImageSize, _ interpolation: Interpolation,
    rows: Range<Int>? = nil, columns: Range<Int>? = nil
  ) {
    self.source = source
    horizontal = .antialiased(
      interpolation, from: source.width, to: target.width, outputs: columns ?? 0..<target.width)
    vertical = .antialiased(
      interpolation, from: source.height, to: target.height, outputs: rows ?? 0..<target.height)
    // Found by trying Pillow 13: it starts with columns where the height shrinks by more than twice as many pixels as
    // the width. Older versions, and all others cases, start with rows.
    let lostRows = source.height - target.height
    startsWithColumns = lostRows > 0 && lostRows > 2 * (source.width - target.width)
  }

  /// The wanted pixels out of 8-bit samples.
  func callAsFunction(_ samples: [UInt8], channels: Int) -> [UInt8] {
    samples.withUnsafeBufferPointer { samples in
      if startsWithColumns {
        let low = ByteResampler.resampledColumns(samples, stride: source.width * channels, vertical)
        return low.withUnsafeBufferPointer {
          ByteResampler.resampledRows(
            $0, width: source.width, channels: channels, rows: 0..<vertical.outputCount, horizontal)
        }
      }
      let rows = vertical.inputs
      let narrow = ByteResampler.resampledRows(
        samples, width: source.width, channels: channels, rows: rows, horizontal)
      return narrow.withUnsafeBufferPointer {
        ByteResampler.resampledColumns(
          $0, stride: horizontal.outputCount * channels, vertical.shifted(by: rows.lowerBound))
      }
    }
  }

  /// The wanted pixels out of floats, which round so little that the order does not show.
  func callAsFunction(_ samples: [Float], channels: Int) -> [Float] {
    let rows = vertical.inputs
    let narrow = samples.withUnsafeBufferPointer {
      FloatResampler.resampledRows($0, width: source.width, channels: channels, rows: rows, horizontal)
    }
    let stride = horizontal.outputCount * channels
    let shifted = vertical.shifted(by: rows.lowerBound)
    return [Float](unsafeUninitializedCapacity: vertical.outputCount * stride) { result, count in
      FloatResampler.resampleColumns(narrow, stride: stride, shifted, into: result)
      count = vertical.outputCount * stride
    }
  }
}
