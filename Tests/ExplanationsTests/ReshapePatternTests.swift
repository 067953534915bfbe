import Explanations
import TestSupport
import Tensors
import Testing

@Suite("Reshape patterns")
struct ReshapePatternTests {
  /// 0, 1, 2, ... in a shape.
  private func counting(_ shape: Shape) -> Tensor {
    Tensor((0..<shape.count).map(Float.init), shape: shape)
  }

  @Test("Tokens become a map, row by row")
  func tokens() throws {
    let maps = try ReshapeTransform.pattern("b (h w) c -> b c h w", ["h": 2])(counting([1, 6, 2]), layout: nil)
    #expect(maps.shape == [1, 2, 2, 3])
    #expect(maps.scalars == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11])
  }

  @Test("Windows are put back in their places")
  func windows() throws {
    // numpy: np.arange(16).reshape(1, 2, 2, 2, 2, 1).transpose(0, 5, 1, 3, 2, 4).reshape(1, 1, 4, 4)
    let pattern = try ReshapeTransform.pattern(
      "b (nh nw wh ww) c -> b c (nh wh) (nw ww)", ["nh": 2, "nw": 2, "wh": 2])
    let maps = try pattern(counting([1, 16, 1]), layout: nil)
    #expect(maps.shape == [1, 1, 4, 4])
    #expect(maps.scalars == [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15])
  }

  @Test(
    "A pattern that is not well formed is refused",
    arguments: [
      "b h w c", "b (h w c -> b c h w", "b (h w) c -> b c h", "b h w c -> b c h h", "b () c -> b c h w",
      "b 2 c d -> b 2 c d",
      "b h w c -> b c h x", "-> ->", "b (h w) c -> b c (h w)",
    ])
  func malformed(text: String) {
    #expect(throws: ReshapeError.self) { try ReshapeTransform(parsing: text) }
  }

  @Test("Sizes that do not fit are refused with the sizes that were found")
  func sizes() throws {
    let pattern = try ReshapeTransform.pattern("b (h w) c -> b c h w", ["h": 5])
    let error = #expect(throws: ReshapeError.self) { try pattern(counting([1, 12, 2]), layout: nil) }
    #expect(
      error?.description
        == "reshape 'b (h w) c -> b c h w': (h w) has 12 places in 1×12×2, which h=5, w=? does not give")
    let open = try ReshapeTransform.pattern("b (h w) c -> b c h w")
    #expect(throws: ReshapeError.self) { try open(counting([1, 12, 2]), layout: nil) }
    #expect(throws: ReshapeError.self) { try open(counting([1, 3, 4, 2]), layout: nil) }
  }

  @Test("Sizes belong to a pattern's axes")
  func strangers() {
    #expect(throws: ReshapeError.self) { try ReshapeTransform.pattern("b h w c -> b c h w", ["x": 2]) }
    #expect(throws: ReshapeError.self) { try ReshapeTransform.pattern("b h w c -> b c h w", ["h": 0]) }
    #expect(throws: ReshapeError.self) { try ReshapeTransform(parsing: "14x14-1", sizes: ["h": 14]) }
  }
}
