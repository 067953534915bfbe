import Tensors

/// What a method reads of a layer: its feature maps and their gradient, after the reshape transform, B×C×H×W.
public struct LayerEvidence: Sendable {
  /// The activation A of the layer, B×C×H×W.
  public let activations: Tensor
  /// The gradient G of the score with respect to it, B×C×H×W.
  public let gradients: Tensor

  /// The evidence of one layer.
  public init(activations: Tensor, gradients: Tensor) {
    precondition(
      activations.shape == gradients.shape && activations.shape.rank == 4,
      "expected B×C×H×W twice, found \(activations.shape) and \(gradients.shape)")
    self.activations = activations
    self.gradients = gradients
  }
}

/// A method: how the evidence of a layer becomes a map.
///
/// The core gathers the evidence once, with one forward and one backward for each target, and hands it to every method.
public protocol ExplanationMethod: Sendable {
  /// pytorch-grad-cam's name for it, in lower case: `gradcam++`.
  static var name: String { get }

  /// What it does and where it comes from, in one line.
  static var summary: String { get }

  /// Whether the map depends on the gradients; it does unless a method says otherwise.
  static var needsGradients: Bool { get }

  /// The map before ReLU and normalisation, B×H×W.
  func map(_ layer: LayerEvidence) -> Tensor
}

extension ExplanationMethod {
  /// See ``ExplanationMethod/needsGradients``.
  public static var needsGradients: Bool { true }
}

/// The methods by name.
public enum ExplanationMethods {
  /// All methods, in the order in which they are listed.
  public static let all: [any ExplanationMethod] = [
    GradCAM(), HiResCAM(), GradCAMElementWise(), GradCAMPlusPlus(), XGradCAM(), LayerCAM(), EigenCAM(), EigenGradCAM(),
    SegEigenCAM(), FEM(), RandomCAM(),
  ]

  /// The method of a name; underscores and the long spellings of pytorch-grad-cam's classes are understood.
  ///
  /// - Throws: ``UnknownMethod`` with all names.
  public static func named(_ name: String) throws(UnknownMethod) -> any ExplanationMethod {
    let plain = name.lowercased().filter { $0 != "_" && $0 != "-" }.replacing("plusplus", with: "++")
    guard let method = all.first(where: { type(of: $0).name == plain }) else { throw UnknownMethod(name: name) }
    return method
  }

  /// The methods of several names; `all` stands for all of them.
  ///
  /// - Throws: ``UnknownMethod`` with all names.
  public static func named(all names: [String]) throws(UnknownMethod) -> [any ExplanationMethod] {
    var methods = [any ExplanationMethod]()
    for name in names { methods += name == "all" ? all : [try named(name)] }
    return methods
  }
}

/// A name that no method has.
public struct UnknownMethod: Error, Equatable, CustomStringConvertible {
  /// The name that was asked for.
  public let name: String

  /// One line: the name and those that exist.
  public var description: String {
    "method '\(name)': not known; there are \(ExplanationMethods.all.map { type(of: $0).name }.joined(separator: ", "))"
  }
}
