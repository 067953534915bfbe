import Architectures

extension Model {
  /// The method that is taken where nobody names one: HiResCAM for models that attend, Grad-CAM for others.
  ///
  /// Measured (`Docs/measures.md`): where tokens attend, HiResCAM points at the object more often than Grad-CAM, whose mean
  /// over places loses where the gradient is. Where the head averages the last maps, as in most convolutional networks, the
  /// two are the same there.
  public var recommendedMethod: any ExplanationMethod {
    attentionLayers.isEmpty ? GradCAM() : HiResCAM()
  }
}
