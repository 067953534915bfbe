import LayerGraph
import Tensors

/// The first component of kernel PCA of A with a sigmoid kernel of γ = 1/C (Karmani et al. 2024, "KPCA-CAM"), as
/// pytorch-grad-cam has it. It never depends on the class.
public struct KernelPCACAM: LayerMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "kpcacam"
  /// See ``ExplanationMethod/summary``.
  public static let summary =
    "first component of kernel PCA of the activation, whatever the class (Karmani et al. 2024)"
  /// The activations only.
  public let needs: Needs = .activations

  /// KPCA-CAM; γ and the offset are pytorch-grad-cam's.
  public init() {}

  /// None; refuses layers whose maps have so many places that the kernel, one value for each pair, takes too much memory.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    let largest = 80 * 80
    for (grid, name) in zip(explainer.grids, explainer.layerNames) where grid.count > largest {
      throw MethodError(
        Self.name,
        "it compares each of the \(grid) places of \(name) with each other, at most 80×80; take a later layer")
    }
    return []
  }

  /// See ``LayerMethod/map(_:)``.
  public func map(_ layer: LayerEvidence) -> Tensor {
    layer.activations.kernelProjection()
  }
}
