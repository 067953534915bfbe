import CImageCodecs
import Tensors

extension Image {
  /// The most rows and the most columns that a picture may have.
  public static let maximumSide = 32768
  /// The most pixels that a picture may have. Whoever claims more is refused by the header alone.
  public static let maximumPixels = 100_000_000

  /// The most bytes that a picture's file may have.
  public static let maximumFileBytes = 2 << 30

  /// Reads a file of one of the ``ReadableFormat``s. The first bytes decide which, not the name.
  ///
  /// - PNG: every depth, color type and interlacing, turned upright by the EXIF orientation. Palettes and depths below 8 bits are expanded to 8 bits, 16 bits are
  ///   kept; a transparent color becomes ``alpha``; gray stays gray.
  /// - JPEG: baseline and progressive, gray, YCbCr, RGB, CMYK and YCCK, turned upright by the EXIF orientation.
  /// - TIFF: strips and tiles of any compression that libtiff knows; gray, RGB, palettes, CMYK and YCbCr; integers of 1 to 32
  ///   bits, signed or not, and floats, of which those that do not lie in 0...1 are shown from the lowest to the highest.
  ///   Further channels are dropped. `scan.tif[2]` is its third page, see ``PicturePath``.
  /// - BMP: 1 to 32 bits, run lengths, bit fields; alpha is dropped.
  /// - GIF: the first frame, at its place; transparent pixels have the color that the palette gives them.
  /// - PNM: P1 to P7 with any largest sample, and PFM; more than 8 bits are kept.
  /// - WebP: still ones, lossy and lossless, turned upright by the EXIF orientation.
  ///
  /// - Throws: `FileError` when the file cannot be read, is not a picture, is damaged or cut short, or claims more than
  ///   ``maximumSide`` or ``maximumPixels``. There are no half pictures.
  public init(contentsOf path: String) throws(FileError) {
    let place = PicturePath(path)
    // Read whole, not mapped: whoever cuts a mapped file short meanwhile ends this process.
    let bytes = try FileContents.read(place.file, atMost: Self.maximumFileBytes)
    self = try bytes.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in try Image(encoded: bytes, page: place.page) }
    }.mapError { FileError(.read, path, reason: $0.description) }.get()
  }

  /// Decodes the bytes of a picture's file, as ``init(contentsOf:)`` does; of a page of it, from 0, where it has several.
  ///
  /// - Throws: ``ImageError``.
  public init(encoded bytes: UnsafeRawBufferPointer, page: Int? = nil) throws(ImageError) {
    let codec = try ReadableFormat(sniffing: bytes).decoder
    let page = try codec.checkedPage(page)
    let format = try codec.format(of: bytes, page: page)
    let size = try Self.checkedSize(format)
    let (channels, hasAlpha) = (Int(format.channels), format.hasAlpha)
    let isCMYK = channels == 4 && !hasAlpha
    let count = size.count * channels

    let samples: Samples
    var range = Window(low: format.black, high: format.white)
    switch format.bitsPerSample {
    case 32:
      let floats = try codec.samples(of: bytes, page: page, format: format, count: count, zero: Float.zero)
      samples = .floats(floats)
      range = range ?? Window(spanningFloats: floats)
    case 16:
      samples = .words(try codec.samples(of: bytes, page: page, format: format, count: count, zero: UInt16.zero))
    default:
      let stored = try codec.samples(of: bytes, page: page, format: format, count: count, zero: UInt8.zero)
      samples = .bytes(isCMYK ? Self.rgb(fromStoredCMYK: stored) : stored)
    }
    let (colors, alpha) = hasAlpha ? samples.separatingLast(of: channels) : (samples, nil)
    let decoded = Image(
      size: size, channels: isCMYK || hasAlpha ? channels - 1 : channels, samples: colors, range: range, alpha: alpha)
    self = decoded.upright(from: codec.orientation(of: bytes, format))
  }

  private static func checkedSize(_ format: CodecFormat) throws(ImageError) -> ImageSize {
    let (height, width) = (Int(format.height), Int(format.width))
    guard height > 0, width > 0 else { throw ImageError("the picture has no pixels: \(height)×\(width)") }
    guard height <= maximumSide, width <= maximumSide, height * width <= maximumPixels else {
      throw ImageError(
        "the picture claims \(height)×\(width) pixels; at most \(maximumSide) on a side and "
          + "\(maximumPixels / 1_000_000) million in all are read")
    }
    return ImageSize(height: height, width: width)
  }

  /// CMYK inverted, as Adobe's programs write it into JPEG files. Each ink takes its share of the light which
  /// black leaves; a share of 8-bit numbers is rounded as Pillow rounds it.
  private static func rgb(fromStoredCMYK stored: [UInt8]) -> [UInt8] {
    let pixels = stored.count / 4
    return [UInt8](unsafeUninitializedCapacity: 3 * pixels) { buffer, count in
      for pixel in 0..<pixels {
        let light = Int(stored[4 * pixel + 3])
        for channel in 0..<3 {
          let ink = 255 - Int(stored[4 * pixel + channel])
          let product = ink * light + 128
          buffer[3 * pixel + channel] = UInt8(light - ((product >> 8) + product) >> 8)
        }
      }
      count = 3 * pixels
    }
  }
}
