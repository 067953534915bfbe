/// The range of sample values that matters, as radiologists window a 12-bit or 16-bit picture: `low` becomes 0, `high`
/// becomes 1, what lies outside is clamped.
public struct Window: Hashable, Sendable {
  /// The sample value that becomes 0.
  public let low: Double
  /// The sample value that becomes 1.
  public let high: Double

  /// The window from `low` to `high`, in sample values; nil unless both are finite and `low` is below `high`.
  public init?(low: Double, high: Double) {
    guard low.isFinite, high.isFinite, low < high else { return nil }
    self.low = low
    self.high = high
  }

  /// The window around `center`, in sample values; nil unless the width is positive and both are finite. This is the
  /// `LINEAR_EXACT` function of DICOM (PS3.3 C.11.2.1.3.2).
  public init?(center: Double, width: Double) {
    self.init(low: center - width / 2, high: center + width / 2)
  }

  /// The window from the darkest to the brightest sample of a picture; nil when all are equal.
  public init?(spanning image: Image) {
    let range: (low: Double, high: Double)? =
      switch image.samples {
      case .bytes(let bytes): Self.range(of: bytes)
      case .words(let words): Self.range(of: words)
      case .floats(let floats): Self.range(of: floats)
      }
    guard let range else { return nil }
    self.init(low: range.low, high: range.high)
  }

  /// The range of a file's floats, which may mean anything: 0...1 where all lie in it, else from the lowest to the highest,
  /// or from 0 where they are all the same. Nil where there are none.
  init?(spanningFloats samples: [Float]) {
    guard let range = Self.range(of: samples) else { return nil }
    if range.low >= 0, range.high <= 1 {
      self = .unit
    } else if range.low == range.high {
      self.init(low: min(0, range.low), high: max(0, range.high))
    } else {
      self.init(low: range.low, high: range.high)
    }
  }

  /// From 0 to 1.
  static let unit = Window(maximum: 1)

  /// The window that shows every sample from 0 to a maximum.
  init(maximum: Int) {
    low = 0
    high = Double(maximum)
  }

  /// What this window makes of a sample value: 0...1. What is no number is black.
  public func callAsFunction(_ sample: Double) -> Double {
    sample.isNaN ? 0 : max(0, min(1, (sample - low) / (high - low)))
  }

  /// What this window makes of every sample value from 0 to `maximum`.
  func table(upTo maximum: Int) -> [Float] {
    (0...maximum).map { Float(self(Double($0))) }
  }

  /// The finite samples from the lowest to the highest.
  private static func range(of samples: [Float]) -> (low: Double, high: Double)? {
    let finite = samples.lazy.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return nil }
    return (Double(low), Double(high))
  }

  private static func range<Sample: FixedWidthInteger>(of samples: [Sample]) -> (low: Double, high: Double)? {
    guard let low = samples.min(), let high = samples.max() else { return nil }
    return (Double(low), Double(high))
  }
}
