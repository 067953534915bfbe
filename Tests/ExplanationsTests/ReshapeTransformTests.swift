import Architectures
import Explanations
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@Suite struct ReshapeTransformTests {
  /// One sample, a leading token and a 2×3 grid of tokens, two channels: token t has the values 10 t and 10 t + 1.
  private static let tokens = Tensor((0..<7).flatMap { [Float(10 * $0), Float(10 * $0 + 1)] }, shape: [1, 7, 2])
  private static let maps: [Float] = [10, 20, 30, 40, 50, 60, 11, 21, 31, 41, 51, 61]

  @Test("Tokens become channels of rows and columns; leading ones are dropped")
  func grid() throws {
    let found = try ReshapeTransform.grid(height: 2, width: 3, dropping: 1)(Self.tokens, layout: nil)
    #expect(found.shape == [1, 2, 2, 3])
    #expect(found.scalars == Self.maps)
    #expect(try ReshapeTransform(parsing: "2x3-1")(Self.tokens, layout: nil).scalars == Self.maps)
    let none = try ReshapeTransform(parsing: "7X1")(Self.tokens, layout: nil)
    #expect(none.shape == [1, 2, 7, 1])
  }

  @Test("The automatic transform follows the layout")
  func automatic() throws {
    let layout = FeatureLayout.tokens(leading: 1, grid: ImageSize(height: 2, width: 3))
    #expect(try ReshapeTransform.automatic(Self.tokens, layout: layout).scalars == Self.maps)
    let map = Tensor.random([2, 4, 3, 5], seed: 1)
    #expect(try ReshapeTransform.automatic(map, layout: .channelsFirst).scalars == map.scalars)
    let last = try ReshapeTransform.automatic(map, layout: .channelsLast)
    #expect(last.shape == [2, 5, 4, 3])
    #expect(last[at: 1, 4, 2, 0] == map[at: 1, 2, 0, 4])
    #expect(throws: ReshapeError.self) { try ReshapeTransform.automatic(map, layout: nil) }
  }

  @Test("No transform leaves maps as they are and refuses tokens")
  func none() throws {
    let map = Tensor.random([1, 4, 3, 5], seed: 1)
    #expect(try ReshapeTransform(parsing: "none")(map, layout: nil).scalars == map.scalars)
    #expect(throws: ReshapeError.self) { try ReshapeTransform.none(Self.tokens, layout: nil) }
  }

  @Test("A closure of one's own does what it says, and has to give maps")
  func closure() throws {
    let own = ReshapeTransform("own") { $0.droppingTokens(1).permuted([0, 2, 1]).reshaped(to: [1, 2, 2, 3]) }
    #expect(own.description == "own")
    #expect(try own(Self.tokens, layout: nil).scalars == Self.maps)
    let error = #expect(throws: ReshapeError.self) { try ReshapeTransform("flat") { $0 }(Self.tokens, layout: nil) }
    #expect(error?.description.contains("'flat'") == true)
  }

  @Test(
    "An error names the grids that would fit",
    arguments: [
      (197, ["14x14-1"]), (196, ["14x14"]), (198, ["14x14-2"]), (201, ["14x14-5"]), (50, ["7x7-1"]),
    ])
  func fitting(count: Int, grids: [String]) {
    let tokens = Tensor(repeating: 0, shape: [1, count, 8])
    let error = #expect(throws: ReshapeError.self) {
      try ReshapeTransform.grid(height: 9, width: 9)(tokens, layout: nil)
    }
    for grid in ["9x9", "\(count)×8"] + grids {
      #expect(error?.description.contains(grid) == true)
    }
  }

  @Test("A grid for feature maps is answered with what would do")
  func gridForMaps() {
    let maps = Tensor(repeating: 0, shape: [1, 8, 7, 7])
    let error = #expect(throws: ReshapeError.self) { try ReshapeTransform.grid(height: 7, width: 7)(maps, layout: nil) }
    #expect(error?.description.contains("'none' or 'auto'") == true)
  }

  @Test(
    "Texts that are no grid are refused", arguments: ["", "12", "12x", "x12", "0x4", "4x-1", "12x12-", "axb", "9999x1"])
  func texts(text: String) {
    #expect(throws: ReshapeError.self) { try ReshapeTransform(parsing: text) }
  }

  @Test(
    "A grid belongs to the layer that is named: at the model's own size where it fits there, else at the size that makes it fit",
    arguments: [
      ("demo_swin", "layers[-1].blocks[-1].norm1", "12x12", ImageSize(square: 192)),
      ("demo_swin", "layers[0].blocks[0].norm1", "24x24", ImageSize(square: 96)),
      ("demo_resnet", "layer4[-1]", "7x5", ImageSize(height: 56, width: 40)),
      ("demo_resnet", "layer3[-1]", "14x10", ImageSize(height: 112, width: 80)),
      ("demo_pvt_v2", "stages[-2]", "7x11", ImageSize(height: 56, width: 88)),
      ("demo_vit", "blocks[-2].norm1", "12x12-1", ImageSize(square: 96)),
      ("demo_vit", "blocks[-2].norm1", "14x10-1", ImageSize(height: 112, width: 80)),
      ("demo_vit", "blocks[-2].norm1", "auto", ImageSize(square: 96)),
    ])
  func imageSize(name: String, layer: String, reshape: String, size: ImageSize) throws {
    func load(_ size: ImageSize?) throws -> (model: Model, weights: String) {
      (try DemonstrationModel.load(name, imageSize: size), "")
    }
    let model = try ReshapeTransform.Grid.load(for: reshape, at: [LayerPath(layer)], size: nil, load).model
    #expect(model.imageSize == size)
    // What the user wants stands.
    let wanted = ImageSize(square: 64)
    #expect(
      try ReshapeTransform.Grid.load(for: reshape, at: [LayerPath(layer)], size: wanted, load).model.imageSize
        == wanted)
  }
}
