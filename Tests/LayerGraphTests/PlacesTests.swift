import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Places in the picture")
struct PlacesTests {
  /// A picture of four rows and columns.
  private let picture = Places(picture: [3, 4, 4])

  @Test("A window lies in its middle, also where it hangs over")
  func windows() {
    let window = SlidingWindow(kernel: Extent(3), stride: Extent(2), padding: Extent(1), dilation: Extent(1))
    let places = picture.means(under: window, of: [3, 4, 4])
    #expect(places.rows.shape == [1, 2, 1])
    #expect(places.rows.scalars == [1, 3])
    #expect(places.columns.shape == [1, 1, 2])
    #expect(places.columns.scalars == [1, 3])
  }

  @Test("Padding that was put around before has no place, and what is beside it keeps its own")
  func padding() {
    let indices = (0..<3).flatMap { channel in
      (0..<25).map { $0 / 5 < 4 && $0 % 5 < 4 ? channel * 16 + $0 / 5 * 4 + $0 % 5 : -1 }
    }
    let padded = Gather(indices, of: [3, 4, 4], as: [3, 5, 5]).places(of: [picture], shapes: [[3, 4, 4]])
    let (rows, columns) = padded.expanded(to: [3, 5, 5])
    #expect(rows[at: 1, 3, 3] == 4 && columns[at: 1, 3, 0] == 1)
    #expect(rows[at: 1, 4, 0] == 0 && columns[at: 1, 0, 4] == 0)
    let window = SlidingWindow(kernel: Extent(3), stride: Extent(2), padding: Extent(0), dilation: Extent(1))
    let places = padded.means(under: window, of: [3, 5, 5])
    #expect(places.rows.scalars == [2, 3.5])
    #expect(places.columns.scalars == [2, 3.5])
  }

  @Test("Tokens of a map are in its order, and a token before them lies nowhere")
  func tokens() {
    let rows = Reshape(shape: [3, 16]).places(of: [picture], shapes: [[3, 4, 4]])
    let tokens = Permute(axes: [1, 0]).places(of: [rows], shapes: [[3, 16]])
    let joined = Concatenate(axis: 0).places(of: [.none(rank: 2), tokens], shapes: [[1, 3], [16, 3]])
    #expect(joined.rows.scalars == [0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4])
    #expect(joined.columns.scalars == [0, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
  }

  @Test("Scores and what attention gives lie where the queries do; a mean over tokens lies nowhere")
  func attention() {
    let tokens = Places(
      rows: Tensor([1, 1, 2, 2], shape: [1, 4, 1]), columns: Tensor([1, 2, 1, 2], shape: [1, 4, 1]))
    let scores = MatrixProduct(factor: 1, transposesRight: true).places(
      of: [tokens, tokens], shapes: [[2, 4, 3], [2, 4, 3]])
    #expect(scores.rows.scalars == tokens.rows.scalars)
    let given = MatrixProduct(factor: 1, transposesRight: false).places(
      of: [scores, tokens], shapes: [[2, 4, 4], [2, 4, 3]])
    #expect(given.columns.scalars == tokens.columns.scalars)
    #expect(Mean(axis: 1).places(of: [given], shapes: [[2, 4, 3]]).isNone)
  }

  @Test("Patches that are merged lie in the middle of theirs")
  func merging() {
    let patches = Places(
      rows: Tensor([1, 1, 2, 2], shape: [1, 4]), columns: Tensor([1, 2, 1, 2], shape: [1, 4]))
    let weight = Tensor([1, -1, 0, 2], shape: [1, 4])
    let merged = Linear(weight: weight, bias: nil).places(of: [patches], shapes: [[1, 4]])
    #expect(merged.rows.scalars == [1.5])
    #expect(merged.columns.scalars == [1.5])
  }

  @Test("A mean of places, as resizing takes it, is weighted")
  func resizing() {
    let map = Places(rows: Tensor([2], shape: [1, 1]), columns: Tensor([1, 3], shape: [1, 2]))
    let weight = Tensor([1, 0, 0.25, 0.75, 0, 1], shape: [3, 2])
    let resized = Linear(weight: weight, bias: nil).places(of: [map], shapes: [[1, 2]])
    #expect(resized.columns.scalars == [1, 2.5, 3])
    #expect(resized.rows.scalars == [2])
  }
}
