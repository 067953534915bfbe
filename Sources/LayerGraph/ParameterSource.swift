import Tensors

/// Where a builder finds a model's weights, by their names.
public protocol ParameterSource {
  /// The names of all parameters here.
  var parameterNames: [String] { get }

  /// The shape of a parameter, or nil where there is none of that name. Reads no weights.
  func shape(ofParameter name: String) -> Shape?

  /// A parameter's values.
  ///
  /// - Throws: where they cannot be read.
  func parameter(_ name: String) throws -> Tensor
}

extension [String: Tensor]: ParameterSource {
  /// The names of all parameters, sorted.
  public var parameterNames: [String] { keys.sorted() }

  /// The shape of a parameter, or nil where there is none of that name.
  public func shape(ofParameter name: String) -> Shape? { self[name]?.shape }

  /// A parameter's values.
  public func parameter(_ name: String) throws -> Tensor {
    guard let tensor = self[name] else { throw RunError("no parameter \(name)") }
    return tensor
  }
}

/// All that does not fit between a model and a checkpoint.
public struct ParameterMismatch: Error, Equatable, CustomStringConvertible {
  /// A parameter whose shape is not the model's.
  public struct Misshapen: Equatable, Sendable {
    /// The parameter's name.
    public let name: String
    /// The shape that the model wants.
    public let expected: Shape
    /// The shape that the checkpoint has.
    public let found: Shape
  }

  /// Parameters that the model wants and the checkpoint lacks.
  public var missing: [String] = []
  /// Parameters that the checkpoint has and the model does not use.
  public var unused: [String] = []
  /// Parameters of another shape.
  public var misshapen: [Misshapen] = []

  /// Nothing that does not fit, yet.
  public init() {}

  /// Whether everything fits.
  public var isEmpty: Bool { missing.isEmpty && unused.isEmpty && misshapen.isEmpty }

  /// The number of parameters that do not fit.
  public var count: Int { missing.count + unused.count + misshapen.count }

  /// One line: how many parameters are missing, unused or misshapen, and the first of each.
  public var description: String {
    func list(_ names: [String]) -> String {
      names.prefix(3).map(\.printable).joined(separator: ", ") + (names.count > 3 ? ", ..." : "")
    }
    let shapes = misshapen.map { "\($0.name) (expected \($0.expected), found \($0.found))" }
    let parts = [("missing", missing), ("unused", unused), ("of another shape", shapes)]
    return parts.filter { !$0.1.isEmpty }
      .map { "\($0.1.count) \($0.0): \(list($0.1))" }
      .joined(separator: "; ")
  }
}
