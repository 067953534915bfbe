import Architectures
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

/// Relevance through the attention of a layer, by hand.
@Suite("Token attention")
struct TokenAttentionTests {
  /// A class token and two patches.
  private let plain = TokenAttention(
    Tensor([0.5, 0.25, 0.25, 0, 1, 0, 0.125, 0.125, 0.75], shape: [1, 3, 3]),
    layout: AttentionLayout(leading: 1, grid: ImageSize(height: 1, width: 2), keys: .sameTokens))

  @Test("What tokens owe is a row vector times the matrix")
  func row() {
    #expect(plain.passedOn([1, 0, 0]) == [0.5, 0.25, 0.25])
    #expect(plain.passedOn([0, 2, 4]) == [0.5, 2.5, 3])
    #expect(plain.rowSums == [1, 1, 1])
  }

  @Test("A rolled-out row keeps its sum, also where weights were discarded")
  func rollout() {
    #expect(plain.rolledOut([1, 0, 0]) == [0.75, 0.125, 0.125])
    // 7 of 9 are left out: all but 0.75 and 1.
    let rest = plain.discarding(0.8)
    #expect(rest.weights.scalars == [0, 0, 0, 0, 1, 0, 0, 0, 0.75])
    #expect(rest.rolledOut([1, 0, 7]) == [1, 0, 7])
  }

  @Test("Within windows tokens owe only to their own window, wherever the shift has put it")
  func windows() {
    // Rows 0 1 2 3 of a column of four, rolled up by one and cut in two: 1 2 and 3 0.
    let windows = WindowGrid(
      grid: Extent(height: 4, width: 1), window: Extent(height: 2, width: 1), shift: Extent(height: 1, width: 0))
    let attention = TokenAttention(
      Tensor([0.5, 0.5, 0.25, 0.75, 1, 0, 0.125, 0.875], shape: [2, 2, 2]),
      layout: AttentionLayout(leading: 0, grid: ImageSize(height: 4, width: 1), keys: .windows(windows)))
    #expect(attention.passedOn([0, 1, 0, 0]) == [0, 0.5, 0.5, 0])
    #expect(attention.passedOn([1, 0, 0, 0]) == [0.875, 0, 0, 0.125])
    #expect(attention.passedOn([0, 0, 1, 2]) == [0, 0.25, 0.75, 2])
  }

  @Test("Attention to padding is left out, and does not count among what is discarded")
  func padding() {
    // Rows 0 1 2 cut into 0 1 and 2 with padding.
    let windows = WindowGrid(grid: Extent(height: 3, width: 1), window: Extent(height: 2, width: 1))
    let attention = TokenAttention(
      Tensor([0.5, 0.5, 0.25, 0.75, 0.125, 0.875, 0.5, 0.5], shape: [2, 2, 2]),
      layout: AttentionLayout(leading: 0, grid: ImageSize(height: 3, width: 1), keys: .windows(windows)))
    #expect(attention.rowSums == [1, 1, 0.125])
    #expect(attention.passedOn([0, 0, 1]) == [0, 0, 0.125])
    // One of five: 0.125.
    #expect(attention.discarding(0.2).weights.scalars == [0.5, 0.5, 0.25, 0.75, 0, 0, 0, 0])
  }

  @Test("A reduced key owes to all tokens that it is the mean of")
  func reduced() {
    let reduction = GridReduction(ImageSize(height: 2, width: 4), by: 2)
    let attention = TokenAttention(
      Tensor([0.75, 0.25, 0.5, 0.5] + [Float](repeating: 0, count: 12), shape: [1, 8, 2]),
      layout: AttentionLayout(leading: 0, grid: ImageSize(height: 2, width: 4), keys: .reduced(reduction)))
    #expect(
      attention.passedOn([1, 2, 0, 0, 0, 0, 0, 0])
        == [0.4375, 0.4375, 0.3125, 0.3125, 0.4375, 0.4375, 0.3125, 0.3125])
  }

  @Test("Spreading loses nothing, also where rectangles overlap or differ in size")
  func spreading() {
    let cut = GridReduction(ImageSize(height: 3, width: 1), to: ImageSize(height: 2, width: 1))
    #expect(cut.spread([2, 3]) == [1, 1, 3])
    let overlapping = GridReduction(ImageSize(height: 3, width: 1), pooledTo: ImageSize(height: 2, width: 1))
    #expect(overlapping.spread([2, 4]) == [1, 3, 2])
  }

  @Test("Heads become one by their mean, minimum or maximum")
  func heads() {
    // Two windows of two heads, 1×2.
    let heads = Tensor([1, 2, 3, 6, 10, 20, 0, 40], shape: [2, 2, 1, 2])
    #expect(HeadFusion.mean(heads).scalars == [2, 4, 5, 30])
    #expect(HeadFusion.min(heads).scalars == [1, 2, 0, 20])
    #expect(HeadFusion.max(heads).scalars == [3, 6, 10, 40])
  }
}
