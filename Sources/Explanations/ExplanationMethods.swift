/// The methods by name.
public enum ExplanationMethods {
  /// All methods, in the order in which they are listed.
  public static let all: [any ExplanationMethod] = all(MethodOptions())

  /// All methods with options, in the order in which they are listed.
  public static func all(_ options: MethodOptions) -> [any ExplanationMethod] {
    layerGradients() + layerActivations(options) + furtherRuns(options) + attention(options) + pixels(options)
  }

  /// The methods that read activations and gradients of layers, or of the whole model.
  private static func layerGradients() -> [any ExplanationMethod] {
    [
      GradCAM(), HiResCAM(), GradCAMElementWise(), GradCAMPlusPlus(), XGradCAM(), LayerCAM(), EigenGradCAM(),
      SegEigenCAM(), ShapleyCAM(), FinerCAM(), CAM(), FullGrad(),
    ]
  }

  /// The methods that read the activations of layers only.
  private static func layerActivations(_ options: MethodOptions) -> [any ExplanationMethod] {
    [EigenCAM(), KernelPCACAM(), FEM(), DeepFeatureFactorization(), RandomCAM(seed: options.seed)]
  }

  /// The methods of layers that run the model, or the rest of it, on variants.
  private static func furtherRuns(_ options: MethodOptions) -> [any ExplanationMethod] {
    [
      SmoothGradCAMPlusPlus(seed: options.seed), AblationCAM(), ReciproCAM(), ScoreCAM(), SSCAM(seed: options.seed),
      ISCAM(),
    ]
  }

  /// The methods that read attention.
  private static func attention(_ options: MethodOptions) -> [any ExplanationMethod] {
    [
      AttentionRollout(headFusion: options.headFusion, discardRatio: options.discardRatio),
      GradientRollout(discardRatio: options.discardRatio), GradientAttention(), LeGrad(),
      RawAttention(block: options.block, head: options.head, headFusion: options.headFusion),
    ]
  }

  /// The methods whose map is one of the picture's pixels.
  private static func pixels(_ options: MethodOptions) -> [any ExplanationMethod] {
    [
      Relevance(options.rules, sigma: options.smoothing), InputXGradient(),
      IntegratedGradients(steps: options.samples ?? 50),
      SmoothGrad(samples: options.samples ?? 50, seed: options.seed), GuidedBackpropagation(), GuidedGradCAM(),
      Occlusion(), RISE(masks: options.samples ?? 1000, seed: options.seed),
    ]
  }

  /// The methods that look at less than there is to see, and that others must beat. `all` does not stand for those that are
  /// only here.
  public static let baselines: [any ExplanationMethod] = [RandomCAM(), CenteredGaussian()]

  /// The method of a name; underscores and the spellings of pytorch-grad-cam's and torch-cam's classes are
  /// understood.
  ///
  /// - Throws: ``UnknownMethod`` with all names.
  public static func named(
    _ name: String, options: MethodOptions = MethodOptions()
  ) throws(UnknownMethod) -> any ExplanationMethod {
    var plain = name.lowercased().filter { $0 != "_" && $0 != "-" }.replacing("plusplus", with: "++")
    if plain.hasSuffix("campp") { plain = plain.dropLast(2) + "++" }
    guard let method = (all(options) + baselines).first(where: { type(of: $0).name == plain }) else {
      throw UnknownMethod(name: name)
    }
    return method
  }

  /// The methods that a name for several stands for, whether or not they fit a model: `all`, and `quick` for those that do
  /// not run the whole model again; nil for other names.
  static func several(_ name: String, options: MethodOptions) -> [any ExplanationMethod]? {
    switch name {
    case "all": all(options)
    case "quick": all(options).filter { !$0.needs.contains(.wholeRuns) }
    default: nil
    }
  }

  /// The methods of several names, `all` and `quick` among them. See ``Explainer/methods(named:options:)``.
  ///
  /// - Throws: ``UnknownMethod`` with all names.
  public static func named(
    all names: [String], options: MethodOptions = MethodOptions()
  ) throws(UnknownMethod) -> [any ExplanationMethod] {
    var methods = [any ExplanationMethod]()
    for name in names {
      if let several = several(name, options: options) {
        methods += several
      } else {
        methods.append(try named(name, options: options))
      }
    }
    return methods
  }
}

extension Explainer {
  /// The methods of several names; the model's recommended one where there are none. `all` stands for all that fit the
  /// model and its layers; those that do not are left out, and so are those that take long. `quick` stands for those of
  /// them that do not run the whole model again. A method that is named twice counts once.
  ///
  /// - Returns: the methods, and why others were left out.
  /// - Throws: ``UnknownMethod`` with all names; what ``check(_:)`` throws where a method that was named does not fit.
  public func methods(
    named names: [String], options: MethodOptions = MethodOptions()
  ) throws -> (fitting: [any ExplanationMethod], leftOut: [MethodError]) {
    var fitting = [any ExplanationMethod]()
    var leftOut = [MethodError]()
    func take(_ method: any ExplanationMethod) throws {
      let chosen = try options.eigenSmooth ? EigenSmoothed(method) : method
      try check([chosen])
      if !fitting.contains(where: { $0.title == chosen.title }) { fitting.append(chosen) }
    }
    for name in names.isEmpty ? [type(of: recommendedMethod(options)).name] : names {
      guard let several = ExplanationMethods.several(name, options: options) else {
        try take(try ExplanationMethods.named(name, options: options))
        continue
      }
      for method in several {
        guard !type(of: method).takesLong else {
          leftOut.append(MethodError(method.title, "it runs the model many times for each channel; name it"))
          continue
        }
        do { try take(method) } catch let error as MethodError { leftOut.append(error) }
      }
    }
    return (fitting, leftOut)
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
