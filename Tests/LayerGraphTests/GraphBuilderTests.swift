import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Graph builder")
struct GraphBuilderTests {
  @Test("reports all missing, unused and misshapen parameters at once")
  func mismatch() {
    let m = GraphBuilder(parameters: [
      "a.weight": Tensor(repeating: 0, shape: [3, 2]), "b.weight": Tensor(repeating: 0, shape: [4, 4]),
      "c.extra": Tensor(repeating: 0, shape: [1]), "more": Tensor(repeating: 0, shape: []),
    ])
    let x = m.linear("b", m.linear("a", m.input([2]), outputs: 3), outputs: 5)
    let error = #expect(throws: ParameterMismatch.self) { try m.graph(output: x) }
    #expect(error?.missing == ["a.bias", "b.bias"])
    #expect(error?.unused == ["c.extra", "more"])
    #expect(error?.misshapen == [.init(name: "b.weight", expected: [5, 3], found: [4, 4])])
    #expect(error?.count == 5)
    #expect(
      error?.description
        == "2 missing: a.bias, b.bias; 2 unused: c.extra, more; 1 of another shape: b.weight (expected 5×3, found 4×4)")
  }

  @Test("lists three names of a kind, in one line whatever a checkpoint calls its parameters")
  func longList() {
    var mismatch = ParameterMismatch()
    mismatch.unused = ["a\nb", "c\u{1b}[2J", "d", "e"]
    #expect(mismatch.description == "4 unused: a\\u{a}b, c\\u{1b}[2J, d, ...")
  }

  @Test("takes what fits, and what is optional where it is there")
  func parameters() throws {
    let m = GraphBuilder(parameters: ["s.p": Tensor([1, 2], shape: [2]), "s.n": Tensor([7], shape: [])])
    let value = m.scope("s") {
      #expect(m.hasParameter("p") && !m.hasParameter("q"))
      #expect(m.parameterShape("p") == [2])
      #expect(m.optionalParameter("q", [2]) == nil)
      m.ignoreParameter("n")
      return m.constant("value", m.parameter("p", [2]))
    }
    #expect(throws: Never.self) { try m.graph(output: value) }
  }

  @Test("names the node in a shape's error, and says nothing of what follows from it")
  func shapeError() {
    let m = GraphBuilder(parameters: ["fc.weight": Tensor(repeating: 0, shape: [2, 3])])
    let x = m.scope("stage") { m.convolutionForTests("conv", m.input([3, 4, 4])) }
    // Building goes on, and looks at axes of what there is not.
    let flat = x.reshaped(to: [x.shape[0], x.shape[1] * x.shape[2]]).permuted(1, 0)
    let y = m.linear("fc", flat.sliced(0..<1, axis: 0).selected(0), outputs: 2, bias: false)
    #expect(
      throws: GraphError(
        "stage.conv: a window of 7×7 does not fit a map of 4×4; a larger picture might do")
    ) { try m.graph(output: y) }
  }

  @Test("keeps the axes of a reshaping that failed, for what is built on it")
  func failedReshape() {
    let m = GraphBuilder(parameters: [:] as [String: Tensor])
    let windows = m.input([6]).reshaped(to: [2, 2, 2, 2])
    #expect(windows.shape == [2, 2, 2, 2])
    #expect(throws: GraphError("reshape: 6 cannot be reshaped to 2×2×2×2")) { try m.graph(output: windows) }
  }

  @Test("refuses results that are empty or that no memory holds")
  func size() {
    for shape: Shape in [[3, 0, 4], [1 << 20, 1 << 20], [1 << 62, 1 << 62]] {
      let m = GraphBuilder(parameters: [:] as [String: Tensor])
      let x = m.input(shape)
      #expect(throws: GraphError.self) { try m.graph(output: x) }
    }
  }

  @Test("throws what reading a parameter threw")
  func unreadable() {
    struct Broken: ParameterSource {
      let parameterNames = ["fc.weight"]
      func shape(ofParameter name: String) -> Shape? { [2, 3] }
      func parameter(_ name: String) throws -> Tensor { throw GraphError("\(name): the file ends early") }
    }
    let m = GraphBuilder(parameters: Broken())
    let x = m.linear("fc", m.input([3]), outputs: 2, bias: false)
    #expect(throws: GraphError("fc.weight: the file ends early")) { try m.graph(output: x) }
  }

  @Test("passes on what an architecture refuses, with the scope it is in")
  func refusal() {
    let m = GraphBuilder(parameters: [:] as [String: Tensor])
    let x = m.scope("head") {
      m.fail("no such head")
      return m.input([1])
    }
    #expect(throws: GraphError("head: no such head")) { try m.graph(output: x) }
  }

  @Test("gives a scope's name to what it returns, after the names inside it")
  func scopes() throws {
    let m = GraphBuilder(parameters: [:] as [String: Tensor])
    let x = m.scope("blocks") { m.scope(0) { m.relu("act", m.input([2])) } }
    m.alias("last", x)
    let graph = try m.graph(output: x)
    #expect(graph.orderedNames == ["blocks.0.input", "blocks.0.act", "blocks.0", "blocks", "last"])
    #expect(["blocks.0.act", "blocks.0", "blocks", "last"].allSatisfy { graph.names[$0] == 1 })
  }

  @Test("numbers names that are taken, and leaves them what they mean")
  func collisions() throws {
    let m = GraphBuilder(parameters: [:] as [String: Tensor])
    let x = m.input([2])
    let y = (x + x) + (x + x)
    let z = m.scope("add") { m.relu("act", y) }
    let graph = try m.graph(output: z)
    #expect(graph.nodes.map(\.name) == ["input", "add", "add_1", "add_2", "add.act"])
    #expect(graph.names["add"] == 1, "a scope does not take a layer's name")
  }

  @Test("An input that is too large is an error, and the architecture may go on looking at its axes")
  func hugeInput() {
    let m = GraphBuilder(parameters: [String: Tensor]())
    let x = m.input([3, 1 << 16, 1 << 16])
    #expect(x.shape.rank == 3)
    #expect(throws: GraphError.self) { try m.graph(output: m.convolution("c", x, outputs: 1, kernel: Extent(1))) }
  }
}

extension GraphBuilder {
  /// A convolution by a window of 7×7 whose weights need no file.
  fileprivate func convolutionForTests(_ name: String, _ x: Value) -> Value {
    let window = SlidingWindow(kernel: Extent(7), stride: Extent(1), padding: Extent(0), dilation: Extent(1))
    let weight = Tensor(repeating: 1, shape: [3, 3, 7, 7])
    return append(name, Convolution(weight: weight, bias: nil, window: window, groups: 1), [x])
  }
}
