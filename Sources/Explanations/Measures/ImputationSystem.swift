import Images

/// The equations (D − W) x = b of the pixels that linear imputation makes up: D is the sum of the weights of a pixel's
/// neighbours inside the picture, W those of missing neighbours, b the weighted sum of the known ones. Solved by conjugate
/// gradients (Hestenes and Stiefel 1952).
///
/// Vectors are laid out as the picture is, with at least one column of 0 beside each row and one row of 0 above and below, so
/// that every pixel has eight neighbours and rows are whole vectors of eight. Values of known pixels are 0 in all vectors.
struct ImputationSystem {
  private typealias Lanes = SIMD8<Float>
  private typealias Vector = UnsafeMutablePointer<Float>

  private let size: ImageSize
  /// The columns of a row with what is beside it.
  private let stride: Int
  /// Where the first row with a missing pixel begins, and where the last one ends.
  private let active: Range<Int>
  /// 1 where a pixel is missing, else 0.
  private let unknown: [Float]
  /// The sums of the weights of the neighbours inside the picture.
  private let diagonal: [Float]

  private static let side: Float = 1 / 6
  private static let corner: Float = 1 / 12

  init(size: ImageSize, missing: [Bool]) {
    self.size = size
    stride = (size.width + 1 + 7) / 8 * 8
    // Vectors of eight begin at whole multiples; the first row is behind one of zeros and a few more.
    let count = (size.height + 2) * stride + 16
    var unknown = [Float](repeating: 0, count: count)
    var diagonal = unknown
    var rows = 0..<0
    for row in 0..<size.height {
      let isEdge = row == 0 || row == size.height - 1
      for column in 0..<size.width {
        let place = 8 + (row + 1) * stride + column
        if missing[row * size.width + column] {
          unknown[place] = 1
          rows = (rows.isEmpty ? row : rows.lowerBound)..<row + 1
        }
        diagonal[place] = Self.weights(isEdge, column == 0 || column == size.width - 1, size)
      }
    }
    self.unknown = unknown
    self.diagonal = diagonal
    active = 8 + (rows.lowerBound + 1) * stride..<8 + (rows.upperBound + 1) * stride
  }

  /// The sum of the weights of the neighbours inside the picture: all, without a side's, without a corner's three.
  private static func weights(_ isTopOrBottom: Bool, _ isLeftOrRight: Bool, _ size: ImageSize) -> Float {
    let rows: Float = size.height == 1 ? 0 : isTopOrBottom ? 1 : 2
    let columns: Float = size.width == 1 ? 0 : isLeftOrRight ? 1 : 2
    return side * (rows + columns) + corner * rows * columns
  }

  /// Replaces the missing pixels of a plane. Where all are missing, they become 0.
  func solve(_ plane: UnsafeMutableBufferPointer<Float>) {
    guard !active.isEmpty else { return }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * unknown.count) { memory in
      memory.initialize(repeating: 0)
      let vectors = (0..<4).map { memory.base + $0 * unknown.count }
      let (x, residual, direction, product) = (vectors[0], vectors[1], vectors[2], vectors[3])
      forEachPixel { pixel, place in direction[place] = (1 - unknown[place]) * plane[pixel] }
      setRightHandSide(residual, known: direction)
      direction.update(repeating: 0, count: unknown.count)
      let mean = meanOfKnown(plane)
      forEachPixel { _, place in direction[place] = unknown[place] * mean }
      x.update(from: direction, count: unknown.count)
      solve(x, residual, direction, product)
      forEachPixel { pixel, place in if unknown[place] == 1 { plane[pixel] = x[place] } }
    }
  }

  /// Conjugate gradients from x = direction on, with the right-hand side in `residual`.
  private func solve(_ x: Vector, _ residual: Vector, _ direction: Vector, _ product: Vector) {
    let scale = dot(residual, residual)
    _ = apply(direction, product)
    var square = advance(x, residual, direction, product, step: 1, movesX: false)
    direction.update(from: residual, count: unknown.count)
    // Several times as many steps as the longest way through the picture are never needed: a guard against rounding.
    for _ in 0..<20 * size.longerSide where square > 1e-12 * scale {
      let curvature = apply(direction, product)
      guard curvature > 0 else { return }
      let next = advance(x, residual, direction, product, step: square / curvature, movesX: true)
      turn(direction, towards: residual, keeping: next / square)
      square = next
    }
  }

  // MARK: Vectors

  /// The weighted sum of the eight neighbours of eight places.
  @inline(__always)
  private func neighbours(_ x: UnsafePointer<Float>, _ place: Int) -> Lanes {
    func lanes(_ offset: Int) -> Lanes {
      UnsafeRawPointer(x + place + offset).loadUnaligned(as: Lanes.self)
    }
    let sides = lanes(-1) + lanes(1) + lanes(-stride) + lanes(stride)
    let corners = lanes(-stride - 1) + lanes(-stride + 1) + lanes(stride - 1) + lanes(stride + 1)
    return Self.side * sides + Self.corner * corners
  }

  @inline(__always)
  private func lanes(_ x: UnsafePointer<Float>, _ place: Int) -> Lanes {
    UnsafeRawPointer(x + place).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  private func store(_ value: Lanes, _ x: Vector, _ place: Int) {
    UnsafeMutableRawPointer(x + place).storeBytes(of: value, as: Lanes.self)
  }

  /// b at the missing pixels: the weighted sums of the known neighbours.
  private func setRightHandSide(_ b: Vector, known: Vector) {
    unknown.withUnsafeBufferPointer { unknown in
      for place in Swift.stride(from: active.lowerBound, to: active.upperBound, by: 8) {
        store(lanes(unknown.base, place) * neighbours(known, place), b, place)
      }
    }
  }

  /// y = (D − W) x at the missing pixels; gives x · y.
  private func apply(_ x: Vector, _ y: Vector) -> Float {
    var sum = Lanes.zero
    unknown.withUnsafeBufferPointer { unknown in
      diagonal.withUnsafeBufferPointer { diagonal in
        for place in Swift.stride(from: active.lowerBound, to: active.upperBound, by: 8) {
          let value = lanes(x, place)
          let result = lanes(unknown.base, place) * (lanes(diagonal.base, place) * value - neighbours(x, place))
          store(result, y, place)
          sum += value * result
        }
      }
    }
    return sum.sum()
  }

  /// x += step · direction and residual −= step · product; gives residual · residual.
  private func advance(
    _ x: Vector, _ residual: Vector, _ direction: Vector, _ product: Vector, step: Float, movesX: Bool
  ) -> Float {
    var sum = Lanes.zero
    for place in Swift.stride(from: active.lowerBound, to: active.upperBound, by: 8) {
      if movesX { store(lanes(x, place) + step * lanes(direction, place), x, place) }
      let rest = lanes(residual, place) - step * lanes(product, place)
      store(rest, residual, place)
      sum += rest * rest
    }
    return sum.sum()
  }

  /// direction = residual + ratio · direction.
  private func turn(_ direction: Vector, towards residual: Vector, keeping ratio: Float) {
    for place in Swift.stride(from: active.lowerBound, to: active.upperBound, by: 8) {
      store(lanes(residual, place) + ratio * lanes(direction, place), direction, place)
    }
  }

  private func dot(_ a: Vector, _ b: Vector) -> Float {
    var sum = Lanes.zero
    for place in Swift.stride(from: active.lowerBound, to: active.upperBound, by: 8) {
      sum += lanes(a, place) * lanes(b, place)
    }
    return sum.sum()
  }

  // MARK: The picture

  private func meanOfKnown(_ plane: UnsafeMutableBufferPointer<Float>) -> Float {
    var (sum, count) = (0.0, 0)
    forEachPixel { pixel, place in
      if unknown[place] == 0 {
        sum += Double(plane[pixel])
        count += 1
      }
    }
    return count > 0 ? Float(sum / Double(count)) : 0
  }

  private func forEachPixel(_ body: (_ pixel: Int, _ place: Int) -> Void) {
    for row in 0..<size.height {
      for column in 0..<size.width { body(row * size.width + column, 8 + (row + 1) * stride + column) }
    }
  }
}
