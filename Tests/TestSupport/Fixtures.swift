/// The reference numbers in `Tests/Fixtures`.
public enum Fixtures {
  /// The path of a fixture, given its path within `Tests/Fixtures`.
  public static func path(_ name: String) -> String {
    let file = #filePath  // .../Tests/TestSupport/Fixtures.swift
    let tests = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    return "\(tests)/Fixtures/\(name)"
  }
}
