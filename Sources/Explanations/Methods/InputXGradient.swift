import LayerGraph
import Tensors

/// Σ_c x_c ⊙ ∂s/∂x_c at each pixel x of the preprocessed picture (Shrikumar et al. 2016, "Not just a black box").
public struct InputXGradient: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "inputxgradient"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "each pixel times its gradient (Shrikumar et al. 2016)"

  /// It has no parameters.
  public init() {}

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [.nodeGradients] }

  /// See ``ExplanationMethod/nodes(for:)``.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] { [explainer.model.graph.input] }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let gradient = evidence.gradient(at: evidence.model.graph.input)
    return .ofModel((evidence.input * gradient).channelSum(), source: "input")
  }
}
