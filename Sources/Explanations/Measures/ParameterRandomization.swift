import Architectures
import Checkpoints
import Tensors

/// Cascading parameter randomisation (Adebayo et al. 2018, section 3.1): whether a map notices that the model forgets what it
/// learned, from the classifier down. A map that stays the same says nothing about the model.
public struct ParameterRandomization: Sendable {
  /// The order of the pixels.
  public static let spearman = MeasureDescription(
    "sanity-spearman", better: .lower,
    "mean Spearman correlation of the map and those of the model with random parameters, cascading from the top (Adebayo et "
      + "al. 2018; normal, each parameter's own mean and deviation)")
  /// The structure.
  public static let similarity = MeasureDescription(
    "sanity-ssim", better: .lower, "mean structural similarity of the same maps (Wang et al. 2004)")

  /// A model on its way down.
  public struct Step: Sendable {
    /// How many modules are random.
    public let count: Int
    /// The last one that became random.
    public let module: String
    /// The model.
    public let model: Model
  }

  private let randomized: RandomizedModel
  /// How many modules are random at each step, in increasing order; at the last step all.
  public let counts: [Int]

  /// Gets ready to randomise a model.
  ///
  /// - Parameters:
  ///   - steps: at most so many steps, equally far apart; the first one randomises the classifier only, the last one all.
  ///   - seed: what the random parameters follow from.
  /// - Throws: what loading a model throws.
  public init(_ model: Model, checkpoint: StateDictionary, steps: Int = 8, seed: UInt64 = 0) throws {
    randomized = try RandomizedModel(model, checkpoint: checkpoint, seed: seed)
    let count = randomized.modules.count
    let wanted = max(1, min(steps, count))
    counts = wanted == 1 ? [count] : (0..<wanted).map { 1 + ($0 * (count - 1) + (wanted - 1) / 2) / (wanted - 1) }
  }

  /// The model at a step, built anew.
  ///
  /// - Throws: what loading a model throws.
  public func step(_ index: Int) throws -> Step {
    let count = counts[index]
    return Step(
      count: count, module: randomized.modules[count - 1], model: try randomized.model(randomizing: count))
  }
}
