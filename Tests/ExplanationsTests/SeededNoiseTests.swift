import TestSupport
import Testing

@testable import Explanations

@Suite struct SeededNoiseTests {
  @Test("Normal numbers are those of make_cam.py, and have mean 0 and deviation 1")
  func normal() {
    let noise = SeededNoise(seed: 0)
    expectClose((0..<4).map(noise.normal), [-0.45275775, 2.6506059, -0.98860413, 0.25246271])
    let values = (0..<20_000).map { Double(SeededNoise(seed: 5).normal(at: $0)) }
    let mean = values.reduce(0, +) / 20_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.04)
  }
}
