import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Attention")
struct AttentionTests {
  /// Queries, keys and values in inputs of their own, matrices of rows × width.
  private func attention(
    queries: Shape, keys: Shape, values: Shape, factor: Float, bias: AttentionBias? = nil
  ) throws -> Attention {
    let shapes = [queries, keys, values]
    let operands = try shapes.enumerated().map { input, shape in
      Attention.Operand(input: input, matrices: try #require(StridedMatrices(StridedView(whole: shape))))
    }
    let result = Shape(queries.extents.dropLast() + [values[-1]])
    return Attention(
      queries: operands[0], keys: operands[1], values: operands[2], factor: factor,
      bias: bias.map { ScoreBias($0) } ?? ScoreBias(keys: keys[-2]), inputShapes: shapes,
      result: try #require(StridedMatrices(StridedView(whole: result))), resultShape: result)
  }

  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "attention"))
  func reference(_ reference: OperationReference) throws {
    let op = try attention(queries: [2, 5, 4], keys: [2, 5, 4], values: [2, 5, 4], factor: 0.5)  // 1 / √4
    try reference.expectAgreement(of: op, operands: ["query", "key", "value"])
  }

  @Test("has the gradient of its definition, fewer keys than queries and wider values included")
  func gradient() throws {
    let op = try attention(queries: [3, 17, 4], keys: [3, 6, 4], values: [3, 6, 5], factor: 0.7)
    FiniteDifferences.expectGradients(
      of: op, at: [.random([2, 3, 17, 4], seed: 1), .random([2, 3, 6, 4], seed: 2), .random([2, 3, 6, 5], seed: 3)])
  }

  @Test("has the gradient of its definition in shifted windows")
  func windowGradient() throws {
    let windows = WindowGrid(grid: Extent(4), window: Extent(2), shift: Extent(1))
    let bias = AttentionBias(table: .random([9, 2], seed: 5), windows: windows)
    let shape: Shape = [4, 2, 4, 3]
    let op = try attention(queries: shape, keys: shape, values: shape, factor: 0.7, bias: bias)
    FiniteDifferences.expectGradients(of: op, at: (1...3).map { .random(shape.batched(1), seed: $0) })
  }

  @Test("gives nothing to keys whose scores are far below the largest, and no NaN")
  func farApart() throws {
    let op = try attention(queries: [1, 1, 1], keys: [1, 3, 1], values: [1, 3, 1], factor: 1)
    let output = op.forward([
      Tensor([1], shape: [1, 1, 1, 1]), Tensor([500, -500, 500], shape: [1, 1, 3, 1]),
      Tensor([2, 64, 4], shape: [1, 1, 3, 1]),
    ])
    #expect(output.scalars == [3])
  }

  @Test("keeps NaN")
  func notANumber() throws {
    let op = try attention(queries: [1, 2, 1], keys: [1, 2, 1], values: [1, 2, 1], factor: 1)
    let ones = Tensor(repeating: 1, shape: [1, 1, 2, 1])
    let output = op.forward([Tensor([.nan, 1], shape: [1, 1, 2, 1]), ones, ones]).scalars
    #expect(output[0].isNaN)
    #expect(output[1] == 1)
  }

  @Test("refuses inputs of other shapes")
  func refuses() throws {
    let op = try attention(queries: [2, 5, 4], keys: [2, 5, 4], values: [2, 5, 4], factor: 1)
    #expect(throws: ShapeError.self) { try op.outputShape(for: [[2, 5, 4], [2, 5, 4]]) }
    #expect(throws: ShapeError.self) { try op.outputShape(for: [[2, 5, 4], [2, 5, 4], [2, 6, 4]]) }
  }
}
