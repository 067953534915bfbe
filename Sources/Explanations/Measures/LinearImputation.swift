import Images
import Tensors

/// Noisy linear imputation (Rong et al. 2022, ROAD, section 4.2): a pixel that was taken away becomes the weighted mean of
/// its eight neighbours, 1/6 of each that shares a side and 1/12 of each that shares a corner, known or themselves taken
/// away; and a little noise on top, so that the shape of what is missing tells less.
///
/// The neighbours' weights are those inside the picture, scaled to sum up to 1. For n missing pixels this is a system of n
/// linear equations, symmetric and positive definite, solved by conjugate gradients.
public struct LinearImputation: Sendable {
  /// The standard deviation of the noise, in units of the normalised input.
  public let noise: Float
  /// What the noise follows from.
  public let seed: UInt64

  /// An imputation with noise that is always the same for the same seed.
  public init(noise: Float = 0.01, seed: UInt64 = 0) {
    self.noise = noise
    self.seed = seed
  }

  /// Fills the missing pixels of a picture in place.
  ///
  /// - Parameters:
  ///   - picture: C×H×W.
  ///   - missing: for each pixel, row by row, whether it is to be made up. Where all are, all become 0.
  func fill(_ picture: UnsafeMutableBufferPointer<Float>, size: ImageSize, missing: [Bool]) {
    let system = ImputationSystem(size: size, missing: missing)
    let random = SeededRandom(seed: seed)
    var drawn = 0
    for start in stride(from: 0, to: picture.count, by: size.count) {
      let plane = UnsafeMutableBufferPointer(rebasing: picture[start..<start + size.count])
      system.solve(plane)
      guard noise > 0 else { continue }
      for pixel in missing.indices where missing[pixel] {
        plane[pixel] += noise * Float(random.normal(at: drawn))
        drawn += 1
      }
    }
  }
}
