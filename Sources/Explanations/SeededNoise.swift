#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Random numbers that follow from a seed and a place in their stream: the same on every machine and in every order.
struct SeededNoise: Sendable {
  /// What the numbers follow from.
  let seed: UInt64

  /// A value of a uniform distribution, in the open interval from −1 to 1.
  func uniform(at index: Int) -> Float {
    (Float(bits(at: index) >> 41) + 0.5) / 0x1p22 - 1
  }

  /// A value of the normal distribution of mean 0 and standard deviation 1 (Box and Muller 1958).
  func normal(at index: Int) -> Float {
    // Numbers in the open interval from 0 to 1, from the upper 52 bits.
    let radius = (Double(bits(at: 2 * index) >> 12) + 0.5) / 0x1p52
    let angle = (Double(bits(at: 2 * index + 1) >> 12) + 0.5) / 0x1p52
    return Float((-2 * log(radius)).squareRoot() * cos(2 * .pi * angle))
  }

  /// A value of splitmix64's stream (Steele, Lea, Flood 2014).
  private func bits(at index: Int) -> UInt64 {
    var z = seed &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
