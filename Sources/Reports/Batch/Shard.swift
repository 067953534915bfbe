/// One of several equal parts of a list, for one of several machines: `2/8` is the third of eight, as a job array of Slurm
/// numbers them from 0.
public struct Shard: Equatable, Sendable, CustomStringConvertible {
  /// Its number, from 0.
  public let index: Int
  /// How many there are.
  public let count: Int

  /// The whole list.
  public static let whole = Shard(index: 0, count: 1)

  private init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  /// A shard from its text, `INDEX/COUNT`.
  ///
  /// - Throws: ``UsageError`` where it is not of that form, or the index is not below the count.
  public init(parsing text: String) throws(UsageError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], index >= 0, (1...1_000_000).contains(count)
    else {
      throw UsageError("shard '\(text)': expected INDEX/COUNT, such as 0/4")
    }
    guard index < count else {
      throw UsageError("shard '\(text)': shards are counted from 0; the last of \(count) is \(count - 1)/\(count)")
    }
    self.init(index: index, count: count)
  }

  /// All shards of a list.
  static func all(of count: Int) -> [Shard] { (0..<count).map { Shard(index: $0, count: count) } }

  /// Its places in a list: whole batches, because what is computed together gives the same bits only together.
  func places(of pictures: Int, batchSize: Int) -> Range<Int> {
    let batches = (pictures + batchSize - 1) / batchSize
    func start(_ index: Int) -> Int { min(pictures, batches * index / count * batchSize) }
    return start(index)..<start(index + 1)
  }

  /// `2/8`.
  public var description: String { "\(index)/\(count)" }

  /// Its part of a file's name: `2-of-8`.
  var fileName: String { "\(index)-of-\(count)" }
}
