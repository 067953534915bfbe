/// A decoded picture: gray or RGB, with the 8 or 16 bits per sample that its file holds, or floats for what is deeper or
/// signed.
///
/// Rows run from top to bottom without padding; the channels of a pixel lie side by side. Alpha is kept apart: only models
/// that take it see it, for others it is dropped, as `convert("RGB")` in Pillow drops it.
public struct Image: Equatable, Sendable {
  /// The samples of a picture in the precision of its file.
  public enum Samples: Equatable, Sendable {
    /// 8 bits per sample: 0 is black, 255 is white.
    case bytes([UInt8])
    /// 16 bits per sample: 0 is black, 65535 is white, or less where the file has fewer bits.
    case words([UInt16])
    /// Floats, and integers that are signed or have more than 16 bits.
    case floats([Float])

    /// The number of samples.
    public var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .words(let words): words.count
      case .floats(let floats): floats.count
      }
    }
  }

  /// The extent in pixels.
  public let size: ImageSize
  /// The samples per pixel: 1 for gray, 3 for RGB.
  public let channels: Int
  /// The samples: rows × columns × channels.
  public let samples: Samples
  /// The sample values that are black and white.
  public let range: Window
  /// How opaque each pixel is, where the file says it: rows × columns, 0 is transparent, the type's maximum opaque.
  public let alpha: Samples?

  /// A picture of the given samples. Where no range is given, it is that of the samples' type; 0...1 for floats.
  ///
  /// - Precondition: one or three channels, as many samples as the size calls for, and of alpha one a pixel.
  public init(size: ImageSize, channels: Int, samples: Samples, range: Window? = nil, alpha: Samples? = nil) {
    precondition(channels == 1 || channels == 3, "a picture has one or three channels, not \(channels)")
    precondition(samples.count == size.count * channels, "\(samples.count) samples cannot fill \(size)×\(channels)")
    precondition(alpha.map { $0.count == size.count } ?? true, "alpha: one sample for each of \(size)")
    self.size = size
    self.channels = channels
    self.alpha = alpha
    self.samples = samples
    self.range =
      switch samples {
      case _ where range != nil: range ?? .unit
      case .bytes: Window(maximum: Int(UInt8.max))
      case .words: Window(maximum: Int(UInt16.max))
      case .floats: .unit
      }
  }

  /// The number of columns.
  public var width: Int { size.width }

  /// The number of rows.
  public var height: Int { size.height }

  /// The largest sample, where the picture has 16 bits and uses less than an eighth of them: 12 bits in a file of 16 are
  /// nearly black without a window.
  public var faintMaximum: Int? {
    guard case .words(let words) = samples, range.high == Double(UInt16.max), let largest = words.max(), largest > 0,
      largest < 8192
    else { return nil }
    return Int(largest)
  }
}

extension Image {
  /// This picture for display: RGB with 8 bits per sample. Gray is replicated into the three channels.
  ///
  /// - Parameter window: The sample values to show as black and as white; without it, ``range``.
  public func displayed(through window: Window? = nil) -> Image {
    Image(size: size, channels: 3, samples: .bytes(displayedBytes(through: window)))
  }

  /// The samples of ``displayed(through:)``.
  func displayedBytes(through window: Window? = nil) -> [UInt8] {
    let bytes: [UInt8] =
      switch (samples, window) {
      case (.bytes(let stored), nil): stored
      case (.bytes(let stored), let window?): Self.mapped(stored, through: window)
      case (.words(let stored), let window): Self.mapped(stored, through: window ?? range)
      case (.floats(let stored), let window):
        stored.map { [window = window ?? range] in UInt8(window(Double($0)) * 255 + 0.5) }
      }
    return channels == 3 ? bytes : Self.replicated(bytes)
  }

  private static func mapped<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: [Sample], through window: Window
  ) -> [UInt8] {
    let table = window.table(upTo: Int(Sample.max)).map { UInt8($0 * 255 + 0.5) }
    return samples.map { table[Int($0)] }
  }

  private static func replicated(_ gray: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 3 * gray.count) { buffer, count in
      for (pixel, value) in gray.enumerated() {
        buffer[3 * pixel] = value
        buffer[3 * pixel + 1] = value
        buffer[3 * pixel + 2] = value
      }
      count = 3 * gray.count
    }
  }
}
