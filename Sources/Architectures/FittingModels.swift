import Checkpoints
import LayerGraph
import Tensors

extension ModelDescription {
  /// The names of all models whose parameters a checkpoint holds, all of them and no others. Models that would have to
  /// convert some, such as position embeddings of another grid, are named only where no other fits.
  public static func fitting(_ checkpoint: StateDictionary) -> [String] {
    let readings = Self.readings(of: checkpoint)
    for converts in [false, true] {
      let names = readings.filter { $0.model.fits($0.weights, convertingParameters: converts) }.map(\.model.name)
      if !names.isEmpty { return names }
    }
    return []
  }

  /// What of a checkpoint does not fit this model, by names and shapes only; nil where that cannot be said.
  public func mismatch(with checkpoint: StateDictionary) -> ParameterMismatch? {
    guard let reading = try? architecture.reading(of: checkpoint) else { return nil }
    return mismatch(with: ShapesOnly(reading))
  }

  private func mismatch(with weights: ShapesOnly) -> ParameterMismatch? {
    do {
      try build(with: weights, GraphBuilder(parameters: weights))
      return ParameterMismatch()
    } catch let mismatch as ParameterMismatch {
      return mismatch
    } catch {
      return nil
    }
  }

  /// The model whose parameters differ least from a checkpoint's, and how they differ.
  public static func nearestModel(to checkpoint: StateDictionary) -> (name: String, mismatch: ParameterMismatch)? {
    readings(of: checkpoint).compactMap { reading in
      reading.model.mismatch(with: reading.weights).map { (reading.model.name, $0) }
    }
    .min { $0.1.count < $1.1.count }
    // One that has next to nothing in common would only mislead.
    .flatMap { $0.1.missing.count + $0.1.misshapen.count < checkpoint.count ? $0 : nil }
  }

  /// The models some of whose parameters a checkpoint has, and how each reads it. No graph is built for this: most
  /// architectures are out by a look at the names.
  private static func readings(of checkpoint: StateDictionary) -> [(model: ModelDescription, weights: ShapesOnly)] {
    let checkpoint = checkpoint.withoutEmptyTensors()
    let search = TrunkSearch(checkpoint.names, for: allSignatures)
    let zeros = ShapesOnly.zeros(for: checkpoint)
    return all.compactMap { model in
      guard model.architecture.isFound(by: search),
        let reading = try? model.architecture.reading(of: checkpoint, search)
      else { return nil }
      return (model, ShapesOnly(reading.withoutBuffersOfTraining(), zeros: zeros))
    }
  }

  private static let allSignatures = Set(all.flatMap(\.architecture.signatures))

  /// The number of parameters with the architecture's own number of classes.
  public var parameterCount: Int {
    let builder = GraphBuilder(parameters: [String: Tensor]())
    // It throws, because there are no parameters; what was asked for is counted all the same.
    _ = try? architecture.ownGraph(
      builder, imageSize: preprocessing.size, channels: preprocessing.channelCount)
    return builder.parameterCount
  }

  private func fits(_ weights: ShapesOnly, convertingParameters converts: Bool) -> Bool {
    let builder = GraphBuilder(parameters: weights, stopsAtFirstMismatch: true, convertsParameters: converts)
    return (try? build(with: weights, builder)) != nil
  }

  private func build(with weights: ShapesOnly, _ builder: GraphBuilder) throws {
    let head = OwnHead(origins: weights.reading.origins)
    _ = try architecture.ownGraph(
      builder, imageSize: preprocessing.size, channels: architecture.channelCount(of: weights), head: head)
  }
}

/// A checkpoint's names and shapes, with zeros for values: enough to see whether a model fits.
private struct ShapesOnly: ParameterSource {
  let reading: CheckpointReading
  /// See ``zeros(for:)``: made once, because a search asks some two hundred models.
  let zeros: Tensor

  init(_ reading: CheckpointReading, zeros: Tensor? = nil) {
    self.reading = reading
    self.zeros = zeros ?? Self.zeros(for: reading.weights)
  }

  /// As many zeros as the largest parameter has scalars.
  static func zeros(for checkpoint: StateDictionary) -> Tensor {
    let largest = checkpoint.names.compactMap { checkpoint.shape(of: $0)?.count }.max() ?? 0
    return Tensor(unreadZeros: [largest])
  }

  var parameterNames: [String] { reading.weights.names }

  func shape(ofParameter name: String) -> Shape? { reading.weights.shape(of: name) }

  func parameter(_ name: String) throws -> Tensor {
    let shape = reading.weights.shape(of: name) ?? [0]
    return zeros.samples(0..<shape.count).reshaped(to: shape)
  }
}
