import LayerGraph
import Tensors

/// A method: how what a model did with a picture becomes a map of the picture.
///
/// A method says what it reads, and the core gathers it for all chosen methods at once: one forward, and one backward for
/// each target. Most methods read one layer's feature maps and their gradient, and are a ``LayerMethod``. Others name nodes
/// of the graph whose results or gradients they read, run the rest of the model from a layer on, or run the whole model on
/// other pictures; ``Evidence`` gives all of that.
public protocol ExplanationMethod: Sendable {
  /// The name to choose it by; pytorch-grad-cam's, in lower case, where it has the method: `gradcam++`.
  static var name: String { get }

  /// What it does and where it comes from, in one line.
  static var summary: String { get }

  /// Whether it runs the model so many times that `all` leaves it out, and it has to be named.
  static var takesLong: Bool { get }

  /// The name in results: ``name``, unless values of one type differ, as in `rollout-max`.
  var title: String { get }

  /// What is to be said beside each of its maps; nil for methods that can be trusted as far as their equation goes.
  var caution: Diagnostic? { get }

  /// What it reads.
  var needs: Needs { get }

  /// The nodes besides the explainer's layers whose results it reads, and whose gradients where it needs
  /// ``Needs/nodeGradients``.
  ///
  /// - Parameter explainer: the model and the layers.
  /// - Throws: ``MethodError`` where the method does not fit the model or its layers.
  func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID]

  /// The rules of the relevance that it reads at ``nodes(for:)``; nil where it reads none.
  func rules(for explainer: Explainer) -> RelevanceRules?

  /// The maps for one target of each picture, before ReLU and normalisation.
  ///
  /// - Throws: `CancellationError` where the task was cancelled; ``MethodError``, ``TargetError``, `RunError`.
  func maps(of evidence: Evidence) throws -> MethodMaps
}

extension ExplanationMethod {
  /// It does not.
  public static var takesLong: Bool { false }

  /// Its ``name``.
  public var title: String { Self.name }

  /// None.
  public var caution: Diagnostic? { nil }

  /// None.
  public func rules(for explainer: Explainer) -> RelevanceRules? { nil }

  /// None besides the layers.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] { [] }
}

/// What a method reads.
public struct Needs: OptionSet, Hashable, Sendable {
  /// The bits, one for each need.
  public let rawValue: Int

  /// Needs by their bits.
  public init(rawValue: Int) {
    self.rawValue = rawValue
  }

  /// The activations of the layers. What needs no layer has a map of its own, such as of the input or of attention.
  public static let activations = Needs(rawValue: 1 << 0)
  /// The gradients of the score at the layers.
  public static let gradients = Needs(rawValue: 1 << 1)
  /// The gradients of the score at the nodes that the method names; their results are there anyway.
  public static let nodeGradients = Needs(rawValue: 1 << 2)
  /// Runs of the rest of the model from a layer on.
  public static let tailRuns = Needs(rawValue: 1 << 3)
  /// Runs of the whole model on other pictures.
  public static let wholeRuns = Needs(rawValue: 1 << 4)

  /// The gradients at the layers of other targets than those that are explained, from the same forward.
  public static let otherTargets = Needs(rawValue: 1 << 5)

  /// The gradients of the score at the layers for variants of the pictures, see
  /// ``Evidence/evidence(ofVariants:picture:needs:nodes:)``.
  public static let variantGradients = Needs(rawValue: 1 << 6)

  /// Whether the layers' activations are read.
  var readLayers: Bool { !isDisjoint(with: [.activations, .gradients, .otherTargets, .tailRuns]) }

  /// Whether the score has to depend on the layers' patches for the method to say anything.
  var needInfluence: Bool { !isDisjoint(with: [.gradients, .otherTargets, .tailRuns, .variantGradients]) }
}

/// The maps of a batch of pictures, before ReLU and normalisation.
public enum MethodMaps: Sendable {
  /// A map of each layer of the explainer, B×h×w in the layer's resolution; and, where the method finds them, the concepts
  /// of each picture. Heatmaps are smoothed where a blur comes with it, in pixels of the model's input; raw maps are as they
  /// are.
  case ofLayers([Tensor], concepts: [[Concept]]? = nil, blur: GaussianBlur? = nil)
  /// A map that no single layer has, B×h×w in a resolution of its own, and what it is a map of: `input`, `attention`; a blur
  /// likewise.
  case ofModel(Tensor, source: String, blur: GaussianBlur? = nil)
}

/// Why a method cannot explain a model at its layers.
public struct MethodError: Error, Equatable, CustomStringConvertible {
  /// The method's name.
  public let method: String
  /// What does not fit, and what to try.
  public let problem: String

  /// An error of one line that says what does not fit.
  public init(_ method: String, _ problem: String) {
    self.method = method
    self.problem = problem
  }

  /// One line: the method, and what does not fit.
  public var description: String { "method '\(method)': \(problem)" }
}
