/// How far a slow method has come, for people who wait for it.
public struct Progress: Sendable {
  /// The method's name.
  public let method: String
  /// How many runs are done.
  public let done: Int
  /// How many runs there will be before the method goes on to something else, such as the next picture.
  public let count: Int
}

/// What is told of the progress of slow methods, on the thread that explains.
public typealias ProgressReport = @Sendable (Progress) -> Void
