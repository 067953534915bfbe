/// A request that cannot be carried out as it stands: options that do not go together, or a path that is taken.
public struct UsageError: Error, Equatable, CustomStringConvertible {
  /// One line: what, what was expected and what was found.
  public let description: String

  /// An error of one line.
  public init(_ description: String) {
    self.description = description
  }
}
