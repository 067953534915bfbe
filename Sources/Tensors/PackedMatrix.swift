import CKernels

/// The right side of products, packed ahead: panels of 32 columns, in which each step along the depth lies together.
///
/// Worth its memory where the rows of a product are few; ``RowProduct`` packs other matrices while it multiplies.
public struct PackedMatrix: Sendable {
  /// The number of columns, and of the scalars of each.
  public let columns: Int
  public let depth: Int
  let panels: Tensor  // [panels, depth, 32]

  /// Packs the transpose of a matrix of columns × depth, such as the weights of a linear layer.
  public init(transposing matrix: Tensor) {
    precondition(matrix.shape.rank == 2, "expected a matrix, found \(matrix.shape)")
    let (columns, depth) = (matrix.shape[0], matrix.shape[1])
    let count = Self.panelCount(columns)
    self.columns = columns
    self.depth = depth
    panels = Tensor(unfilled: [count, depth, Self.width]) { panels in
      matrix.withScalars { matrix in
        Workers.current.forEachRange(of: count, grain: max(1, (1 << 16) / max(1, depth * Self.width))) { range in
          for panel in range {
            let first = panel * Self.width
            vitcam_pack_panel(
              matrix.base + first * depth, depth, min(Self.width, columns - first), depth,
              panels.base + first * depth)
          }
        }
      }
    }
  }

  /// The columns of a panel.
  static let width = Int(VITCAM_PANEL_COLUMNS)

  static func panelCount(_ columns: Int) -> Int { (columns + width - 1) / width }
}
