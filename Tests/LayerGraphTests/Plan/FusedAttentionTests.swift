import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Fused attention")
struct FusedAttentionTests {
  /// An attention between tokens that is all there is.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let graph: @Sendable () throws -> Graph
  }

  static let cases: [Case] = [
    Case(testDescription: "five tokens") { try selfAttention(tokens: 5, heads: 2, width: 4) },
    Case(testDescription: "more tokens than a panel has columns") {
      try selfAttention(tokens: 45, heads: 3, width: 40)
    },
    Case(testDescription: "tokens and heads wider than what a product reads at once") {
      try selfAttention(tokens: 300, heads: 1, width: 260)
    },
    Case(testDescription: "fewer keys than queries") { try crossAttention(queries: 230, keys: 7, heads: 2, width: 8) },
    Case(testDescription: "so many queries that their gradients are summed up in parts") {
      try crossAttention(queries: 2100, keys: 7, heads: 1, width: 4)
    },
    Case(testDescription: "one query") { try crossAttention(queries: 1, keys: 33, heads: 2, width: 8) },
    Case(testDescription: "windows") { try windowAttention(shift: 0) },
    Case(testDescription: "shifted windows") { try windowAttention(shift: 2) },
    Case(testDescription: "a constant for each head") { try constantAttention([[1, 3, 10, 10]]) },
    Case(testDescription: "constants for each head and for each window") {
      try constantAttention([[1, 3, 10, 10], [4, 1, 10, 10]])
    },
    Case(testDescription: "a constant for each key, and one for each pair") {
      try constantAttention([[1, 1, 1, 10], [1, 1, 10, 10]])
    },
  ]

  private static func builder() -> GraphBuilder { GraphBuilder(parameters: DeterministicParameters(shapes: [:])) }

  /// q, k and v side by side, as a joint layer gives them.
  private static func selfAttention(tokens: Int, heads: Int, width: Int) throws -> Graph {
    let m = builder()
    let qkv = m.input([tokens, 3 * heads * width]).reshaped(to: [tokens, 3, heads, width]).permuted(1, 2, 0, 3)
    let q = qkv.selected(0)
    m.alias("q", q)
    let scores = m.matrixProduct("scores", q, qkv.selected(1), factor: 0.4, transposingRight: true)
    let mixed = m.matrixProduct("mixed", m.softmax("softmax", scores), qkv.selected(2))
    return try m.graph(output: mixed.permuted(1, 0, 2).reshaped(to: [tokens, heads * width]))
  }

  /// q in a layer of its own, k and v together.
  private static func crossAttention(queries: Int, keys: Int, heads: Int, width: Int) throws -> Graph {
    let m = builder()
    let x = m.input([queries + 2 * keys, heads * width])
    let q = m.sigmoid("q", x.sliced(0..<queries, axis: 0)).reshaped(to: [queries, heads, width]).permuted(1, 0, 2)
    let kv = m.sigmoid("kv", x.sliced(queries..<queries + 2 * keys, axis: 0))
      .reshaped(to: [keys, 2, heads, width]).permuted(1, 2, 0, 3)
    let scores = m.matrixProduct("scores", q, kv.selected(0), factor: 3, transposingRight: true)
    let mixed = m.matrixProduct("mixed", m.softmax("softmax", scores), kv.selected(1))
    return try m.graph(output: mixed.permuted(1, 0, 2).reshaped(to: [queries, heads * width]))
  }

  private static func windowAttention(shift: Int) throws -> Graph {
    let m = builder()
    let windows = WindowGrid(grid: Extent(height: 6, width: 8), window: Extent(3), shift: Extent(shift))
    let (count, area) = (windows.count, windows.area)
    let qkv = m.input([count, area, 24]).reshaped(to: [count, area, 3, 2, 4]).permuted(2, 0, 3, 1, 4)
    let scores = m.matrixProduct("scores", qkv.selected(0), qkv.selected(1), factor: 0.5, transposingRight: true)
    let biased = m.attentionBias("biased", scores, table: .random([25, 2], seed: 3), windows: windows)
    let mixed = m.matrixProduct("mixed", m.softmax("softmax", biased), qkv.selected(2))
    return try m.graph(output: mixed.permuted(0, 2, 1, 3).reshaped(to: [count, area, 8]))
  }

  /// Four windows of ten tokens with three heads, and what is added to their scores.
  private static func constantAttention(_ constants: [Shape]) throws -> Graph {
    let m = builder()
    let qkv = m.input([4, 10, 36]).reshaped(to: [4, 10, 3, 3, 4]).permuted(2, 0, 3, 1, 4)
    let scores = m.matrixProduct("scores", qkv.selected(0), qkv.selected(1), factor: 0.5, transposingRight: true)
    let biased = constants.enumerated().reduce(scores) { scores, constant in
      m.sum("sum\(constant.offset)", scores, .random(constant.element, seed: UInt64(4 + constant.offset)))
    }
    let mixed = m.matrixProduct("mixed", m.softmax("softmax", biased), qkv.selected(2))
    return try m.graph(output: mixed.permuted(0, 2, 1, 3).reshaped(to: [4, 10, 12]))
  }

  private func steps(_ plan: Plan) -> [String] { plan.graph.nodes.map { String(describing: type(of: $0.op)) } }

  // MARK: Results

  @Test("is one step that gives what the graph gives, on one thread and on several", arguments: cases)
  func results(_ example: Case) throws {
    let graph = try example.graph()
    let input = Tensor.random(graph.nodes[graph.input].shape.batched(2), seed: 1)
    let expected = try #require(try graph.run(input)[graph.output])
    let plan = Plan(graph, keeping: [])
    #expect(steps(plan).filter { !["Input", "Slice", "Sigmoid"].contains($0) } == ["Attention"])
    let found = try [1, 3].map { threads in
      try Workers.$current.withValue(Workers(count: threads)) {
        try #require(try plan.graph.run(input)[plan.graph.output])
      }
    }
    expectClose(found[0], expected, tolerance: .relative(1e-5))
    #expect(found[0].scalars == found[1].scalars, "the number of threads changes bits")
  }

  @Test("gives the gradients of the graph", arguments: cases)
  func gradients(_ example: Case) throws {
    let graph = try example.graph()
    let input = Tensor.random(graph.nodes[graph.input].shape.batched(2), seed: 1)
    let plain = try graph.run(input)
    let seed = Tensor.random(try #require(plain[graph.output]).shape, seed: 2)
    let expected = try graph.gradients(of: graph.output, seed: seed, at: [graph.input], in: plain)
    let plan = Plan(graph, keeping: [graph.input], differentiatingAt: [graph.input])
    let kept = plan.graph.nodesForGradients(of: plan.graph.output, at: [plan.node(graph.input)])
    let found = try plan.gradients(seed: seed, at: [graph.input], in: plan.graph.run(input, keeping: .only(kept)))
    try expectClose(
      #require(found[graph.input]), #require(expected[graph.input]), tolerance: .relative(1e-5))
  }

  // MARK: What is asked for

  @Test("leaves an attention alone whose scores or maps someone asks for", arguments: ["scores", "biased", "softmax"])
  func leaves(name: String) throws {
    let graph = try Self.windowAttention(shift: 1)
    let node = try graph.node(at: LayerPath(name))
    let plan = Plan(graph, keeping: [node])
    #expect(!steps(plan).contains("Attention"))
    let input = Tensor.random(graph.nodes[graph.input].shape.batched(1), seed: 1)
    let (found, expected) = (try plan.graph.run(input)[plan.node(node)], try graph.run(input)[node])
    #expect(try #require(found).scalars == #require(expected).scalars)
  }

  @Test("gives the product with the values by head where that is asked for")
  func keepsProduct() throws {
    let graph = try Self.selfAttention(tokens: 5, heads: 2, width: 4)
    let mixed = try graph.node(at: "mixed")
    let plan = Plan(graph, keeping: [mixed])
    #expect(steps(plan) == ["Input", "Attention", "Permute", "Reshape"])
    let input = Tensor.random([1, 5, 24], seed: 1)
    let (found, expected) = (try plan.graph.run(input)[plan.node(mixed)], try graph.run(input)[mixed])
    try expectClose(#require(found), #require(expected), tolerance: .relative(1e-5))
  }

  @Test("reads queries that someone may substitute")
  func substitutes() throws {
    let graph = try Self.selfAttention(tokens: 5, heads: 2, width: 4)
    let q = try graph.node(at: "q")
    let plan = Plan(graph, keeping: [q])
    #expect(steps(plan).contains("Attention"))
    let input = Tensor.random([1, 5, 24], seed: 1)
    let other = Tensor.random([1, 2, 5, 4], seed: 2)
    let expected = try graph.run(substituting: [q: other], in: graph.run(input))
    let found = try plan.graph.run(substituting: [plan.node(q): other], in: plan.graph.run(input))
    try expectClose(
      #require(found[plan.graph.output]), #require(expected[graph.output]), tolerance: .relative(1e-5))
  }

  @Test("leaves maps alone that someone else reads")
  func otherReaders() throws {
    let m = Self.builder()
    let x = m.input([2, 5, 4])
    let maps = m.softmax("softmax", m.matrixProduct("scores", x, x, transposingRight: true))
    let mixed = m.matrixProduct("mixed", maps, x)
    let plan = Plan(try m.graph(output: m.matrixProduct("twice", maps, mixed)), keeping: [])
    #expect(!steps(plan).contains("Attention"))
  }

  // MARK: Operands that are the same

  @Test("adds up the gradients of queries, keys and values that are one tensor")
  func sameOperands() throws {
    let m = Self.builder()
    let x = m.input([2, 5, 4])
    let maps = m.softmax("softmax", m.matrixProduct("scores", x, x, transposingRight: true))
    let graph = try m.graph(output: m.matrixProduct("mixed", maps, x))
    let plan = Plan(graph, keeping: [graph.input], differentiatingAt: [graph.input])
    #expect(steps(plan) == ["Input", "Attention"])
    FiniteDifferences.expectGradients(of: plan.graph.nodes[1].op, at: [Tensor.random([2, 2, 5, 4], seed: 1)])
  }

  @Test("leaves an attention alone whose operands overlap")
  func overlapping() throws {
    let m = Self.builder()
    let x = m.input([5, 8])
    let (q, k) = (x.sliced(0..<6, axis: 1), x.sliced(2..<8, axis: 1))
    let maps = m.softmax("softmax", m.matrixProduct("scores", q, k, transposingRight: true))
    let plan = Plan(try m.graph(output: m.matrixProduct("mixed", maps, q)), keeping: [])
    #expect(!steps(plan).contains("Attention"))
  }
}
