import Explanations
import TestSupport
import Tensors
import Testing

@Suite struct AgreementTests {
  @Test("Spearman, SSIM and ADCC's coherency and complexity are the reference's for the same two maps")
  func reference() throws {
    let (a, b) = (try FaithfulnessTests.Case.heatmap(0), try FaithfulnessTests.Case.heatmap(1))
    let agreement = Agreement(a, b)
    let adcc = ADCC(a, again: b, change: ConfidenceChange(whole: 0.8, masked: 0.6))
    expectClose(
      [agreement.spearman, agreement.similarity, adcc.coherency, adcc.complexity],
      try FaithfulnessTests.Case.fixture().tensor("agreement").scalars, tolerance: .absolute(1e-5))
    #expect(abs(adcc.change.drop - 0.25) < 1e-6)
    let mean = 3 / (1 / adcc.coherency + 1 / (1 - adcc.complexity) + 1 / 0.75)
    #expect(abs(adcc.value - mean) < 1e-6)
  }

  @Test("A map agrees with itself, and not with its inverse")
  func extremes() throws {
    let map = Tensor.random([12, 12], seed: 1, in: 0...1)
    let inverse = Tensor(map.scalars.map { 1 - $0 }, shape: map.shape)
    let same = Agreement(map, map)
    #expect(same.spearman == 1 && same.overlap == 1)
    #expect(abs(same.similarity - 1) < 1e-6)
    let other = Agreement(map, inverse)
    #expect(other.spearman == -1 && other.overlap == 0)
    #expect(other.similarity < 0)
  }

  @Test("Equal values have their mean rank")
  func ties() {
    // Ranks 1.5, 1.5, 3, 4 and 1, 2, 3, 4: 4.5 / √(4.5 · 5).
    #expect(abs(Correlation.spearman([0, 0, 1, 2], [1, 2, 3, 4]) - 0.9486833) < 1e-6)
    #expect(Correlation.spearman([1, 1, 1], [1, 2, 3]) == 0)
  }

  @Test("The overlap counts the pixels that both have among their first")
  func overlap() {
    let a = Tensor([9, 8, 7, 6, 0, 0, 0, 0, 0, 0], shape: [2, 5])
    let b = Tensor([9, 8, 0, 0, 7, 6, 0, 0, 0, 0], shape: [2, 5])
    #expect(Agreement.overlap(a, b, share: 0.2) == 1)
    #expect(Agreement.overlap(a, b, share: 0.4) == 2.0 / 6)
  }
}
