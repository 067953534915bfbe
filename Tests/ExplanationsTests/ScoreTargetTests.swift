import Explanations
import TestSupport
import Tensors
import Testing

@Suite struct ScoreTargetTests {
  private static let logits: [Float] = [1, 3, -0.5, 2]
  private static let targets: [ScoreTarget] = [
    .logit(1), .probability(3), .contrast(1, 3), .contrast(2, 2), .logOdds(3), .sigmoid(2), .output(0),
    .counterfactual(3), .similarity(to: [2, 1, 0, -1], named: "b.png"),
    ScoreTarget("sum of squares") { logits in (logits.reduce(0) { $0 + $1 * $1 }, logits.map { 2 * $0 }) },
  ]

  @Test("The values are what their names say")
  func values() throws {
    // Softmax of the logits: 0.088257607, 0.652140410, 0.019692934, 0.239909049.
    let found = try Self.targets.map { try $0(Self.logits).score }
    expectClose(
      found, [3, 0.239909049, 1, 0, -1.1531782, 0.3775407, 1, -2, 0.3244428, 14.25], tolerance: .absolute(1e-6))
  }

  @Test("The gradients agree with central differences", arguments: targets.indices)
  func gradients(index: Int) throws {
    let target = Self.targets[index]
    let gradient = try target(Self.logits).gradient
    try FiniteDifferences.expectGradient(
      Tensor(gradient, shape: [4]), at: Tensor(Self.logits, shape: [4])
    ) { try Double(target($0.scalars).score) }
  }

  @Test("Probabilities of large scores do not overflow")
  func stable() throws {
    let (score, gradient) = try ScoreTarget.probability(0)([1000, 999])
    expectClose([score] + gradient, [0.7310586, 0.1966119, -0.1966119], tolerance: .absolute(1e-6))
  }

  @Test("Log-odds are finite, and have a gradient, where the probability is 1 or 0 to float's last digit")
  func sure() throws {
    let (score, gradient) = try ScoreTarget.logOdds(0)([200, 0, 0])
    expectClose([score] + gradient, [200 - 0.6931472, 1, -0.5, -0.5], tolerance: .absolute(1e-4))
    let (other, _) = try ScoreTarget.logOdds(1)([200, 0, 0])
    #expect(other == -200)
    #expect(try ScoreTarget.logOdds(0)([3]).score == 3)
  }

  @Test("What faithfulness is measured in: probabilities of plain classes, anything else as it is")
  func confidence() {
    #expect(ScoreTarget.logit(2).confidence(outputs: .logits).description == "probability of 2")
    #expect(ScoreTarget.logit(2).confidence(outputs: .probabilities).description == "logit 2")
    #expect(ScoreTarget.output(2).confidence(outputs: .logits).description == "output 2")
    #expect(ScoreTarget.contrast(0, 1).confidence(outputs: .logits).description == "logit 0 - logit 1")
  }

  @Test("The similarity of nothing has no gradient, and outputs of another number are refused")
  func similarity() throws {
    let target = ScoreTarget.similarity(to: [1, 0], named: "a")
    #expect(try target([0, 0]).gradient == [0, 0])
    #expect(throws: TargetError.self) { try target([1, 0, 0]) }
  }

  @Test("A class that does not exist is refused, and so is a gradient of another length")
  func refused() {
    #expect(throws: TargetError.self) { try ScoreTarget.logit(4)(Self.logits) }
    #expect(throws: TargetError.self) { try ScoreTarget.probability(-1)(Self.logits) }
    #expect(throws: TargetError.self) { try ScoreTarget.contrast(0, 4)(Self.logits) }
    #expect(throws: TargetError.self) { try ScoreTarget("short") { _ in (0, [1]) }(Self.logits) }
  }

  @Test("Titles use the classes' first names")
  func titles() {
    let labels = ["tabby, tabby cat", "fox"]
    #expect(ScoreTarget.logit(0).title(labels: labels) == "tabby")
    #expect(ScoreTarget.probability(1).title(labels: labels) == "probability of fox")
    #expect(ScoreTarget.contrast(0, 1).title(labels: labels) == "tabby rather than fox")
    #expect(ScoreTarget.logit(1).title(labels: nil) == "class 1")
    #expect(ScoreTarget.counterfactual(1).title(labels: labels) == "not fox")
    #expect(ScoreTarget.output(1).title(labels: labels) == "output 1")
    #expect(ScoreTarget.similarity(to: [1], named: "b.png").title(labels: labels) == "similarity to b.png")
    #expect(Prediction.best(2, of: [0, 1], labels: labels).map(\.title) == ["fox", "tabby"])
    #expect(Prediction.best(1, of: [0, 1]).map(\.title) == ["class 1"])
    #expect(ScoreTarget("sum") { ($0[0], $0) }.title(labels: labels) == "sum")
  }

  @Test("Predictions are ordered by score, equal ones by number; a single output has no probability")
  func predictions() {
    let best = Prediction.best(3, of: [1, 5, 5, 2], labels: ["a", "b", "c", "d"])
    #expect(best.map(\.index) == [1, 2, 3])
    #expect(best.map(\.label) == ["b", "c", "d"])
    #expect(Prediction.best(5, of: [0.3]).map(\.probability) == [nil])
    #expect(Prediction.best(5, of: [1, 2]).count == 2)
  }
}
