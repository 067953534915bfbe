import Architectures

extension Model {
  /// The method that is taken where nobody names one: ``Relevance``, at the picture, or at a layer where one is named.
  ///
  /// Measured (`Docs/relevance.md`): on each of the demonstration models its maximum lies in the object more often than that of
  /// any other method of one backward pass, at the picture and at nearly all layers.
  public var recommendedMethod: any ExplanationMethod { Relevance() }
}

extension Model {
  /// How far relevance at the input is smoothed, a standard deviation in pixels: half a patch where tokens of the whole picture
  /// attend to each other, so that patches do not show, and a twenty-fourth of the shorter side at least.
  public var recommendedSmoothing: Double {
    let side = Double(min(imageSize.height, imageSize.width)) / 24
    guard let tokens = attentionLayers.first?.layout, tokens.keys == .sameTokens else { return side }
    return max(side, Double(imageSize.height) / Double(tokens.grid.height) / 2)
  }
}

extension Explainer {
  /// The method that is taken where nobody names one. Relevance is no weighted sum of feature maps, which eigen-smooth is made
  /// of: there it is HiResCAM for models that attend, whose gradients Grad-CAM's mean over places loses, and Grad-CAM for
  /// others.
  public func recommendedMethod(_ options: MethodOptions = MethodOptions()) -> any ExplanationMethod {
    guard options.eigenSmooth else { return model.recommendedMethod }
    return model.graph.attentionNodes.isEmpty ? GradCAM() : HiResCAM()
  }
}
