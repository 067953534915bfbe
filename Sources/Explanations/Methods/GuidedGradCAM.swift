import LayerGraph
import Tensors

/// ``GuidedBackpropagation`` ⊙ the heatmap of ``GradCAM`` (Selvaraju et al. 2017, section 3.2): the fine lines of the one where
/// the other says that they matter.
///
/// The lines fail the sanity checks of Adebayo et al. 2018; only where they are drawn depends on the class.
public struct GuidedGradCAM: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "guidedgradcam"
  /// See ``ExplanationMethod/summary``.
  public static let summary =
    "guided backpropagation times Grad-CAM (Selvaraju et al. 2017); fails the sanity checks of Adebayo et al. 2018"

  /// It has no parameters.
  public init() {}

  /// See ``ExplanationMethod/caution``.
  public var caution: Diagnostic? { .failsSanityChecks(method: Self.name) }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { GradCAM().needs }

  /// See ``ExplanationMethod/nodes(for:)``.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    try GuidedBackpropagation().nodes(for: explainer)
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let heatmaps = Heatmap.combined(evidence.layers.map { GradCAM().map($0) }, size: evidence.model.imageSize)
    let gradients = try evidence.guidedGradient()
    return evidence.inputMaps { gradients[$0].magnitudes() * heatmaps[$0] }
  }
}
