import Synchronization

/// Neighbours in a list that go through the model together.
struct PictureBlock: Sendable {
  let pictures: [ListedPicture]
  /// The files of those that an earlier run has done, by place.
  let recorded: [Int: [RecordedFile]]
}

/// The blocks of a shard, in order, with what earlier runs recorded of them. It reads lists and records as it goes, and
/// holds one block.
final class PictureBlocks {
  private let list: PictureList.Reader
  private let places: Range<Int>
  private let batchSize: Int
  /// The results of earlier runs, newest first.
  private let records: [RecordedLines]

  init(_ list: PictureList, places: Range<Int>, batchSize: Int, earlier attempts: [String]) throws {
    self.list = list.reader()
    self.places = places
    self.batchSize = batchSize
    records = try attempts.reversed().map { try RecordedLines("\($0)/results.jsonl") }
  }

  /// The next block; nil behind the last.
  ///
  /// - Throws: `FileError` or ``UsageError`` where the list or a record cannot be read.
  func next() throws -> PictureBlock? {
    var pictures = [ListedPicture]()
    while pictures.count < batchSize, let picture = try list.next(), picture.place < places.upperBound {
      if picture.place >= places.lowerBound { pictures.append(picture) }
    }
    guard !pictures.isEmpty else { return nil }
    var recorded = [Int: [RecordedFile]]()
    for picture in pictures {
      for record in records {
        guard let line = try record.line(at: picture.place), recorded[picture.place] == nil else { continue }
        recorded[picture.place] = line.files
      }
    }
    return PictureBlock(pictures: pictures, recorded: recorded)
  }
}

/// A block whose pictures are decoded.
struct LoadedBlock: Sendable {
  /// A picture that could not be loaded, and why.
  typealias Failure = (picture: ListedPicture, reason: String)

  /// Those that were loaded. All that can be, or none: what is computed together gives the same bits only together.
  let pictures: [LoadedPicture]
  /// The places of those that an earlier run has done: no results are wanted of them.
  let done: Set<Int>
  let failures: [Failure]

  /// Decodes what has to be explained, and then, if there is anything, the rest.
  init(_ block: PictureBlock, folder: String, by explainer: BatchExplainer) {
    var loaded = [LoadedPicture]()
    var failures = [Failure]()
    func load(_ pictures: [ListedPicture]) {
      for picture in pictures {
        do {
          if let problem = picture.problem { throw UsageError(problem) }
          loaded.append(try explainer.load(picture, .file(picture.path)))
        } catch {
          failures.append((picture, "\(error)"))
        }
      }
    }
    let isDone = Dictionary(
      uniqueKeysWithValues: block.recorded.map { place, files in
        (place, files.allSatisfy { $0.isVerified(in: folder) })
      })
    let (finished, wanted) = (
      block.pictures.filter { isDone[$0.place] == true }, block.pictures.filter { isDone[$0.place] != true }
    )
    done = Set(finished.map(\.place))
    load(wanted)
    self.failures = failures
    if !loaded.isEmpty { load(finished) }
    pictures = loaded.sorted { $0.listed.place < $1.listed.place }
  }
}
