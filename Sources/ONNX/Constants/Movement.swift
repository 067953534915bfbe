import LayerGraph

/// Where each element of a result comes from, for operators that only move or repeat elements: tables of row-major numbers,
/// which serve constants and what is computed alike.
enum Movement {
  /// How many elements a table may have.
  static let largestTable = 1 << 28

  /// Row-major strides.
  static func strides(of extents: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: extents.count)
    for axis in extents.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * extents[axis + 1] }
    return strides
  }

  /// The number of elements of a shape.
  ///
  /// - Throws: ``ShapeError`` where it is not possible or no table holds them.
  static func count(of extents: [Int]) throws -> Int {
    guard let count = ONNXTensor.count(of: extents), count <= largestTable else {
      throw ShapeError("a shape of \(extents.prefix(8)) is not possible")
    }
    return count
  }

  /// A table whose entry is a sum with a term for each axis, by its index; a negative term makes it −1.
  static func table(_ extents: [Int], axes: [[Int]]) -> [Int] {
    var table = [0]
    for terms in axes {
      var next = [Int]()
      next.reserveCapacity(table.count * terms.count)
      for start in table {
        for term in terms { next.append(start < 0 || term < 0 ? -1 : start + term) }
      }
      table = next
    }
    return table
  }

  /// Along each axis of a source the indices that are taken.
  ///
  /// - Throws: ``ShapeError`` where the result is too large.
  static func picking(_ indices: [[Int]], from extents: [Int]) throws -> (extents: [Int], table: [Int]) {
    let strides = strides(of: extents)
    let result = indices.map(\.count)
    _ = try count(of: result)
    let terms = indices.enumerated().map { axis, list in list.map { $0 < 0 ? -1 : $0 * strides[axis] } }
    return (result, table(result, axes: terms))
  }

  /// The axes in another order.
  static func permuting(_ extents: [Int], _ axes: [Int]) -> (extents: [Int], table: [Int]) {
    let strides = strides(of: extents)
    let result = axes.map { extents[$0] }
    return (result, table(result, axes: axes.map { axis in (0..<extents[axis]).map { $0 * strides[axis] } }))
  }

  /// Repeated along axes of extent 1, and along new ones in front.
  ///
  /// - Throws: ``ShapeError`` where the shapes do not agree.
  static func expanding(_ extents: [Int], to wanted: [Int]) throws -> [Int] {
    guard wanted.count >= extents.count else { throw ShapeError("\(extents) cannot be repeated to \(wanted)") }
    _ = try count(of: wanted)
    let source = [Int](repeating: 1, count: wanted.count - extents.count) + extents
    guard zip(source, wanted).allSatisfy({ $0 == $1 || $0 == 1 }) else {
      throw ShapeError("\(extents) cannot be repeated to \(wanted)")
    }
    let strides = strides(of: source)
    return table(
      wanted,
      axes: wanted.indices.map { axis in
        source[axis] == wanted[axis]
          ? (0..<wanted[axis]).map { $0 * strides[axis] } : [Int](repeating: 0, count: wanted[axis])
      })
  }

  /// The shape that two shapes have in common as NumPy repeats them.
  ///
  /// - Throws: ``ShapeError`` where they do not agree.
  static func common(_ a: [Int], _ b: [Int]) throws -> [Int] {
    let rank = max(a.count, b.count)
    let left = [Int](repeating: 1, count: rank - a.count) + a
    let right = [Int](repeating: 1, count: rank - b.count) + b
    return try zip(left, right).map { left, right in
      guard left == right || left == 1 || right == 1 else { throw ShapeError("\(a) and \(b) do not agree") }
      return left == 1 ? right : left
    }
  }

  /// The common shape of two arrays, and where the elements of each come from.
  static func broadcast(_ a: [Int], _ b: [Int]) throws -> (extents: [Int], left: [Int], right: [Int]) {
    let result = try common(a, b)
    return (result, try expanding(a, to: result), try expanding(b, to: result))
  }
}
