import CKernels

/// out = finish(W ∗ x + bias + addend) for kernels of 3×3 that move by one place: Winograd's minimal filtering
/// F(2×2, 3×3), with 16 multiplications for 4 results in place of 36 (Lavin and Gray 2016, Fast Algorithms for Convolutional
/// Neural Networks). Maps have their channels last, B×H×W×C.
///
/// A tile of 4×4 places is transformed to 16 rows, one for each of as many products; tiles count the rows of each.
public struct WinogradProduct {
  /// The 16 right sides of the products.
  private let kernels: [PackedMatrix]
  private let bias: Tensor
  private let finish: RowProduct.Finish

  /// A product with kernels that ``transformed(_:)`` has given and that were packed; `bias` has a scalar for each output.
  public init(kernels: [PackedMatrix], bias: Tensor?, finish: RowProduct.Finish = .none) {
    precondition(kernels.count == Self.placeCount, "expected \(Self.placeCount) matrices")
    self.kernels = kernels
    self.bias = bias ?? Tensor(repeating: 0, shape: [kernels[0].columns])
    self.finish = finish
  }

  /// The 16 matrices, outputs × inputs, for kernels outputs × 9 × inputs.
  public static func transformed(_ kernels: Tensor) -> [Tensor] {
    let (outputs, inputs) = (kernels.shape[0], kernels.shape[2])
    let matrices = Tensor(unfilled: [placeCount, outputs, inputs]) { matrices in
      kernels.withScalars { kernels in
        Workers.current.forEachRange(of: outputs, grain: max(1, (1 << 12) / max(1, inputs))) { range in
          for output in range {
            vitcam_winograd_kernel(
              kernels.base + output * 9 * inputs, inputs, matrices.base + output * inputs, outputs * inputs)
          }
        }
      }
    }
    return (0..<placeCount).map { matrices.samples($0..<$0 + 1).reshaped(to: [outputs, inputs]) }
  }

  /// Convolves maps.
  ///
  /// - Parameters:
  ///   - maps: B×H×W×C.
  ///   - top, left: the zeros before the first row and column; those behind the last ones follow from the result's size.
  ///   - height, width: the size of the result's maps.
  ///   - addend: what is added to the sums, of the result's shape.
  /// - Returns: B×height×width×outputs.
  public func callAsFunction(
    _ maps: Tensor, top: Int, left: Int, height: Int, width: Int, addend: Tensor? = nil
  ) -> Tensor {
    precondition(maps.shape[3] == inputs, "expected \(inputs) channels, found \(maps.shape)")
    var grid = VitcamWinogradGrid()
    (grid.height, grid.width, grid.channels) = (maps.shape[1], maps.shape[2], inputs)
    (grid.padding_top, grid.padding_left) = (top, left)
    (grid.output_height, grid.output_width, grid.outputs) = (height, width, outputs)
    let parts = parts(tiles: maps.shape[0] * vitcam_winograd_tile_count(&grid))
    let mostTiles = parts.map(\.rows.count).max() ?? 0
    let rows = Self.placeCount * placeStride(mostTiles * inputs)
    let sums = Self.placeCount * placeStride(mostTiles * PackedMatrix.width)
    return Tensor(unfilled: [maps.shape[0], height, width, outputs]) { out in
      maps.withScalars { x in
        bias.withScalars { bias in
          let target = Target(out: out.base, bias: bias.base)
          func computeAll(addend: UnsafePointer<Float>?) {
            Workers.current.forEach(parts.count, scratch: rows + sums) { index, scratch in
              compute(parts[index], of: grid, x.base, addend: addend, into: target, rows: scratch, sums: scratch + rows)
            }
          }
          if let addend { addend.withScalars { computeAll(addend: $0.base) } } else { computeAll(addend: nil) }
        }
      }
      if case .mapped = finish {
        Workers.current.forEachRange(of: out.count, grain: 1 << 14) {
          finish.apply(to: out.base + $0.lowerBound, count: $0.count)
        }
      }
    }
  }

  /// The scalars of a transformed tile, and the number of products.
  public static let placeCount = Int(VITCAM_WINOGRAD_PLACES)

  private var outputs: Int { kernels[0].columns }
  private var inputs: Int { kernels[0].depth }

  /// How far apart the scalars of two places are, `count` for each. Counts are often whole pages of memory; places as far
  /// apart as that would displace each other in the cache.
  private func placeStride(_ count: Int) -> Int { count + 16 }

  // MARK: Parts

  /// Cuts the product, whose rows are the tiles, so that a part's transformed tiles fit the second-level cache, and that
  /// there are enough parts for all threads. Where there are too few tiles for that, parts that differ in their panels
  /// transform the same ones, which costs little.
  private func parts(tiles: Int) -> [ProductPart] {
    let scalarsInCache = 1 << 17
    let panels = PackedMatrix.panelCount(outputs)
    let block = PanelProduct.rowsOfBlock
    let wanted = ProductPart.wanted
    let mostTiles = max(block, scalarsInCache / (Self.placeCount * max(1, inputs)) / block * block)
    let tileParts = min(max((tiles + mostTiles - 1) / mostTiles, wanted), (tiles + block - 1) / block)
    let panelParts = min(panels, max(1, wanted / max(1, tileParts)))
    return ProductPart.grid(rows: tiles, in: tileParts, panels: panels, in: panelParts)
  }

  /// Where results go.
  private struct Target {
    let out: UnsafeMutablePointer<Float>
    let bias: UnsafePointer<Float>
  }

  private func compute(
    _ part: ProductPart, of grid: VitcamWinogradGrid, _ x: UnsafePointer<Float>, addend: UnsafePointer<Float>?,
    into target: Target, rows: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>
  ) {
    let width = PackedMatrix.width
    let (first, count) = (part.rows.lowerBound, part.rows.count)
    let rowsOfPlace = placeStride(count * inputs)
    var grid = grid
    vitcam_winograd_tiles(&grid, x, first, count, rows, rowsOfPlace)
    var result = VitcamWinogradSums()
    result.sums = UnsafePointer(sums)
    result.place_stride = placeStride(count * width)
    result.addend = addend
    result.bias = target.bias
    let bounds = finish.bounds ?? -.infinity ... .infinity
    (result.lowest, result.highest) = (bounds.lowerBound, bounds.upperBound)
    for panel in part.panels {
      for (place, matrix) in kernels.enumerated() {
        multiply(rows + place * rowsOfPlace, count, by: matrix, panel, into: sums + place * result.place_stride)
      }
      result.column = panel * width
      result.columns = min(width, outputs - result.column)
      vitcam_winograd_results(&grid, &result, first, count, target.out)
    }
  }

  /// Multiplies the rows of one place by a panel.
  private func multiply(
    _ rows: UnsafePointer<Float>, _ count: Int, by matrix: PackedMatrix, _ panel: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    let width = PackedMatrix.width
    sums.update(repeating: 0, count: count * width)
    for piece in PanelProduct.pieces(of: inputs) {
      let product = PanelProduct(
        panel: matrix.panel(panel, from: piece.lowerBound), depth: piece.count, columns: width)
      product(rows + piece.lowerBound, rows: count, rowStride: inputs, into: sums, outStride: width)
    }
  }
}
