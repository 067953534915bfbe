/// A picture of a list: where it lies, and what the list says of it.
public struct ListedPicture: Equatable, Sendable {
  /// Its place in the whole list, from 0.
  public internal(set) var place: Int
  /// Where it lies, or what it is called.
  public let path: String
  /// What it shows, by label or number, where the list says so.
  public var label: String?
  /// What to explain, where the list says so: see ``TargetSpecification``.
  public var target: String?
  /// Why the list's entry cannot be used, where that is so.
  public var problem: String?

  /// A picture of a list.
  public init(place: Int, path: String, label: String? = nil, target: String? = nil, problem: String? = nil) {
    self.place = place
    self.path = path
    self.label = label
    self.target = target
    self.problem = problem
  }
}
