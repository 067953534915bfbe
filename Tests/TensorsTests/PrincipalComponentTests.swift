import TestSupport
import Testing

@testable import Tensors

/// The projection on the first principal component.
@Suite struct PrincipalComponentTests {
  @Test("Two channels of which one is twice the other project on their common direction")
  func rankOne() {
    // Centred: (−2, −1, 0, 3) times (1, 2), whose length is √5.
    let maps = Tensor([1, 2, 3, 6, 3, 5, 7, 13], shape: [1, 2, 2, 2])
    expectClose(maps.principalProjection(), [-2, -1, 0, 3].map { $0 * Float(5).squareRoot() })
  }

  @Test("The value of the largest magnitude is positive")
  func sign() {
    let maps = Tensor([0, 1, 2, -9, 0, -1, -2, 9, 5, 5, 5, 5], shape: [3, 1, 2, 2])
    expectClose(maps[0].reshaped(to: [1, 1, 2, 2]).principalProjection(), [-1.5, -2.5, -3.5, 7.5])
    expectClose(maps[1].reshaped(to: [1, 1, 2, 2]).principalProjection(), [-1.5, -2.5, -3.5, 7.5])
    expectClose(maps.samples(2..<3).principalProjection(), [0, 0, 0, 0])
  }

  @Test("Both sides of the matrix give the same", arguments: [3, 40])
  func bothSides(channels: Int) {
    let maps = Tensor.random([1, channels, 4, 5], seed: 7)
    // Channels of zeros change nothing, but make the other matrix the smaller one.
    let padded = Tensor(
      maps.scalars + [Float](repeating: 0, count: 20 * 60), shape: [1, channels + 60, 4, 5])
    expectClose(padded.principalProjection(), maps.principalProjection(), tolerance: .relative(1e-5))
  }

  @Test("What is not finite gives NaN, and only in its own sample")
  func notFinite() {
    let maps = Tensor([1, .infinity, 1, 2], shape: [2, 1, 1, 2])
    let result = maps.principalProjection().scalars
    #expect(result[0].isNaN && result[1].isNaN && result[2...].allSatisfy(\.isFinite))
  }
}
