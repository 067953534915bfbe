import TestSupport
import Testing

@testable import Tensors

@Suite struct SeededRandomTests {
  @Test("Normal numbers are those of make_cam.py, and have mean 0 and deviation 1")
  func normal() {
    let random = SeededRandom(seed: 0)
    expectClose((0..<4).map { Float(random.normal(at: $0)) }, [-0.45275775, 2.6506059, -0.98860413, 0.25246271])
    let values = (0..<20_000).map(SeededRandom(seed: 5).normal)
    let mean = values.reduce(0, +) / 20_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.04)
  }

  @Test("Uniform numbers lie between 0 and 1, and have mean 1/2")
  func uniform() {
    let values = (0..<20_000).map(SeededRandom(seed: 5).uniform)
    #expect(values.allSatisfy { 0 < $0 && $0 < 1 })
    #expect(abs(values.reduce(0, +) / 20_000 - 0.5) < 0.01)
  }
}
