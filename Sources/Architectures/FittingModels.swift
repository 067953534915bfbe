import Checkpoints
import LayerGraph
import Tensors

extension ModelDescription {
  /// The names of all models whose parameters a checkpoint holds, all of them and no others. Models that would have to
  /// convert some, such as position embeddings of another grid, are named only where no other fits.
  public static func fitting(_ checkpoint: StateDictionary) -> [String] {
    for converts in [false, true] {
      let names = all.filter { $0.fits(checkpoint, convertingParameters: converts) }.map(\.name)
      if !names.isEmpty { return names }
    }
    return []
  }

  /// What of a checkpoint does not fit this model, by names and shapes only; nil where that cannot be said.
  public func mismatch(with checkpoint: StateDictionary) -> ParameterMismatch? {
    do {
      try build(with: checkpoint) { GraphBuilder(parameters: $0) }
      return ParameterMismatch()
    } catch let mismatch as ParameterMismatch {
      return mismatch
    } catch {
      return nil
    }
  }

  /// The model whose parameters differ least from a checkpoint's, and how they differ.
  public static func nearestModel(to checkpoint: StateDictionary) -> (name: String, mismatch: ParameterMismatch)? {
    all.compactMap { model in model.mismatch(with: checkpoint).map { (model.name, $0) } }
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

  private func fits(_ checkpoint: StateDictionary, convertingParameters converts: Bool) -> Bool {
    let built: Void? = try? build(with: checkpoint) {
      GraphBuilder(parameters: $0, stopsAtFirstMismatch: true, convertsParameters: converts)
    }
    return built != nil
  }

  private func build(with checkpoint: StateDictionary, _ builder: (ShapesOnly) -> GraphBuilder) throws {
    let (weights, _) = try architecture.translated(checkpoint)
    _ = try architecture.ownGraph(builder(ShapesOnly(of: weights)), imageSize: preprocessing.size)
  }
}

/// A checkpoint's names and shapes, with zeros for values: enough to see whether a model fits.
private struct ShapesOnly: ParameterSource {
  let checkpoint: StateDictionary
  private let zeros: Tensor

  init(of checkpoint: StateDictionary) {
    self.checkpoint = checkpoint
    let largest = checkpoint.names.compactMap { checkpoint.shape(of: $0)?.count }.max() ?? 0
    zeros = Tensor(repeating: 0, shape: [largest])
  }

  var parameterNames: [String] { checkpoint.names }

  func shape(ofParameter name: String) -> Shape? { checkpoint.shape(of: name) }

  func parameter(_ name: String) throws -> Tensor {
    let shape = checkpoint.shape(of: name) ?? [0]
    return zeros.samples(0..<shape.count).reshaped(to: shape)
  }
}
