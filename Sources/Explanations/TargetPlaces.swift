import Architectures
import Images

/// Where in a segmentation a class's score is summed, as the command line writes it behind an `@`.
enum TargetPlaces: Sendable, Equatable {
  /// Where the class wins: what stands there where nothing is written.
  case won
  /// `all`: everywhere.
  case all
  /// `mask.png`: where a mask of the picture's size is white.
  case mask(Region, name: String)
  /// `120,80`: at the place that shows a pixel of the picture, by column and row.
  case pixel(column: Int, row: Int)

  /// What a text behind an `@` means.
  ///
  /// - Parameter target: the whole text, for messages.
  /// - Throws: ``TargetError`` where it means nothing, and what reading a mask throws.
  init(parsing text: Substring, of target: String) throws {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    if text == "all" {
      self = .all
    } else if numbers.count == 2, let column = numbers[0], let row = numbers[1] {
      self = .pixel(column: column, row: row)
    } else if ReadableFormat(path: String(text)) != nil {
      let name = text.split(separator: "/").last.map(String.init) ?? String(text)
      self = .mask(Region(mask: try Image(contentsOf: String(text))), name: name)
    } else {
      throw TargetError("target '\(target)': behind @ expected COLUMN,ROW, a mask's file, or all; found '\(text)'")
    }
  }

  /// The score of a class of a segmentation, summed over these places.
  ///
  /// - Parameters:
  ///   - outputs: the model's outputs for the picture.
  ///   - frame: the picture that masks and pixels are of.
  /// - Throws: ``TargetError`` where there are no such places in the picture.
  func target(ofClass index: Int, _ map: ScoreMap, outputs: [Float], in frame: PictureFrame) throws(TargetError)
    -> ScoreTarget
  {
    let places: [Int]
    switch self {
    case .won:
      places = map.places(of: index, among: map.winners(in: outputs))
      guard !places.isEmpty else {
        throw TargetError(
          "target \(index): the class wins nowhere in this picture; \(index)@all takes its scores everywhere, and "
            + "\(index)@COLUMN,ROW those at a pixel")
      }
      return .sum(ofClass: index, map, at: places, named: "")
    case .all:
      return .sum(ofClass: index, map, at: Array(0..<map.grid.count), named: " everywhere")
    case .mask(let region, let name):
      guard region.size == frame.size else {
        throw TargetError("\(name): expected a mask of the picture's size, \(frame.size), found \(region.size)")
      }
      places = frame.places(of: map.grid, in: region)
      guard !places.isEmpty else { throw TargetError("\(name): nothing that the model sees is white in it") }
      return .sum(ofClass: index, map, at: places, named: " in \(name)")
    case .pixel(let column, let row):
      guard let place = frame.place(of: map.grid, column: column, row: row) else {
        throw TargetError(
          "target \(index)@\(column),\(row): the model does not see that pixel of a picture of \(frame.size)")
      }
      return .sum(ofClass: index, map, at: [place], named: " at \(column),\(row)")
    }
  }
}

extension ScoreMap {
  /// The places that a class has won.
  func places(of index: Int, among winners: [Int?]) -> [Int] { winners.indices.filter { winners[$0] == index } }
}

extension ScoreTarget {
  /// The score of a class of a segmentation, summed over places: pytorch-grad-cam's `SemanticSegmentationTarget`.
  ///
  /// - Parameters:
  ///   - index: the class.
  ///   - map: how the scores lie in the outputs.
  ///   - places: the places, counted row by row.
  ///   - where: what follows the class's name in titles, such as ` in mask.png`.
  /// - Precondition: places of the map.
  public static func sum(
    ofClass index: Int, _ map: ScoreMap, at places: [Int], named where: String = ""
  ) -> ScoreTarget {
    let indices = places.map { map.index(ofClass: index, at: $0) }
    return ScoreTarget(
      "sum of \(index) at \(places.count) places", class: index, named: { $0(index) + `where` }
    ) { outputs in
      var gradient = [Float](repeating: 0, count: outputs.count)
      var sum = 0.0
      for index in indices where outputs.indices.contains(index) {
        gradient[index] = 1
        sum += Double(outputs[index])
      }
      return (Float(sum), gradient)
    }
  }

  /// The score of a class for a box of a dense detector.
  ///
  /// - Parameters:
  ///   - index: the class.
  ///   - boxes: how the scores lie in the outputs.
  ///   - box: which of the boxes.
  ///   - rank: its place among those that score highest for the class, counted from 1.
  public static func score(ofClass index: Int, _ boxes: ScoredBoxes, box: Int, rank: Int) -> ScoreTarget {
    let place = boxes.index(ofClass: index, box: box)
    return ScoreTarget("score of \(index) for box \(box)", class: index, named: { "\($0(index)), box \(rank)" }) {
      outputs in
      var gradient = [Float](repeating: 0, count: outputs.count)
      guard outputs.indices.contains(place) else { return (0, gradient) }
      gradient[place] = 1
      return (outputs[place], gradient)
    }
  }
}

extension ScoredBoxes {
  /// The scores of a class for the boxes that have the highest ones, best first.
  func targets(_ count: Int, ofClass index: Int, _ outputs: [Float]) -> [ScoreTarget] {
    let scores = (0..<self.count).map { outputs[self.index(ofClass: index, box: $0)] }
    return scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(count).enumerated().map { rank, box in
      .score(ofClass: index, self, box: box, rank: rank + 1)
    }
  }
}
