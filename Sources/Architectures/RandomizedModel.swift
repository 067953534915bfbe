import Checkpoints
import LayerGraph
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A model whose parameters become random, module by module, from the classifier down to the first layer.
///
/// A random parameter is drawn from a normal distribution of the mean and the standard deviation of the one that it
/// replaces; running statistics of batch norm stay as they are. The values follow from the seed and the parameter's name.
public struct RandomizedModel: Sendable {
  /// The modules that have parameters, the last one that the model uses first: `head`, `norm`, `blocks.11`, ...
  public let modules: [String]

  private let model: Model
  private let weights: StateDictionary
  private let seed: UInt64

  /// Gets ready to randomise a model.
  ///
  /// - Parameters:
  ///   - model: the model as it was loaded.
  ///   - checkpoint: what it was loaded from.
  ///   - seed: what the values follow from.
  /// - Throws: what loading a model throws.
  public init(_ model: Model, checkpoint: StateDictionary, seed: UInt64 = 0) throws {
    self.model = model
    self.seed = seed
    weights = try model.architecture.reading(of: checkpoint).weights
    let order = UsedParameters(weights)
    _ = try model.architecture.ownGraph(
      GraphBuilder(parameters: order), imageSize: model.imageSize, channels: model.preprocessing.channelCount,
      head: model.head)
    var modules = [String]()
    for name in order.names.map(Self.module) where modules.last != name && !modules.contains(name) {
      modules.append(name)
    }
    self.modules = modules.reversed()
  }

  /// The model with random parameters in its last modules.
  ///
  /// - Parameter count: how many modules, from the classifier on.
  /// - Throws: what loading a model throws.
  public func model(randomizing count: Int) throws -> Model {
    let chosen = Set(modules.prefix(count))
    let parameters = RandomParameters(weights: weights, seed: seed) { chosen.contains(Self.module(of: $0)) }
    var result = try Model(
      name: model.name, model.architecture, parameters: parameters, preprocessing: model.preprocessing,
      labels: model.labels, activation: model.activation, head: model.head)
    result.rendering = model.rendering
    return result
  }

  /// The module that a parameter belongs to: a block of a container, up to the last number in its name; where there is none,
  /// its name less the last part.
  static func module(of parameter: String) -> String {
    let parts = parameter.split(separator: ".")
    let owner = parts.dropLast()
    guard let number = owner.lastIndex(where: { Int($0) != nil }) else {
      return (owner.isEmpty ? parts[...] : owner.prefix(3)).joined(separator: ".")
    }
    return owner[...number].joined(separator: ".")
  }
}

/// A checkpoint that remembers in which order its parameters are asked for.
private final class UsedParameters: ParameterSource {
  private let weights: StateDictionary
  private(set) var names: [String] = []

  init(_ weights: StateDictionary) {
    self.weights = weights
  }

  var parameterNames: [String] { weights.names }

  func shape(ofParameter name: String) -> Shape? { weights.shape(of: name) }

  func parameter(_ name: String) throws -> Tensor {
    names.append(name)
    return try weights.tensor(name)
  }
}

/// A checkpoint some of whose parameters are random.
private struct RandomParameters: ParameterSource {
  let weights: StateDictionary
  let seed: UInt64
  let isRandom: (String) -> Bool

  var parameterNames: [String] { weights.names }

  func shape(ofParameter name: String) -> Shape? { weights.shape(of: name) }

  func parameter(_ name: String) throws -> Tensor {
    let trained = try weights.tensor(name)
    guard isRandom(name), !name.hasSuffix("running_mean"), !name.hasSuffix("running_var") else { return trained }
    let values = trained.scalars
    let mean = values.reduce(0) { $0 + Double($1) } / Double(max(1, values.count))
    let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(max(1, values.count))
    let deviation = variance.squareRoot()
    // FNV-1a, so that a parameter's values do not depend on the others.
    let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    let random = SeededRandom(seed: seed ^ hash)
    return Tensor(values.indices.map { Float(mean + deviation * random.normal(at: $0)) }, shape: trained.shape)
  }
}
