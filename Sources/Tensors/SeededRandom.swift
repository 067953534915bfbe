#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Random numbers that follow from a seed and a place in the stream, so that any part of it can be had again: the values of
/// splitmix64 (Steele, Lea, Flood 2014).
public struct SeededRandom: Sendable {
  /// What the numbers follow from.
  public let seed: UInt64

  /// Numbers that are always the same for the same seed.
  public init(seed: UInt64) {
    self.seed = seed
  }

  /// 64 random bits.
  private func bits(at place: Int) -> UInt64 {
    var z = seed &+ (UInt64(truncatingIfNeeded: place) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in the open interval from 0 to 1.
  public func uniform(at place: Int) -> Double {
    (Double(bits(at: place) >> 12) + 0.5) / 0x1p52
  }

  /// Normal with mean 0 and deviation 1 (Box and Muller 1958).
  public func normal(at place: Int) -> Double {
    (-2 * log(uniform(at: 2 * place))).squareRoot() * cos(2 * .pi * uniform(at: 2 * place + 1))
  }
}
