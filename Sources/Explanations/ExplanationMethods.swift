/// The methods by name.
public enum ExplanationMethods {
  /// All methods, in the order in which they are listed.
  public static let all: [any ExplanationMethod] = [
    GradCAM(), HiResCAM(), GradCAMElementWise(), GradCAMPlusPlus(), XGradCAM(), LayerCAM(), ShapleyCAM(), FinerCAM(),
    SmoothGradCAMPlusPlus(), CAM(), FullGrad(), EigenCAM(), EigenGradCAM(), SegEigenCAM(), KernelPCACAM(), FEM(),
    ScoreCAM(),
    SSCAM(), ISCAM(), AblationCAM(), ReciproCAM(), DeepFeatureFactorization(), RandomCAM(),
  ]

  /// The method of a name; underscores and the spellings of pytorch-grad-cam's and torch-cam's classes are
  /// understood.
  ///
  /// - Throws: ``UnknownMethod`` with all names.
  public static func named(_ name: String) throws(UnknownMethod) -> any ExplanationMethod {
    var plain = name.lowercased().filter { $0 != "_" && $0 != "-" }.replacing("plusplus", with: "++")
    if plain.hasSuffix("campp") { plain = plain.dropLast(2) + "++" }
    guard let method = all.first(where: { type(of: $0).name == plain }) else { throw UnknownMethod(name: name) }
    return method
  }

  /// The methods of several names; `all` stands for all of them, whether or not they fit a model. See
  /// ``Explainer/methods(named:)``.
  ///
  /// - Throws: ``UnknownMethod`` with all names.
  public static func named(all names: [String]) throws(UnknownMethod) -> [any ExplanationMethod] {
    var methods = [any ExplanationMethod]()
    for name in names { methods += name == "all" ? all : [try named(name)] }
    return methods
  }
}

extension Explainer {
  /// The methods of several names. `all` stands for all that fit the model and its layers; those that do not are left
  /// out, and so are those that take long. A method that is named twice counts once.
  ///
  /// - Parameter eigenSmooth: whether the first principal component of the weighted feature maps takes the place of their
  ///   sum, see ``EigenSmoothed``.
  /// - Returns: the methods, and why others were left out.
  /// - Throws: ``UnknownMethod`` with all names; what ``check(_:)`` throws where a method that was named does not fit.
  public func methods(
    named names: [String], eigenSmooth: Bool = false
  ) throws -> (fitting: [any ExplanationMethod], leftOut: [MethodError]) {
    var fitting = [any ExplanationMethod]()
    var leftOut = [MethodError]()
    func take(_ method: any ExplanationMethod) throws {
      let chosen = try eigenSmooth ? EigenSmoothed(method) : method
      try check([chosen])
      if !fitting.contains(where: { $0.title == chosen.title }) { fitting.append(chosen) }
    }
    for name in names {
      guard name == "all" else {
        try take(try ExplanationMethods.named(name))
        continue
      }
      for method in ExplanationMethods.all {
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
