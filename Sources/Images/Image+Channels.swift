/// A picture with as many channels as a model takes.
extension Image {
  /// This picture as a model of a number of channels takes it: for 1 gray, for 2 gray with alpha, for 3 as it is, for 4 RGB
  /// with alpha. Color becomes gray with the weights of ITU-R 601, 0.299, 0.587 and 0.114, as Pillow computes it.
  ///
  /// - Throws: ``ImageError`` where alpha is wanted and there is none, and for more channels, which no picture's file has.
  func converted(toChannels count: Int) throws(ImageError) -> Image {
    if [2, 4].contains(count), alpha == nil {
      throw ImageError(
        "the model takes \(count) channels, \(count == 2 ? "gray" : "RGB") and alpha, and the picture has no alpha; "
          + "give arrays of \(count) channels with --tensor FILE.npy")
    }
    switch count {
    case 1: return Image(size: size, channels: 1, samples: graySamples, range: range)
    case 2: return Image(size: size, channels: 1, samples: graySamples, range: range, alpha: alpha)
    case 3: return alpha == nil ? self : Image(size: size, channels: channels, samples: samples, range: range)
    case 4: return channels == 3 ? self : Image(size: size, channels: 3, samples: tripled, range: range, alpha: alpha)
    default:
      throw ImageError(
        "the model takes \(count) channels, and a picture has at most 4; give arrays with --tensor FILE.npy")
    }
  }

  private var graySamples: Samples {
    guard channels == 3 else { return samples }
    func gray<Sample>(_ samples: [Sample], _ mix: (Sample, Sample, Sample) -> Sample) -> [Sample] {
      (0..<size.count).map { mix(samples[3 * $0], samples[3 * $0 + 1], samples[3 * $0 + 2]) }
    }
    // Pillow's fixed-point numbers, of 16 bits behind the point.
    func mixed(_ red: UInt64, _ green: UInt64, _ blue: UInt64) -> UInt64 {
      (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
    }
    switch samples {
    case .bytes(let bytes): return .bytes(gray(bytes) { UInt8(mixed(UInt64($0), UInt64($1), UInt64($2))) })
    case .words(let words): return .words(gray(words) { UInt16(mixed(UInt64($0), UInt64($1), UInt64($2))) })
    case .floats(let floats): return .floats(gray(floats) { 0.299 * $0 + 0.587 * $1 + 0.114 * $2 })
    }
  }

  private var tripled: Samples {
    func tripled<Sample>(_ gray: [Sample]) -> [Sample] { gray.flatMap { [$0, $0, $0] } }
    return switch samples {
    case .bytes(let bytes): .bytes(tripled(bytes))
    case .words(let words): .words(tripled(words))
    case .floats(let floats): .floats(tripled(floats))
    }
  }
}

extension Image.Samples {
  /// The channels of pixels without the last one, and that one.
  func separatingLast(of channels: Int) -> (Image.Samples, Image.Samples) {
    func separated<Sample>(_ samples: [Sample]) -> ([Sample], [Sample]) {
      var (colors, last) = ([Sample](), [Sample]())
      colors.reserveCapacity(samples.count / channels * (channels - 1))
      last.reserveCapacity(samples.count / channels)
      for start in stride(from: 0, to: samples.count, by: channels) {
        colors += samples[start..<start + channels - 1]
        last.append(samples[start + channels - 1])
      }
      return (colors, last)
    }
    switch self {
    case .bytes(let bytes):
      let (colors, last) = separated(bytes)
      return (.bytes(colors), .bytes(last))
    case .words(let words):
      let (colors, last) = separated(words)
      return (.words(colors), .words(last))
    case .floats(let floats):
      let (colors, last) = separated(floats)
      return (.floats(colors), .floats(last))
    }
  }

  /// The samples on the scale of 0...1, where the type's maximum is 1.
  var fractions: [Float] {
    switch self {
    case .bytes(let bytes): bytes.map { Float($0) / 255 }
    case .words(let words): words.map { Float($0) / 65535 }
    case .floats(let floats): floats
    }
  }
}

/// Pixels with alpha, which are resized as Pillow does it: colors count as much as they are opaque.
struct AlphaChannel {
  /// The colors, each with its alpha behind it.
  static func joined<Sample>(_ colors: [Sample], _ alpha: [Sample], channels: Int) -> [Sample] {
    var pixels: [Sample] = []
    pixels.reserveCapacity(colors.count + alpha.count)
    for (pixel, opacity) in alpha.enumerated() {
      pixels += colors[pixel * channels..<(pixel + 1) * channels]
      pixels.append(opacity)
    }
    return pixels
  }

  /// Colors times alpha, rounded as Pillow rounds it.
  static func multiplied(_ pixels: [UInt8], channels: Int) -> [UInt8] {
    mapped(pixels, channels) { color, alpha in
      let product = Int(color) * Int(alpha) + 128
      return UInt8(((product >> 8) + product) >> 8)
    }
  }

  /// Colors divided by alpha; where nothing is to be seen they stay.
  static func divided(_ pixels: [UInt8], channels: Int) -> [UInt8] {
    mapped(pixels, channels) { color, alpha in
      [0, 255].contains(alpha) ? color : UInt8(min(255, 255 * Int(color) / Int(alpha)))
    }
  }

  /// Colors of 0...1 times alpha.
  static func multiplied(_ pixels: [Float], channels: Int) -> [Float] { mapped(pixels, channels) { $0 * $1 } }

  /// Colors of 0...1 divided by alpha; where nothing is to be seen they stay.
  static func divided(_ pixels: [Float], channels: Int) -> [Float] {
    mapped(pixels, channels) { $1 > 0 ? $0 / $1 : $0 }
  }

  private static func mapped<Sample>(
    _ pixels: [Sample], _ channels: Int, _ change: (_ color: Sample, _ alpha: Sample) -> Sample
  ) -> [Sample] {
    var result = pixels
    for start in stride(from: 0, to: pixels.count, by: channels) {
      let alpha = pixels[start + channels - 1]
      for index in start..<start + channels - 1 { result[index] = change(pixels[index], alpha) }
    }
    return result
  }
}
