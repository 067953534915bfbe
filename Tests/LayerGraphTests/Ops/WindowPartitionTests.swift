import TestSupport
import Tensors
import Testing

@testable import LayerGraph

/// Maps cut into windows, against timm's `window_partition` and torchvision's `shifted_window_attention`.
@Suite("Windows")
struct WindowPartitionTests {
  private static func grid(padsFirst: Bool) -> WindowGrid {
    WindowGrid(
      grid: Extent(height: 3, width: 4), window: Extent(height: 2, width: 3), shift: Extent(1), padsFirst: padsFirst)
  }

  // x = torch.arange(1., 13).view(1, 3, 4, 1), windows of 2×3, shift 1:
  // window_partition(F.pad(torch.roll(x, (-1, -1), (1, 2)), ...)) and window_partition(torch.roll(F.pad(x, ...), ...))
  @Test(
    "A shifted map that is no multiple of the window is padded behind the shift, or before it",
    arguments: [
      (false, [6, 7, 8, 10, 11, 12, 5, 0, 0, 9, 0, 0, 2, 3, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0] as [Float]),
      (true, [6, 7, 8, 10, 11, 12, 0, 0, 5, 0, 0, 9, 0, 0, 0, 2, 3, 4, 0, 0, 0, 0, 0, 1] as [Float]),
    ])
  func cuts(padsFirst: Bool, expected: [Float]) throws {
    let windows = Self.grid(padsFirst: padsFirst)
    let map = Tensor((1...12).map { Float($0) }, shape: [1, 3, 4, 1])
    #expect(try WindowPartition(windows: windows).outputShape(for: [[3, 4, 1]]) == [4, 6, 1])
    let cut = WindowPartition(windows: windows).forward([map])
    #expect(cut.scalars == expected)
    #expect(WindowReversal(windows: windows).forward([cut]).scalars == map.scalars)
  }

  @Test("Joining undoes cutting for every sample of a batch", arguments: [false, true])
  func joins(padsFirst: Bool) {
    let windows = Self.grid(padsFirst: padsFirst)
    let maps = Tensor.random([3, 3, 4, 5], seed: 1)
    #expect(windows.joined(windows.cut(maps)).scalars == maps.scalars)
  }

  @Test("Gradients agree with central differences", arguments: [false, true])
  func gradients(padsFirst: Bool) {
    let windows = Self.grid(padsFirst: padsFirst)
    FiniteDifferences.expectGradients(
      of: WindowPartition(windows: windows), at: [Tensor.random([2, 3, 4, 2], seed: 2)])
    FiniteDifferences.expectGradients(
      of: WindowReversal(windows: windows), at: [Tensor.random([2, 4, 6, 2], seed: 3)])
  }

  @Test("A map of another size is refused")
  func refuses() {
    let op = WindowPartition(windows: Self.grid(padsFirst: false))
    #expect(throws: ShapeError("expected 3×4×C to cut into windows, found 4×4×2")) {
      try op.outputShape(for: [[4, 4, 2]])
    }
  }
}
