import TestSupport
import Tensors
import Testing

@testable import LayerGraph

/// Values are by hand, from the equations beside each rule.
@Suite struct RelevanceTests {
  private func close(_ tensor: Tensor, _ expected: [Float]) -> Bool {
    tensor.count == expected.count && zip(tensor.scalars, expected).allSatisfy { abs($0 - $1) < 1e-5 }
  }

  private func back(_ op: any Op, _ gradient: [Float], _ inputs: [Tensor], _ rules: RelevanceRules) -> [Tensor] {
    let output = op.forward(inputs)
    return BackwardRule.relevance(rules).backward(
      op, Tensor(gradient, shape: output.shape), inputs: inputs, output: output)
  }

  /// A rule for convolutions and linear layers alike.
  private func rules(_ rule: ProductRule) -> RelevanceRules {
    RelevanceRules(normsAreConstant: false, gatesAreConstant: false, convolutions: rule, linearLayers: rule)
  }

  @Test("A constant standard deviation leaves the centred gradient over it")
  func norm() {
    let op = LayerNorm(gamma: Tensor([2, 1], shape: [2]), beta: Tensor([0, 5], shape: [2]), epsilon: 0)
    // The standard deviation of 1 and 5 is 2; γ ⊙ ∂y is 6 and 2, their mean 4.
    let found = back(op, [3, 2], [Tensor([1, 5], shape: [1, 2])], .constantNormsAndGates)
    #expect(close(found[0], [1, -1]))
  }

  @Test("A constant length divides the gradient by it")
  func unitLength() {
    let found = back(UnitLength(), [10, 5], [Tensor([3, 4], shape: [1, 2])], .constantNormsAndGates)
    #expect(close(found[0], [2, 1]))
  }

  @Test("A constant gate is what the activation multiplies by", arguments: [-1.5, 0, 0.7, 2, 8] as [Float])
  func gate(x: Float) {
    for op: any Op in [GELU(), SiLU(), HardSwish(), ReLU6()] {
      let input = Tensor([x], shape: [1, 1])
      let found = back(op, [1], [input], .constantNormsAndGates)
      #expect(abs(found[0].scalars[0] * x - op.forward([input]).scalars[0]) < 1e-6)
      #expect(x != 0 || found[0].scalars[0] == 0.5)
    }
  }

  @Test("Nothing goes back to constant attention maps, nor to constant gates of maps")
  func constants() {
    let scores = Tensor([1, 2], shape: [1, 1, 2])
    #expect(back(Softmax(), [1, 1], [scores], .conservative).isEmpty)
    #expect(back(Softmax(), [1, 1], [scores], .constantNormsAndGates).count == 1)
    let (map, gate) = (Tensor([1, 2], shape: [1, 1, 1, 2]), Tensor([3], shape: [1, 1, 1, 1]))
    let found = back(Multiply(), [1, 2], [map, gate], .constantNormsAndGates)
    #expect(found.count == 1 && close(found[0], [3, 6]))
  }

  @Test("The epsilon rule takes from small sums")
  func epsilon() {
    let op = Linear(weight: Tensor([1, -1], shape: [1, 2]), bias: nil)
    // z = 3 − 2 = 1, so that half goes back.
    let found = back(op, [4], [Tensor([3, 2], shape: [1, 2])], rules(.epsilon(1)))
    #expect(close(found[0], [2, -2]))
  }

  @Test("The gamma rule strengthens products of the sum's sign, whatever that of the input")
  func gamma() {
    let op = Linear(weight: Tensor([2, -1, -1], shape: [1, 3]), bias: nil)
    let rules = self.rules(.gamma(1))
    // Products 2, −3 and 2 give z = 1. Twice the positive ones: 4 − 3 + 4 = 5.
    let positive = back(op, [1], [Tensor([1, 3, -2], shape: [1, 3])], rules)
    #expect(close(positive[0], [4.0 / 5, -1.0 / 5, -2.0 / 5]))
    // Products 2, −3 and −1 give z = −2. Twice the negative ones: 2 − 6 − 2 = −6, of which the shares are of −2.
    let negative = back(op, [1], [Tensor([1, 3, 1], shape: [1, 3])], rules)
    #expect(close(negative[0], [2.0 / 3, -2.0 / 3, -2.0 / 3]))
  }

  @Test("Alpha and beta share positive and negative products apart")
  func alphaBeta() {
    let op = Linear(weight: Tensor([2, -1, -1], shape: [1, 3]), bias: nil)
    // Products 2, −3 and 2 of a relevance of 1: 2 · (½, 0, ½) − 1 · (0, 1, 0), over the inputs.
    let found = back(op, [1], [Tensor([1, 3, -2], shape: [1, 3])], rules(.alphaBeta(2, 1)))
    #expect(close(found[0], [1, -1.0 / 3, -0.5]))
  }

  @Test("The flat rule gives all inputs alike, whatever weights and bias")
  func flat() {
    let op = Linear(weight: Tensor([2, -1], shape: [1, 2]), bias: Tensor([5], shape: [1]))
    // z = 2 − 4 + 5 = 3, of which each gets 1.5.
    let found = back(op, [1], [Tensor([1, 4], shape: [1, 2])], rules(.flat))
    #expect(close(found[0], [1.5, 1.5 / 4]))
  }

  @Test("The box rule counts from the bound that a weight would take an input to")
  func box() {
    let op = Linear(weight: Tensor([2, -1], shape: [1, 2]), bias: nil)
    // 2 · (1 − (−1)) = 4 and −1 · (0.5 − 1) = 0.5 share z = 1.5.
    let found = back(op, [1], [Tensor([1, 0.5], shape: [1, 2])], rules(.box(low: [-1], high: [1])))
    #expect(close(found[0], [1.5 * 4 / 4.5, 1.5 * 0.5 / 4.5 / 0.5]))
  }

  @Test("Halved attention gives both operands of a product half of the relevance")
  func halved() {
    let (a, b) = (Tensor([2, 3], shape: [1, 1, 2]), Tensor([5, 7], shape: [1, 2, 1]))
    let found = back(MatrixProduct(factor: 1, transposesRight: false), [1], [a, b], .attnLRP)
    #expect(close(found[0], [2.5, 3.5]) && close(found[1], [1, 1.5]))
  }

  @Test(
    "Without bias, products keep relevance: what comes out goes in",
    arguments: [
      ProductRule.derivative, .epsilon(1e-9), .gamma(0.25), .gamma(1), .zPlus, .alphaBeta(2, 1), .flat,
      .box(low: [-4], high: [5]),
    ])
  func conservation(rule: ProductRule) throws {
    var seed: UInt64 = 0
    func tensor(_ shape: Shape) -> Tensor {
      seed += 1
      let random = SeededRandom(seed: seed)
      return Tensor((0..<shape.count).map { Float(random.normal(at: $0)) }, shape: shape)
    }
    let x = tensor([2, 4, 7, 7])
    // So many inputs that each sum has products of both signs: where there are none, alpha-beta has nobody to give to.
    let window = SlidingWindow(kernel: Extent(5), stride: Extent(2), padding: Extent(1), dilation: Extent(1))
    let ops: [(any SumOfProducts, Tensor)] = [
      (Convolution(weight: tensor([6, 4, 5, 5]), bias: nil, window: window, groups: 1), x),
      (Convolution(weight: tensor([4, 1, 5, 5]), bias: nil, window: window, groups: 4), x),
      (Linear(weight: tensor([7, 40]), bias: nil), tensor([3, 40])),
    ]
    for (op, x) in ops {
      let output = op.forward([x])
      let relevance = tensor(output.shape)
      let gradient = relevance.combined(with: output) { r, y, g, count in for i in 0..<count { g[i] = r[i] / y[i] } }
      let found = back(op, gradient.scalars, [x], rules(rule))
      let sums = [(x * found[0]).scalars.reduce(0, +), relevance.scalars.reduce(0, +)]
      #expect(abs(sums[0] - sums[1]) < 1e-3 * relevance.scalars.reduce(0) { $0 + abs($1) })
    }
  }
}
