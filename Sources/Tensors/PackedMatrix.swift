import CKernels

/// The right side of products, packed ahead: panels of 32 columns, in which each step along the depth lies together.
///
/// Worth its memory where the rows of a product are few; ``RowProduct`` packs other matrices while it multiplies.
public struct PackedMatrix: Sendable {
  /// The number of columns.
  public let columns: Int
  /// The number of scalars of each column.
  public let depth: Int
  private let panels: Tensor  // [panels, depth, 32]

  /// Packs the transpose of a matrix of columns × depth, such as the weights of a linear layer.
  ///
  /// - Parameter scale: what each column is multiplied by, where anything.
  public init(transposing matrix: Tensor, scale: Tensor? = nil) {
    precondition(matrix.shape.rank == 2, "expected a matrix, found \(matrix.shape)")
    precondition(scale.map { $0.count == matrix.shape[0] } ?? true, "expected a factor for each column")
    let scales = scale?.scalars
    let (columns, depth) = (matrix.shape[0], matrix.shape[1])
    let count = Self.panelCount(columns)
    self.columns = columns
    self.depth = depth
    panels = Tensor(unfilled: [count, depth, Self.width]) { panels in
      matrix.withScalars { matrix in
        Workers.current.forEachRange(of: count, grain: max(1, (1 << 16) / max(1, depth * Self.width))) { range in
          for panel in range {
            let first = panel * Self.width
            let width = min(Self.width, columns - first)
            let place = panels.base + first * depth
            vitcam_pack_panel(matrix.base + first * depth, depth, width, depth, place)
            if let scales {
              let factors = scales[first..<first + width] + [Float](repeating: 0, count: Self.width - width)
              vitcam_scale_columns(place, Array(factors), place, depth, Self.width)
            }
          }
        }
      }
    }
  }

  /// A panel from a place of its depth on. The matrix must outlive what is read.
  func panel(_ index: Int, from first: Int = 0) -> UnsafePointer<Float> {
    panels.withScalars { $0.base + (index * depth + first) * Self.width }
  }

  /// The columns of a panel.
  static let width = Int(VITCAM_PANEL_COLUMNS)

  static func panelCount(_ columns: Int) -> Int { (columns + width - 1) / width }
}
