import Tensors

/// A map cut into windows, each an attention of its own, after a cyclic shift (Liu et al. 2021, "Swin Transformer", figures
/// 2 and 4).
public struct WindowGrid: Hashable, Sendable {
  /// The map's rows and columns.
  public let grid: Extent
  /// A window's rows and columns.
  public let window: Extent
  /// How far up and left the map is rolled before it is cut.
  public let shift: Extent
  /// Where the map is no multiple of the window, zeros are added below and on the right: before the shift, so that they
  /// roll too (torchvision), or after it (timm). Of maps that are a multiple it is false.
  public let padsFirst: Bool

  /// A map cut into windows.
  ///
  /// - Precondition: no extent of the grid or the window is zero, and the shift is smaller than the window.
  public init(grid: Extent, window: Extent, shift: Extent = Extent(0), padsFirst: Bool = false) {
    precondition(grid.height > 0 && grid.width > 0 && window.height > 0 && window.width > 0, "an empty window")
    precondition(
      (0..<window.height).contains(shift.height) && (0..<window.width).contains(shift.width),
      "a shift must be smaller than the window")
    self.grid = grid
    self.window = window
    self.shift = shift
    let isCut = grid.height % window.height != 0 || grid.width % window.width != 0
    self.padsFirst = padsFirst && isCut
  }

  private var rows: Int { (grid.height + window.height - 1) / window.height }
  private var columns: Int { (grid.width + window.width - 1) / window.width }
  /// The number of windows.
  public var count: Int { rows * columns }
  /// The number of tokens of a window.
  public var area: Int { window.height * window.width }

  // MARK: Cutting and joining

  /// H×W×C, batch first, as windows × tokens × C; both row by row. Padding is zero.
  public func cut(_ maps: Tensor) -> Tensor {
    precondition(Array(maps.shape.extents[1...2]) == [grid.height, grid.width], "no map of \(grid): \(maps.shape)")
    let channels = maps.shape[3]
    return Tensor(unfilled: [maps.batchCount, count, area, channels]) { windows in
      maps.withScalars { maps in
        forEachToken(samples: maps.count / (grid.height * grid.width * channels)) { sample, token, place in
          let target = windows.base + (sample * count * area + token) * channels
          if let place {
            target.update(from: maps.base + (sample * grid.height * grid.width + place) * channels, count: channels)
          } else {
            target.update(repeating: 0, count: channels)
          }
        }
      }
    }
  }

  /// Windows × tokens × C, batch first, as H×W×C: what ``cut(_:)`` took apart. Padding is left out.
  public func joined(_ windows: Tensor) -> Tensor {
    precondition(Array(windows.shape.extents[1...2]) == [count, area], "no windows of \(grid): \(windows.shape)")
    let channels = windows.shape[3]
    return Tensor(unfilled: [windows.batchCount, grid.height, grid.width, channels]) { maps in
      windows.withScalars { windows in
        forEachToken(samples: windows.count / (count * area * channels)) { sample, token, place in
          guard let place else { return }
          (maps.base + (sample * grid.height * grid.width + place) * channels)
            .update(from: windows.base + (sample * count * area + token) * channels, count: channels)
        }
      }
    }
  }

  /// Calls `body` on all threads with each token of the windows and the place in the map that it shows, nil for padding.
  private func forEachToken(samples: Int, _ body: (_ sample: Int, _ token: Int, _ place: Int?) -> Void) {
    let sourceRows = sources(grid.height, window: window.height, shift: shift.height)
    let sourceColumns = sources(grid.width, window: window.width, shift: shift.width)
    Workers.current.forEachRange(of: samples * count, grain: 4) { range in
      for index in range {
        let (sample, number) = (index / count, index % count)
        let top = number / columns * window.height
        let left = number % columns * window.width
        for token in 0..<area {
          let row = sourceRows[top + token / window.width]
          let column = sourceColumns[left + token % window.width]
          let place = row < 0 || column < 0 ? nil : row * grid.width + column
          body(sample, number * area + token, place)
        }
      }
    }
  }

  /// For each row (or column) of the padded and shifted map the row of the map that it shows, −1 for padding.
  private func sources(_ size: Int, window: Int, shift: Int) -> [Int] {
    let padded = (size + window - 1) / window * window
    return (0..<padded).map { index in
      if padsFirst {
        let source = (index + shift) % padded
        return source < size ? source : -1
      }
      return index < size ? (index + shift) % size : -1
    }
  }

  // MARK: Masks

  /// For each window the part of the picture that each of its tokens comes from: tokens that only the shift has made
  /// neighbours have different numbers. Nil for windows of one part.
  var parts: [[Float]?] {
    let rowParts = parts(rows * window.height, window: window.height, shift: shift.height)
    let columnParts = parts(columns * window.width, window: window.width, shift: shift.width)
    return (0..<count).map { number in
      let top = number / columns * window.height
      let left = number % columns * window.width
      let parts = (0..<area).map { token in
        rowParts[top + token / window.width] * 3 + columnParts[left + token % window.width]
      }
      return parts.allSatisfy { $0 == parts[0] } ? nil : parts
    }
  }

  private func parts(_ padded: Int, window: Int, shift: Int) -> [Float] {
    (0..<padded).map { shift == 0 || $0 < padded - window ? 0 : $0 < padded - shift ? 1 : 2 }
  }
}
