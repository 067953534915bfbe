import Architectures
import LayerGraph

/// A layer whose patches the score cannot depend on: behind the last attention of a model whose classifier reads the class
/// token, no gradient reaches them.
public struct UnreachableLayer: Error, Equatable, CustomStringConvertible {
  /// The layer that was asked for.
  public let layer: String
  /// A layer to take instead.
  public let instead: String

  /// One line: the layer, why it cannot be explained, and what to take.
  public var description: String {
    "layer '\(layer)': its patches cannot influence the score, because only the class token goes on from there; take an "
      + "earlier layer such as \(instead)"
  }
}

extension Model {
  /// Refuses a layer of tokens whose patches no path to the output reads.
  func checkGradientReaches(_ layer: NodeID, path: LayerPath) throws(UnreachableLayer) {
    guard !gradientReachesPatches(of: layer) else { return }
    throw UnreachableLayer(layer: path.description, instead: recommendedLayer.description)
  }
}
