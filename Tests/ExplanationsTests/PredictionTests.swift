import Architectures
import Explanations
import Images
import TestSupport
import Testing

@Suite struct PredictionTests {
  @Test("Logits become probabilities by softmax; a single one is no probability")
  func logits() throws {
    // numpy: np.exp([0, 1]) / np.exp([0, 1]).sum()
    try expectClose(#require(Prediction.probabilities(of: [0, 1])), [0.26894143, 0.7310586])
    #expect(Prediction.probabilities(of: [3]) == nil)
    #expect(Prediction.best(1, of: [0, 1])[0].index == 1)
  }

  @Test("Outputs behind a sigmoid are the probabilities, each for itself")
  func probabilities() throws {
    #expect(Prediction.probabilities(of: [0.9, 0.8, 0.1], outputs: .probabilities) == [0.9, 0.8, 0.1])
    #expect(Prediction.best(2, of: [0.1, 0.9], outputs: .probabilities).map(\.probability) == [0.9, 0.1])
    let specification = try TargetSpecification(parsing: "p:1", classCount: 3, outputs: .probabilities)
    let (score, gradient) = try specification.targets(
      logits: [0.9, 0.8, 0.1], outputs: .probabilities, in: PictureFrame(whole: ImageSize(square: 8)))[0]([
        0.9, 0.8, 0.1,
      ])
    #expect(score == 0.8 && gradient == [0, 1, 0])
  }
}
