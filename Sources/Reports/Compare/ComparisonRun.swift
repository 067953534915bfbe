import Architectures
import Explanations
import Images
import Tensors

/// Explains the same pictures with several models, one after the other, so that memory is that of the largest.
public struct ComparisonRun: Sendable {
  private let options: ComparisonOptions
  private let folder: String

  /// A run whose pictures, page and numbers go to a folder.
  public init(_ options: ComparisonOptions, into folder: String) {
    self.options = options
    self.folder = folder
  }

  /// Compares models on pictures and writes `index.html`, `report.json`, `contact-sheet.png` and `maps/`.
  ///
  /// What cannot be read or explained is told in the report's failures, and the rest is compared.
  ///
  /// - Parameters:
  ///   - pictures: paths of pictures, folders, patterns or lists, see ``PictureList``.
  ///   - progress: told before each picture of each model: what is done of how many, and what is next.
  /// - Throws: what went wrong first, where there is nothing to compare; `FileError` or ``UsageError`` where the folder
  ///   cannot be written to or the list not be read.
  @discardableResult
  public func run(
    of pictures: [String], progress: (_ done: Int, _ count: Int, _ next: String) -> Void = { _, _, _ in }
  ) throws -> Comparison {
    var writer = try MapWriter(into: folder, colorMap: options.colorMap)
    var comparison = Comparison()
    comparison.colorMap = options.colorMap
    comparison.keepsSigns = options.keepsSigns
    var firstFailure: (any Error)?
    var paths = [String]()
    for listed in try PictureList(pictures, excluding: folder).pictures() where !paths.contains(listed.path) {
      do {
        if let problem = listed.problem { throw UsageError(problem) }
        comparison.pictures.append(try picture(listed.path))
        paths.append(listed.path)
      } catch {
        firstFailure = firstFailure ?? error
        comparison.failures.append("\(error)")
      }
    }
    for (place, choice) in options.models.enumerated() where !paths.isEmpty {
      do {
        progress(place * paths.count, options.models.count * paths.count, "loading \(choice.name)")
        let model = try ModelComparison(choice, options)
        comparison.models.append(model.described)
        for method in model.methodNames where !comparison.methods.contains(method) { comparison.methods.append(method) }
        for (index, path) in paths.enumerated() {
          progress(place * paths.count + index, options.models.count * paths.count, "\(choice.name), \(path)")
          do {
            let found = try model.explained(path, number: index + 1, &writer)
            comparison.pictures[index].predictions[choice.name] = found.predictions
            for map in found.maps { comparison.add(map.map, picture: path, target: map.target) }
          } catch {
            firstFailure = firstFailure ?? error
            comparison.failures.append("\(choice.name): \(error)")
          }
        }
      } catch {
        firstFailure = firstFailure ?? error
        comparison.failures.append("\(choice.name): \(error)")
      }
    }
    guard !comparison.cases.isEmpty else { throw firstFailure ?? UsageError("expected pictures to compare models on") }
    comparison.sortCases(by: paths)
    comparison.methods = options.methodOrder(comparison.methods)
    comparison.summarize(measures: options.measures)
    try write(comparison, into: writer.folder)
    return comparison
  }

  private func picture(_ path: String) throws -> ComparedPicture {
    let image = try Image(contentsOf: path)
    // Means and deviations for another number of channels do not matter here.
    let window = (try? options.prepare(Preprocessing(size: image.size), image))?.window
    return ComparedPicture(picture: path, size: [image.height, image.width], view: image.view(through: window))
  }

  private func write(_ comparison: Comparison, into folder: String) throws {
    let sheet = try ContactSheet(comparison).image.encoded(as: .png)
    try AtomicFile.write(sheet, to: "\(folder)/contact-sheet.png")
    try AtomicFile.write(JSONLine.indented(comparison), to: "\(folder)/report.json")
    try AtomicFile.write(Array(ComparisonPage(comparison).html().utf8), to: "\(folder)/index.html")
  }
}

extension Comparison {
  /// Puts a map where it belongs.
  fileprivate mutating func add(_ map: ComparedMap, picture: String, target: String) {
    let place = cases.firstIndex { $0.picture == picture && $0.target == target } ?? cases.count
    if place == cases.count { cases.append(ComparedCase(picture: picture, target: target)) }
    cases[place].maps.append(map)
  }

  /// Brings cases that a later model found first to their pictures.
  fileprivate mutating func sortCases(by paths: [String]) {
    cases = paths.flatMap { path in cases.filter { $0.picture == path } }
  }
}

extension ComparisonOptions {
  /// Methods in the order in which they were asked for; those behind `all` in that of the list of methods.
  fileprivate func methodOrder(_ found: [String]) -> [String] {
    let known = ExplanationMethods.all.map(\.title)
    guard methods.contains(where: { ["all", "quick"].contains($0) }) else { return found }
    return known.filter(found.contains) + found.filter { !known.contains($0) }
  }

  /// The measures of maps, in the order of tables.
  var measures: [MeasureDescription] {
    var result = [MeasureDescription]()
    if truth != nil {
      result += [PointingGame.inside, MaskEnergy.description, RelevanceRank.description, BoxOverlap.description]
    }
    if steps > 0 {
      result += [Insertion.description, Deletion.description].map {
        MeasureDescription($0.name, better: $0.better, "\($0.variant), \(steps) steps")
      }
    }
    return result
  }
}
