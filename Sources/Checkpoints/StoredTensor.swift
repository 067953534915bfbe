import Tensors

/// A tensor as a file holds it: which bytes, how encoded, in which order. Nothing is read before ``tensor()``.
package struct StoredTensor: Sendable {
  package let elementType: ElementType
  package let shape: Shape
  /// The bytes of the storage, which other tensors may share.
  private let storage: ByteRegion
  /// Where the first element lies, in elements of the storage.
  private let offset: Int
  /// The distance between neighbours along each axis, in elements.
  private let strides: [Int]

  /// An element that broadcasting repeats (stride 0) may make a tensor larger than its storage, up to this many
  /// elements: a file of a few bytes must not ask for terabytes.
  private static let largestBroadcast = 1 << 24

  /// A view of a storage; without strides, in row-major order.
  ///
  /// - Throws: ``CheckpointError`` that names the key when an extent, stride or offset is negative, overflows, or leads
  ///   outside the storage.
  package init(
    key: String, storage: ByteRegion, elementType: ElementType, offset: Int = 0, extents: [Int], strides: [Int]? = nil
  ) throws(CheckpointError) {
    func fail(_ problem: String) -> CheckpointError {
      CheckpointError(file: storage.file, problem: "key \(key.quoted): \(problem)")
    }
    guard let contiguous = Self.contiguousStrides(of: extents) else {
      throw fail("the shape \(Self.list(extents)) is not possible")
    }
    let strides = strides ?? contiguous.strides
    guard strides.count == extents.count, strides.allSatisfy({ $0 >= 0 }), offset >= 0 else {
      throw fail("the strides \(Self.list(strides)) and offset \(offset) do not fit the shape \(Self.list(extents))")
    }
    let available = storage.count / elementType.byteCount
    if contiguous.count > 0 {
      guard let last = Self.lastElement(offset: offset, extents: extents, strides: strides), last < available else {
        throw fail(
          "the shape \(Self.list(extents)) with strides \(Self.list(strides)) from element \(offset) leads outside its "
            + "storage of \(available) elements; is the file truncated?")
      }
    }
    guard contiguous.count <= max(available, Self.largestBroadcast) else {
      throw fail("\(contiguous.count) elements are repeated from a storage of only \(available)")
    }
    self.elementType = elementType
    self.shape = Shape(extents)
    self.storage = storage
    self.offset = offset
    self.strides = strides
  }

  /// The values. Contiguous float32 that is aligned in memory is borrowed from the file; all else is converted or
  /// gathered into memory of its own.
  package func tensor() -> Tensor {
    if shape.count == 0 { return Tensor([], shape: shape) }
    guard isContiguous else { return gathered(elementType.storedScalar) }
    let size = elementType.byteCount
    guard let run = storage.subregion(at: offset * size, count: shape.count * size) else {
      preconditionFailure("a stored tensor lies in its storage, as its initialiser has checked")
    }
    if elementType == .float32, let borrowed = run.borrowedFloats() {
      return Tensor(borrowing: borrowed.floats, shape: shape, owner: borrowed.owner)
    }
    // What was copied is not needed in memory twice.
    defer { run.releasePages() }
    return elementType == .float32 ? copied(run) : converted(run, elementType.storedScalar)
  }

  /// Whether the elements follow each other in row-major order.
  private var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape.extents, strides).reversed() where extent != 1 {
      if stride != expected { return false }
      expected *= extent
    }
    return true
  }

  private func copied(_ run: ByteRegion) -> Tensor {
    Tensor(unfilled: shape) { target in
      run.withBytes { UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
    }
  }

  private func converted<Scalar: StoredScalar>(_ run: ByteRegion, _: Scalar.Type) -> Tensor {
    Tensor(unfilled: shape) { target in
      run.withBytes { bytes in
        for index in target.indices {
          target[index] = Scalar.float(in: bytes, at: index * Scalar.byteCount)
        }
      }
    }
  }

  /// The elements in row-major order, picked along the strides one innermost row at a time.
  private func gathered<Scalar: StoredScalar>(_: Scalar.Type) -> Tensor {
    let rowExtent = shape.extents.last ?? 1
    let rowStride = (strides.last ?? 1) * Scalar.byteCount
    return Tensor(unfilled: shape) { target in
      storage.withBytes { bytes in
        var indices = [Int](repeating: 0, count: max(shape.rank - 1, 0))
        for rowStart in stride(from: 0, to: target.count, by: rowExtent) {
          let first = zip(indices, strides).reduce(offset) { $0 + $1.0 * $1.1 } * Scalar.byteCount
          for column in 0..<rowExtent {
            target[rowStart + column] = Scalar.float(in: bytes, at: first + column * rowStride)
          }
          advance(&indices)
        }
      }
    }
  }

  /// Counts up the indices of all axes but the innermost, as an odometer does.
  private func advance(_ indices: inout [Int]) {
    for axis in indices.indices.reversed() {
      indices[axis] += 1
      if indices[axis] < shape.extents[axis] { return }
      indices[axis] = 0
    }
  }

  /// The row-major strides of a shape and how many elements it has, or nil when an extent is negative or the size in
  /// bytes could overflow.
  private static func contiguousStrides(of extents: [Int]) -> (strides: [Int], count: Int)? {
    guard extents.count <= 64 else { return nil }
    var strides: [Int] = []
    var product = 1  // of the extents, an empty axis counted as 1: so strides of empty shapes cannot overflow either
    for extent in extents.reversed() {
      strides.append(product)
      let (next, overflow) = product.multipliedReportingOverflow(by: max(extent, 1))
      guard extent >= 0, !overflow, next <= Int.max / 8 else { return nil }
      product = next
    }
    return (strides.reversed(), extents.contains(0) ? 0 : product)
  }

  /// The place of the last element in the storage, or nil when it overflows. Strides are not negative.
  private static func lastElement(offset: Int, extents: [Int], strides: [Int]) -> Int? {
    var last = offset
    for (extent, stride) in zip(extents, strides) {
      let (reach, tooFar) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflow) = last.addingReportingOverflow(reach)
      if tooFar || overflow { return nil }
      last = sum
    }
    return last
  }

  private static func list(_ numbers: [Int]) -> String {
    let shown = numbers.prefix(8).map(String.init).joined(separator: ", ")
    return numbers.count > 8 ? "[\(shown), …]" : "[\(shown)]"
  }
}
