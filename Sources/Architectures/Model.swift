import Checkpoints
import Images
import LayerGraph
import Tensors

/// A model with its weights, ready to run and to be explained.
public struct Model: Sendable {
  /// Its name, such as `vit_base_patch16_224`.
  public let name: String
  /// What it is made of.
  public let architecture: any Architecture
  /// The layers.
  public let graph: Graph
  /// Faster ways to compute parts of ``graph``.
  public let plans: Plans
  /// Where in the picture the results of its layers lie.
  let places: PlaceTable
  /// What pictures go through before they reach the model, the size of its input included.
  public var preprocessing: Preprocessing
  /// Which published weights that preprocessing is that of, such as `timm's resnet50 tv_in1k`, where the user named some.
  public let preprocessingSource: String?
  /// What nothing shows about the preprocessing: the one that was taken, and the option that takes another.
  public let preprocessingAssumption: String?
  /// Which mean and standard deviation were taken for pictures that have not three channels, where nothing says it.
  public let channelAssumption: String?
  /// How its heatmaps are customarily drawn.
  public var rendering: HeatmapRenderer
  /// The names of its classes, where they are known.
  public var labels: [String]? { didSet { hasAssumedLabels = false } }
  /// Whether nobody said what its classes are called, and their number alone suggested the names.
  public private(set) var hasAssumedLabels = false
  /// How the checkpoint was read: which dialect its names are, for example.
  public internal(set) var notes: [String]
  /// What its file cannot say: each reading that was taken, and the option that takes another.
  public var assumptions: [String] {
    readings + (hasAssumedLabels ? ["its 1000 classes are taken for ImageNet-1k's; --labels FILE names others"] : [])
  }
  private let readings: [String]
  /// What stands behind its last layer, where the user says it.
  let activation: OutputActivation?
  /// How a head of its own is read; nil for an architecture of one's own, whose head is a part of it.
  let head: OwnHead?

  /// The size of its input.
  public var imageSize: ImageSize { preprocessing.size }
  /// What its outputs are: logits; probabilities behind a sigmoid, as multi-label models of chest X-rays have it; features,
  /// where the checkpoint has no classifier; or scores of places or boxes.
  public internal(set) var outputs: OutputKind
  /// The number of its outputs for one picture.
  public var outputCount: Int { graph.nodes[graph.output].shape.count }
  /// The number of its classes; of a model without a classifier, of its outputs.
  public var classCount: Int { outputs.classCount(of: outputCount) }

  /// A model of a known architecture with the weights of a checkpoint.
  ///
  /// - Parameters:
  ///   - description: the architecture and its preprocessing.
  ///   - checkpoint: the weights, under the names of timm, torchvision or another known dialect.
  ///   - imageSize: the size of the input, where it is not the architecture's own.
  ///   - activation: what stands behind the last layer, where it is not what the architecture has.
  ///   - head: what stands behind the trunk, where the checkpoint has a head of its own; read from its keys where left out.
  ///   - output: of several heads the one to read.
  /// - Throws: ``ModelError`` with all that is missing, unused or misshapen, and the architectures that would fit.
  public init(
    _ description: ModelDescription, checkpoint: StateDictionary, imageSize: ImageSize? = nil,
    activation: OutputActivation? = nil, head: HeadSpecification? = nil, output: String? = nil
  ) throws {
    let reading = try description.architecture.reading(of: checkpoint)
    let dialect = reading.dialect
    let variant = dialect.flatMap { description.inDialect[$0.name] }
    // A configuration says all that a dialect would have to guess.
    let written = description.configuration == nil ? dialect.map { description.architecture.written(in: $0.name) } : nil
    let architecture = variant?.architecture ?? written ?? description.architecture
    let own = description.preprocessingSource == nil ? variant?.preprocessing : nil
    var preprocessing = own ?? description.preprocessing
    if let imageSize { preprocessing.size = imageSize }
    preprocessing = preprocessing.adapted(toChannels: architecture.channelCount(of: reading.weights))
    do {
      let head = OwnHead(origins: reading.origins, specification: head, output: output)
      let builder = GraphBuilder(parameters: reading.weights, activation: activation)
      graph = try architecture.graph(builder, for: preprocessing, head: head, in: dialect)
      self.head = head
      notes = reading.weights.notes + (dialect.map { ["its names are \($0.name)'s"] } ?? [])
      readings = builder.assumptions
      plans = Plans(graph)
      places = PlaceTable(graph)
      outputs = OutputKind(graph, places)
    } catch let mismatch as ParameterMismatch {
      if let configuration = description.configuration {
        throw ModelError.disagreement(file: checkpoint.file, configuration: configuration, mismatch)
      }
      throw ModelError.mismatch(
        file: checkpoint.file, model: description.name, mismatch, fitting: ModelDescription.fitting(checkpoint))
    }
    name = description.name
    self.architecture = architecture
    self.activation = activation
    rendering = description.rendering
    self.preprocessing = preprocessing.overridden(by: checkpoint.metadata)
    let isTheirs = [description.preprocessing.channelCount, variant?.preprocessing.channelCount]
      .contains(preprocessing.channelCount)
    channelAssumption =
      isTheirs || self.preprocessing.mean != preprocessing.mean ? nil : self.preprocessing.channelsInWords
    preprocessingSource = description.preprocessingSource
    preprocessingAssumption = own == nil ? description.preprocessingAssumption : nil
    let named = checkpoint.metadata["classes"].map { $0.split(separator: ",").map { String($0.drop { $0 == " " }) } }
    labels = (named ?? description.labels).flatMap { [count = classCount] in $0.count == count ? $0 : nil }
  }

  /// A model of an architecture of one's own.
  ///
  /// - Throws: `ParameterMismatch`, `GraphError`, or what reading a parameter threw.
  public init(
    name: String, _ architecture: any Architecture, parameters: any ParameterSource, preprocessing: Preprocessing,
    labels: [String]? = nil, notes: [String] = [], activation: OutputActivation? = nil,
    preprocessingAssumption: String? = nil, channelAssumption: String? = nil
  ) throws {
    try self.init(
      name: name, architecture, parameters: parameters, preprocessing: preprocessing, labels: labels, notes: notes,
      activation: activation, preprocessingAssumption: preprocessingAssumption, channelAssumption: channelAssumption,
      head: nil)
  }

  init(
    name: String, _ architecture: any Architecture, parameters: any ParameterSource, preprocessing: Preprocessing,
    labels: [String]?, notes: [String] = [], activation: OutputActivation?, preprocessingAssumption: String? = nil,
    channelAssumption: String? = nil, head: OwnHead?
  ) throws {
    self.head = head
    self.name = name
    self.architecture = architecture
    self.activation = activation
    let builder = GraphBuilder(parameters: parameters, activation: activation)
    graph = try architecture.graph(builder, for: preprocessing, head: head)
    readings = builder.assumptions
    plans = Plans(graph)
    places = PlaceTable(graph)
    outputs = OutputKind(graph, places)
    self.preprocessing = preprocessing
    self.preprocessingAssumption = preprocessingAssumption
    self.channelAssumption = channelAssumption
    preprocessingSource = nil
    rendering = HeatmapRenderer()
    self.labels = labels
    self.notes = notes
  }

  /// Names the classes of a model without names that has as many as ImageNet-1k.
  mutating func assumeImageNetLabels() {
    guard labels == nil, classCount == 1000, [.logits, .probabilities].contains(outputs) else { return }
    labels = ImageNetClasses.names
    hasAssumedLabels = true
  }

  /// The name of the outputs of a model without a classifier.
  static let embeddingName = "embedding"

  /// The layer to explain unless the user names another: the architecture's, or else the last one that is a map of the
  /// picture, has more than one place, and whose patches reach the score.
  public var recommendedLayer: LayerPath {
    if let layer = architecture.recommendedLayer { return layer }
    // An export has layers for every step; those that PyTorch's users look at are blocks and their norms.
    if architecture is ExportedModel, let layer = outputs.areScoresOfClasses ? namedCandidates().last : encoderEnd {
      return layer
    }
    let spatial = graph.orderedNames.last { name in
      guard let node = graph.names[name], let layout = layout(of: node) else { return false }
      return layout.places(of: graph.nodes[node].shape) > 1 && gradientReachesPatches(of: node)
    }
    return LayerPath(spatial ?? graph.nodes[graph.output].name)
  }

  /// How the features of a node are laid out; nil where they are no map of the picture.
  public func layout(of node: NodeID) -> FeatureLayout? {
    FeatureLayout(places.places(of: node), shape: graph.nodes[node].shape)
  }
}

/// A checkpoint that does not hold the model that was asked for.
public enum ModelError: Error, CustomStringConvertible {
  /// Parameters do not fit; `fitting` are the architectures whose parameters would.
  case mismatch(file: String, model: String, ParameterMismatch, fitting: [String])
  /// The configuration in the folder describes another model.
  case disagreement(file: String, configuration: String, ParameterMismatch)

  /// One line: the file, the model, what does not fit, and what to try.
  public var description: String {
    switch self {
    case .mismatch(let file, let model, let mismatch, let fitting):
      let advice =
        fitting.isEmpty
        ? "no known architecture fits all of it; `vitcam weights` shows what it holds and the nearest one"
        : "it fits \(fitting.prefix(3).joined(separator: ", "))"
      return "\(file): not a checkpoint of \(model): \(mismatch); \(advice)"
    case .disagreement(let file, let configuration, let mismatch):
      return "\(file): not the weights of the model in \(configuration): \(mismatch); are both of one training?"
    }
  }
}

extension Architecture {
  /// The graph of this architecture for what a preprocessing makes of pictures, under all names that its layers have.
  ///
  /// - Parameter dialect: the dialect of the checkpoint; those whose layers' names begin with a root are known only where it
  ///   has the same one.
  func graph(
    _ builder: GraphBuilder, for preprocessing: Preprocessing, head: OwnHead?, in dialect: Dialect? = nil
  ) throws -> Graph {
    let graph = try ownGraph(
      builder, imageSize: preprocessing.size, channels: preprocessing.channelCount, head: head)
    let known = dialects.filter { other in
      guard let root = other.root else { return true }
      // A checkpoint without a root may have lost it on the way.
      return other.name == dialect?.name && (root == dialect?.root || dialect?.root == "")
    }
    return graph.adding(names: known.flatMap { $0.names(in: graph) })
  }

  /// The graph that a builder makes of this architecture, under its own names only.
  ///
  /// - Parameter head: reads what the parameters have beyond the architecture; without it, they may have no more.
  /// - Throws: `GraphError` for pictures of a side beyond 4096, which no model here is made for.
  func ownGraph(
    _ builder: GraphBuilder, imageSize: ImageSize, channels: Int = 3, head: OwnHead? = nil
  ) throws -> Graph {
    guard imageSize.longerSide <= 4096 else {
      throw GraphError("input: a size of \(imageSize) is too large; at most 4096×4096 is possible")
    }
    let picture = builder.input([channels, imageSize.height, imageSize.width])
    let scores = logits(builder, picture)
    return try builder.graph(output: builder.ending(head.map { $0(builder, scores) } ?? scores))
  }

  /// How many channels the pictures of weights under this architecture's names have: as many as the first convolution reads.
  func channelCount(of weights: some ParameterSource) -> Int {
    guard let shape = Self.landmarks.first.flatMap({ weights.shape(ofParameter: $0) }), shape.rank == 4,
      (1...1024).contains(shape[1])
    else { return 3 }
    return shape[1]
  }
}

extension Dialect {
  /// What this dialect calls the nodes of a graph.
  func names(in graph: Graph) -> [(name: String, node: NodeID)] {
    let listed = layers.compactMap { layer in graph.names[layer.ours].map { (name: layer.name, node: $0) } }
    let known = Set(layers.map(\.ours))
    let inverse = keys.inverted
    return listed
      + graph.orderedNames.compactMap { name in
        guard !known.contains(name), let renamed = inverse.applied(to: name), let node = graph.names[name] else {
          return nil
        }
        return (renamed, node)
      }
  }
}

extension Preprocessing {
  /// This preprocessing with the mean and the standard deviation that a checkpoint's metadata names, where it does.
  func overridden(by metadata: [String: String]) -> Preprocessing {
    func channels(_ key: String) -> [Float]? {
      let values = metadata[key]?.split(separator: ",").compactMap { Float($0.filter { $0 != " " }) }
      return values?.count == channelCount && values?.allSatisfy(\.isFinite) == true ? values : nil
    }
    var result = self
    if let mean = channels("mean") { result.mean = mean }
    if let deviation = channels("std"), !deviation.contains(0) { result.standardDeviation = deviation }
    return result
  }
}

extension Preprocessing {
  /// What is said of the mean and the standard deviation of pictures that have not three channels.
  var channelsInWords: String {
    func list(_ values: [Float]) -> String {
      Set(values).count == 1 ? "\(values[0])" : values.map { "\($0)" }.joined(separator: ",")
    }
    return
      "its pictures have \(channelCount) channel\(channelCount == 1 ? "" : "s"): mean \(list(mean)) and standard deviation "
      + "\(list(standardDeviation)) are taken; --mean and --std take others"
  }
}

extension StateDictionary: ParameterSource {
  /// The keys, in the order of the file.
  public var parameterNames: [String] { names }

  /// The shape of a tensor, or nil where there is none of that name.
  public func shape(ofParameter name: String) -> Shape? { shape(of: name) }

  /// The values of a tensor.
  ///
  /// - Throws: `CheckpointError` where a value is not finite or cannot be read.
  public func parameter(_ name: String) throws -> Tensor { try tensor(name) }
}
