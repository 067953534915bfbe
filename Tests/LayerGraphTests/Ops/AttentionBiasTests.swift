import TestSupport
import Tensors
import Testing

@testable import LayerGraph

/// Relative position bias and mask, against timm's Swin.
@Suite("Attention bias")
struct AttentionBiasTests {
  private static let table = Tensor((1...18).map { Float($0) }, shape: [9, 2])

  // table = torch.arange(1., 19).view(9, 2); table[get_relative_position_index(2, 2).view(-1)].view(4, 4, 2).permute(2, 0, 1)
  private static let bias: [[Float]] = [
    [9, 7, 3, 1, 11, 9, 5, 3, 15, 13, 9, 7, 17, 15, 11, 9],
    [10, 8, 4, 2, 12, 10, 6, 4, 16, 14, 10, 8, 18, 16, 12, 10],
  ]

  // SwinTransformerBlock(4, (4, 4), 1, window_size=2, shift_size=1).attn_mask: where it is −100.
  private static let masked: [[Int]] = [
    [], [1, 3, 4, 6, 9, 11, 12, 14], [2, 3, 6, 7, 8, 9, 12, 13], [1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14],
  ]

  @Test("Every head gets its bias, and windows that the shift has put together their mask")
  func adds() {
    let windows = WindowGrid(grid: Extent(4), window: Extent(2), shift: Extent(1))
    let scores = Tensor.random([2, 4, 2, 4, 4], seed: 1)
    let result = AttentionBias(table: Self.table, windows: windows).forward([scores])
    let added = (0..<2).flatMap { _ in
      (0..<4).flatMap { window in
        (0..<2).flatMap { head in
          (0..<16).map { Self.bias[head][$0] + (Self.masked[window].contains($0) ? -100 : 0) }
        }
      }
    }
    #expect(zip(result.scalars, zip(scores.scalars, added)).allSatisfy { abs($0 - ($1.0 + $1.1)) < 1e-5 })
  }

  @Test("Without a shift nothing is masked")
  func addsUnmasked() {
    let windows = WindowGrid(grid: Extent(4), window: Extent(2))
    let result = AttentionBias(table: Self.table, windows: windows).forward([
      Tensor(repeating: 0, shape: [1, 4, 2, 4, 4])
    ])
    #expect(result.scalars == (0..<4).flatMap { _ in Self.bias[0] + Self.bias[1] })
  }

  @Test("Gradients agree with central differences")
  func gradients() {
    let windows = WindowGrid(grid: Extent(4), window: Extent(2), shift: Extent(1))
    // The scores are in the hundreds where they are masked, and float32 leaves few digits of their differences.
    FiniteDifferences.expectGradients(
      of: AttentionBias(table: Self.table, windows: windows), at: [Tensor.random([1, 4, 2, 4, 4], seed: 2)], step: 0.5)
  }

  @Test("Scores of other windows or heads are refused")
  func refuses() {
    let op = AttentionBias(table: Self.table, windows: WindowGrid(grid: Extent(4), window: Extent(2)))
    #expect(throws: ShapeError("expected scores of 4×2×4×4, found 4×3×4×4")) {
      try op.outputShape(for: [[4, 3, 4, 4]])
    }
  }
}
