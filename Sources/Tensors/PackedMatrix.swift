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
    self = matrix.withScalars { matrix in
      PackedMatrix(columns: columns, depth: depth) { range, panel in
        vitcam_pack_panel(matrix.base + range.lowerBound * depth, depth, range.count, depth, panel)
        if let scales {
          let factors = scales[range] + [Float](repeating: 0, count: Self.width - range.count)
          vitcam_scale_columns(panel, Array(factors), panel, depth, Self.width)
        }
      }
    }
  }

  /// Packs the kernels of a convolution for the gradient of its input: a column for each input, whose scalars are in the
  /// order (tap, output), with the taps turned by 180°.
  ///
  /// - Parameter kernels: outputs × taps × inputs.
  public init(turning kernels: Tensor) {
    let (outputs, taps, inputs) = (kernels.shape[0], kernels.shape[1], kernels.shape[2])
    self = kernels.withScalars { kernels in
      PackedMatrix(columns: inputs, depth: taps * outputs) { range, panel in
        for tap in 0..<taps {
          vitcam_pack_rows(
            kernels.base + (taps - 1 - tap) * inputs + range.lowerBound, taps * inputs, range.count, outputs,
            panel + tap * outputs * Self.width)
        }
      }
    }
  }

  /// Packs panels, each of a range of columns, by `pack`.
  private init(
    columns: Int, depth: Int, pack: (_ columns: Range<Int>, _ panel: UnsafeMutablePointer<Float>) -> Void
  ) {
    let count = Self.panelCount(columns)
    self.columns = columns
    self.depth = depth
    panels = Tensor(unfilled: [count, depth, Self.width]) { panels in
      Workers.current.forEachRange(of: count, grain: max(1, (1 << 16) / max(1, depth * Self.width))) { range in
        for first in range.map({ $0 * Self.width }) {
          pack(first..<min(columns, first + Self.width), panels.base + first * depth)
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
