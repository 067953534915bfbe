import Checkpoints
import LayerGraph
import Tensors

extension ModelDescription {
  /// The names of all models whose parameters a checkpoint holds, all of them and no others. Models that would have to
  /// convert some, such as position embeddings of another grid, are named only where no other fits.
  public static func fitting(_ checkpoint: StateDictionary) -> [String] {
    let zeros = ShapesOnly.zeros(for: checkpoint)
    for converts in [false, true] {
      let names = all.filter { $0.fits(checkpoint, zeros: zeros, convertingParameters: converts) }.map(\.name)
      if !names.isEmpty { return names }
    }
    return []
  }

  /// What of a checkpoint does not fit this model, by names and shapes only; nil where that cannot be said.
  public func mismatch(with checkpoint: StateDictionary) -> ParameterMismatch? {
    mismatch(with: checkpoint, zeros: ShapesOnly.zeros(for: checkpoint))
  }

  private func mismatch(with checkpoint: StateDictionary, zeros: Tensor) -> ParameterMismatch? {
    do {
      try build(with: checkpoint, zeros: zeros) { GraphBuilder(parameters: $0) }
      return ParameterMismatch()
    } catch let mismatch as ParameterMismatch {
      return mismatch
    } catch {
      return nil
    }
  }

  /// The model whose parameters differ least from a checkpoint's, and how they differ.
  public static func nearestModel(to checkpoint: StateDictionary) -> (name: String, mismatch: ParameterMismatch)? {
    let zeros = ShapesOnly.zeros(for: checkpoint)
    return all.compactMap { model in model.mismatch(with: checkpoint, zeros: zeros).map { (model.name, $0) } }
      .min { $0.1.count < $1.1.count }
      // One that has next to nothing in common would only mislead.
      .flatMap { $0.1.missing.count + $0.1.misshapen.count < checkpoint.count ? $0 : nil }
  }

  /// The number of parameters with the architecture's own number of classes.
  public var parameterCount: Int {
    let builder = GraphBuilder(parameters: [String: Tensor]())
    // It throws, because there are no parameters; what was asked for is counted all the same.
    _ = try? architecture.ownGraph(builder, imageSize: preprocessing.size)
    return builder.parameterCount
  }

  private func fits(_ checkpoint: StateDictionary, zeros: Tensor, convertingParameters converts: Bool) -> Bool {
    let built: Void? = try? build(with: checkpoint, zeros: zeros) {
      GraphBuilder(parameters: $0, stopsAtFirstMismatch: true, convertsParameters: converts)
    }
    return built != nil
  }

  private func build(
    with checkpoint: StateDictionary, zeros: Tensor, _ builder: (ShapesOnly) -> GraphBuilder
  ) throws {
    let (weights, _) = try architecture.translated(checkpoint)
    _ = try architecture.ownGraph(builder(ShapesOnly(checkpoint: weights, zeros: zeros)), imageSize: preprocessing.size)
  }
}

/// A checkpoint's names and shapes, with zeros for values: enough to see whether a model fits.
private struct ShapesOnly: ParameterSource {
  let checkpoint: StateDictionary
  /// See ``zeros(for:)``: made once, because a search asks some two hundred models.
  let zeros: Tensor

  /// As many zeros as the largest parameter has scalars.
  static func zeros(for checkpoint: StateDictionary) -> Tensor {
    let largest = checkpoint.names.compactMap { checkpoint.shape(of: $0)?.count }.max() ?? 0
    return Tensor(unreadZeros: [largest])
  }

  var parameterNames: [String] { checkpoint.names }

  func shape(ofParameter name: String) -> Shape? { checkpoint.shape(of: name) }

  func parameter(_ name: String) throws -> Tensor {
    let shape = checkpoint.shape(of: name) ?? [0]
    return zeros.samples(0..<shape.count).reshaped(to: shape)
  }
}
