import Architectures

extension Model {
  /// The method that is taken where nobody names one: ``Relevance``, which looks at no layer.
  ///
  /// Measured (`Docs/relevance.md`): its maximum lies in the object more often than that of any other method of one backward
  /// pass, on each of the demonstration models.
  public var recommendedMethod: any ExplanationMethod { Relevance() }

  /// The method that is taken where nobody names one but somebody names a layer, or how its features become maps: HiResCAM for
  /// models that attend, Grad-CAM for others.
  ///
  /// Measured (`Docs/measures.md`): where tokens attend, HiResCAM points at the object more often than Grad-CAM, whose mean
  /// over places loses where the gradient is. Where the head averages the last maps, as in most convolutional networks, the
  /// two are the same there.
  public var recommendedLayerMethod: any ExplanationMethod {
    graph.attentionNodes.isEmpty ? GradCAM() : HiResCAM()
  }
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
  /// The method that is taken where nobody names one.
  public func recommendedMethod(_ options: MethodOptions = MethodOptions()) -> any ExplanationMethod {
    looksAtChosenLayers || options.eigenSmooth ? model.recommendedLayerMethod : model.recommendedMethod
  }
}
