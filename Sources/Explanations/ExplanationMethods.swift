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
  /// The methods of several names. `all` stands for all that fit the model and its layers; those that do not are left out.
  ///
  /// - Returns: the methods, and why others were left out.
  /// - Throws: ``UnknownMethod`` with all names; what ``check(_:)`` throws where a method that was named does not fit.
  public func methods(
    named names: [String]
  ) throws -> (fitting: [any ExplanationMethod], leftOut: [any Error]) {
    var fitting = [any ExplanationMethod]()
    var leftOut = [any Error]()
    for name in names {
      guard name == "all" else {
        let method = try ExplanationMethods.named(name)
        try check([method])
        fitting.append(method)
        continue
      }
      for method in ExplanationMethods.all {
        do {
          try check([method])
          fitting.append(method)
        } catch let error as MethodError {
          leftOut.append(error)
        }
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
