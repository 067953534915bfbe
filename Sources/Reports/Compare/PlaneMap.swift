import Explanations
import Images
import Tensors

/// A heatmap in the geometry of the original picture, reduced: where models with other input sizes and crops have maps of
/// the same pixels.
struct PlaneMap: Sendable {
  /// The longer side of a plane; pictures that are smaller keep their size.
  static let longerSide = 224

  /// The size of the plane, which shows the whole picture.
  let size: ImageSize
  /// The rows that the model saw.
  let rows: Range<Int>
  /// The columns that the model saw.
  let columns: Range<Int>
  /// The map there, from 0 to 1, or from −1 to 1 where it has signs: rows × columns.
  let values: Tensor
  /// Whether it has signs.
  let isSigned: Bool

  /// Brings a heatmap back to its picture.
  ///
  /// - Parameters:
  ///   - heatmap: H×W at the model's resolution.
  ///   - visible: what the model saw of the picture, in the picture's pixels.
  ///   - picture: the picture's size.
  init(_ heatmap: Tensor, isSigned: Bool = false, visible: Rectangle, of picture: ImageSize) {
    self.isSigned = isSigned
    size = Self.plane(of: picture)
    let (x, y) = (Double(size.width) / Double(picture.width), Double(size.height) / Double(picture.height))
    let part = Rectangle(
      left: visible.left * x, top: visible.top * y, width: visible.width * x, height: visible.height * y)
    rows = part.rows(of: size)
    columns = part.columns(of: size)
    values = Self.cut(heatmap.laid(over: size, covering: part, isSigned: isSigned), rows, columns)
  }

  /// The size of the plane of a picture.
  static func plane(of picture: ImageSize) -> ImageSize {
    let factor = min(1, Double(longerSide) / Double(picture.longerSide))
    return ImageSize(
      height: max(1, Int((Double(picture.height) * factor).rounded())),
      width: max(1, Int((Double(picture.width) * factor).rounded())))
  }

  /// How far it agrees with the map of another model, where both saw the picture; nil where there is no such place.
  func agreement(with other: PlaneMap) -> Agreement? {
    let (common, across) = (rows.clamped(to: other.rows), columns.clamped(to: other.columns))
    guard size == other.size, !common.isEmpty, !across.isEmpty else { return nil }
    return Agreement(part(common, across), other.part(common, across))
  }

  /// What the model saw, in pixels of the plane.
  var rectangle: Rectangle {
    Rectangle(
      left: Double(columns.lowerBound), top: Double(rows.lowerBound), width: Double(columns.count),
      height: Double(rows.count))
  }

  /// A gray picture of the values: 0, or −1 where they have signs, is black, 1 is white.
  var picture: Image {
    Image(
      size: ImageSize(height: rows.count, width: columns.count), channels: 1,
      samples: .bytes(
        values.scalars.map { UInt8(max(0, min(1, isSigned ? ($0 + 1) / 2 : $0)) * 255 + 0.5) }))
  }

  private func part(_ rows: Range<Int>, _ columns: Range<Int>) -> Tensor {
    let (top, left) = (self.rows.lowerBound, self.columns.lowerBound)
    return Self.cut(
      values, rows.lowerBound - top..<rows.upperBound - top, columns.lowerBound - left..<columns.upperBound - left)
  }

  private static func cut(_ map: Tensor, _ rows: Range<Int>, _ columns: Range<Int>) -> Tensor {
    let width = map.shape[1]
    return map.withScalars { values in
      Tensor(
        rows.flatMap { row in columns.map { values[row * width + $0] } }, shape: [rows.count, columns.count])
    }
  }
}
