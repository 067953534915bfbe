import Images
import LayerGraph
import Tensors

extension FeatureLayout {
  /// The layout of features that lie at some places of the picture; nil where they are no map of it.
  ///
  /// A map has a grid: so many rows and columns, each place of which stands at one index of the axes that are not channels.
  ///
  /// - Parameters:
  ///   - places: where one sample's scalars lie.
  ///   - shape: the shape of one sample.
  init?(_ places: Places, shape: Shape) {
    // A gate of whole maps is a map of one place.
    if shape.rank == 3, shape[1] == 1, shape[2] == 1 {
      self = .channelsFirst
      return
    }
    guard !places.isNone, shape.rank > 0 else { return nil }
    // Channels of patches that were merged lie at several places, which have one in the middle.
    let readings = [places, places.middle(over: shape.rank - 1), places.middle(over: 0)]
    guard let layout = readings.lazy.compactMap({ PlaceGrid($0, shape: shape)?.layout }).first else { return nil }
    self = layout
  }
}

/// The places of a layer in the order of its axes, and the grid that they are on.
private struct PlaceGrid {
  let shape: Shape
  /// The axis of the channels.
  private let channels: Int
  /// For each index of the placed axes, row-major, the number of its place in the grid, row by row; −1 for none.
  private let numbers: [Int]
  private let grid: ImageSize

  init?(_ places: Places, shape: Shape) {
    let constant = shape.extents.indices.filter { places.isConstant(along: $0) }
    // Of several axes without places all but one must have a single index.
    let candidates = constant.filter { shape[$0] > 1 }
    guard candidates.count <= 1, let channels = candidates.first ?? constant.last else { return nil }
    let placed = Shape(shape.extents.indices.map { $0 == channels ? 1 : shape[$0] })
    let (rows, columns) = places.expanded(to: placed)
    let (y, x) = (rows.scalars, columns.scalars)
    guard let rowNumbers = Self.numbers(of: y), let columnNumbers = Self.numbers(of: x),
      rowNumbers.count * columnNumbers.count > 1
    else { return nil }
    var seen = [Bool](repeating: false, count: rowNumbers.count * columnNumbers.count)
    var numbers = [Int]()
    for (row, column) in zip(y, x) {
      guard row > 0, column > 0, let rowNumber = rowNumbers[row], let columnNumber = columnNumbers[column] else {
        numbers.append(-1)
        continue
      }
      let number = rowNumber * columnNumbers.count + columnNumber
      guard !seen[number] else { return nil }
      seen[number] = true
      numbers.append(number)
    }
    guard seen.allSatisfy({ $0 }) else { return nil }
    self.shape = shape
    self.channels = channels
    self.numbers = numbers
    grid = ImageSize(height: rowNumbers.count, width: columnNumbers.count)
  }

  /// The distinct coordinates by their order; nil where there are none, or far more than a grid has.
  private static func numbers(of coordinates: [Float]) -> [Float: Int]? {
    let distinct = Set(coordinates).subtracting([0]).sorted()
    guard !distinct.isEmpty, distinct.count <= 4096 else { return nil }
    return Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
  }

  var layout: FeatureLayout? {
    let isRowByRow = numbers == Array(0..<grid.count)
    if shape.rank == 3, isRowByRow {
      if channels == 0, shape[1] == grid.height, shape[2] == grid.width { return .channelsFirst }
      if channels == 2, shape[0] == grid.height, shape[1] == grid.width { return .channelsLast }
    }
    if shape.rank == 2, channels == 1 {
      let leading = numbers.prefix { $0 < 0 }.count
      if numbers.dropFirst(leading).elementsEqual(0..<grid.count) { return .tokens(leading: leading, grid: grid) }
    }
    if shape.rank == 3, channels == 2, let windows = windows { return .windows(windows) }
    return .arranged(PlaceArrangement(channelAxis: channels, grid: grid, indices: indices))
  }

  /// For each place of the grid its index in the placed axes.
  private var indices: [Int] {
    var indices = [Int](repeating: 0, count: grid.count)
    for (index, number) in numbers.enumerated() where number >= 0 { indices[number] = index }
    return indices
  }

  /// The windows that give these places, if some do: of the width that the first window's places have.
  private var windows: WindowGrid? {
    let (count, area) = (shape[0], shape[1])
    let map = Tensor((1...grid.count).map(Float.init), shape: [1, grid.height, grid.width, 1])
    for width in 1...area where area % width == 0 {
      let window = Extent(height: area / width, width: width)
      guard let first = numbers.first(where: { $0 >= 0 }) else { return nil }
      let shift = Extent(height: first / grid.width, width: first % grid.width)
      guard shift.height < window.height, shift.width < window.width else { continue }
      for padsFirst in [false, true] {
        let windows = WindowGrid(
          grid: Extent(height: grid.height, width: grid.width), window: window, shift: shift, padsFirst: padsFirst)
        guard windows.count == count else { continue }
        if windows.cut(map).scalars.elementsEqual(numbers.map { Float($0 + 1) }) { return windows }
      }
    }
    return nil
  }
}

/// Where the places of a grid are in features of any order of axes.
public struct PlaceArrangement: Hashable, Sendable {
  /// The axis of one sample that counts channels.
  public let channelAxis: Int
  /// The rows and columns of the grid.
  public let grid: ImageSize
  /// For each place of the grid, row by row, its row-major index in the other axes.
  public let indices: [Int]

  /// The features of a batch as B×C×H×W.
  public func maps(of features: Tensor) -> Tensor {
    let rank = features.shape.rank
    let order = [0, channelAxis + 1] + (1..<rank).filter { $0 != channelAxis + 1 }
    let moved = features.permuted(order)
    let (batch, channels) = (features.shape[0], features.shape[channelAxis + 1])
    let places = moved.count / max(1, batch * channels)
    return Tensor(unfilled: [batch, channels, grid.height, grid.width]) { maps in
      moved.withScalars { source in
        for plane in 0..<batch * channels {
          for (number, index) in indices.enumerated() {
            maps[plane * indices.count + number] = source[plane * places + index]
          }
        }
      }
    }
  }
}
