#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Independent numbers of a normal distribution of mean 0 and standard deviation 1 that follow from a seed: Box and Muller
/// (1958) upon splitmix64 (Steele, Lea, Flood 2014).
struct NormalNumbers {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  private mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in the open interval from 0 to 1.
  private mutating func uniform() -> Double {
    (Double(bits() >> 12) + 0.5) / 0x1p52
  }

  /// The next number.
  mutating func next() -> Float {
    Float((-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()))
  }
}
