import Tensors

/// Which scalar of what a layer gives became which channel and place of its feature maps: what a method needs that changes
/// features before the rest of the model runs.
///
/// It is found by putting the scalars' own numbers through the reshape transform, so that it holds for any transform that
/// rearranges, users' own included.
struct LayerElements: Sendable {
  /// The number of channels of the feature maps.
  let channelCount: Int
  /// The number of places of the feature maps.
  let placeCount: Int
  /// The scalar of each channel and place, places innermost.
  private let elements: [Int32]
  /// The scalars from one to the next in a channel's axis of the layer, where it has such an axis.
  private let channelStride: Int?
  private let count: Int

  /// Whether the channels are the last axis of what the layer gives.
  var channelsComeLast: Bool { channelStride == 1 }

  /// The elements of one of an explainer's layers.
  ///
  /// - Throws: ``MethodError`` where the reshape transform does more than rearrange.
  init(_ explainer: Explainer, layer: Int, method: String) throws {
    let node = explainer.layers[layer]
    let shape = explainer.model.graph.nodes[node].shape
    let problem = MethodError(
      method,
      "it changes features at \(explainer.layerNames[layer]), and '\(explainer.reshape)' does more than rearrange them")
    // Floats hold every whole number up to 2²⁴.
    guard shape.count < 1 << 24 else {
      throw MethodError(method, "\(explainer.layerNames[layer]) is too large: \(shape)")
    }
    let numbers = Tensor((0..<shape.count).map(Float.init), shape: shape.batched(1))
    let maps = try explainer.featureMaps(numbers, of: node)
    let zeros = try explainer.featureMaps(Tensor(repeating: 0, shape: numbers.shape), of: node)
    let found = maps.scalars
    guard zeros.scalars.allSatisfy({ $0 == 0 }),
      found.allSatisfy({ $0 >= 0 && $0 < Float(shape.count) && $0 == $0.rounded() }), Set(found).count == found.count
    else { throw problem }
    elements = found.map { Int32($0) }
    channelCount = maps.shape[1]
    placeCount = maps.shape[2] * maps.shape[3]
    count = shape.count
    channelStride = Self.channelStride(elements, channels: channelCount, places: placeCount, of: shape)
  }

  /// Calls `body` with every scalar that belongs to a channel, tokens that are no patches included.
  func forEach(inChannel channel: Int, _ body: (Int) -> Void) {
    guard let channelStride else {
      for place in 0..<placeCount { body(Int(elements[channel * placeCount + place])) }
      return
    }
    let block = channelStride * channelCount
    for start in stride(from: 0, to: count, by: block) {
      for index in start + channel * channelStride..<start + (channel + 1) * channelStride { body(index) }
    }
  }

  /// Calls `body` with every scalar that belongs to a place.
  func forEach(atPlace place: Int, _ body: (_ channel: Int, _ element: Int) -> Void) {
    for channel in 0..<channelCount { body(channel, Int(elements[channel * placeCount + place])) }
  }

  /// The stride of the layer's axis that is the channels' for every place; nil where there is none.
  private static func channelStride(_ elements: [Int32], channels: Int, places: Int, of shape: Shape) -> Int? {
    var stride = shape.count
    for extent in shape.extents {
      stride /= extent
      guard extent == channels else { continue }
      let fits = (0..<places).allSatisfy { place in
        (0..<channels).allSatisfy { (Int(elements[$0 * places + place]) / stride) % extent == $0 }
      }
      if fits { return stride }
    }
    return nil
  }
}
