import Architectures
import Images
import LayerGraph

extension ReshapeTransform.Grid {
  /// Loads a model of the size at which a layer has the grid that a reshape names: of its own size where that is one, or else
  /// of the size that makes the layer's own grid the named one.
  ///
  /// - Parameters:
  ///   - reshape: a transform in the command line's notation; what is no grid leaves the model's own size.
  ///   - layers: the layers that are looked at, of which the first one counts; the recommended one where there is none.
  ///   - size: the size that the user wants, which stands.
  ///   - load: loads the model for pictures of a size, or of its own.
  /// - Throws: what `load` throws.
  public static func load(
    for reshape: String, at layers: [LayerPath], size: ImageSize?,
    _ load: (ImageSize?) throws -> (model: Model, weights: String)
  ) throws -> (model: Model, weights: String) {
    let loaded = try load(size)
    guard size == nil, let grid = Self(parsing: reshape),
      let wanted = grid.imageSize(of: loaded.model, at: layers.first ?? loaded.model.recommendedLayer)
    else { return loaded }
    return try load(wanted)
  }

  /// The size of the input at which a layer has this grid; nil where it has it already, or is no map.
  private func imageSize(of model: Model, at layer: LayerPath) -> ImageSize? {
    let transform = ReshapeTransform.grid(height: height, width: width, dropping: leading)
    guard (try? Explainer(model, layers: [layer], reshape: transform)) == nil,
      let own = try? Explainer(model, layers: [layer]).grids.first,
      own != ImageSize(height: height, width: width)
    else { return nil }
    func side(_ wanted: Int, _ own: Int, of side: Int) -> Int {
      // A convolution with padding rounds up: 15 places of 240 pixels are 16 each, and so are 8 of 120.
      let step = Int((Double(side) / Double(own)).rounded())
      return wanted * step
    }
    let size = ImageSize(
      height: side(height, own.height, of: model.imageSize.height),
      width: side(width, own.width, of: model.imageSize.width))
    return size.longerSide <= 4096 ? size : nil
  }
}
