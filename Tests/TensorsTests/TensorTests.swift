import TestSupport
import Tensors
import Testing

@Suite("Tensor")
struct TensorTests {
  @Test("a copy keeps its values when the original is written to")
  func copyOnWrite() {
    var original = Tensor([1, 2, 3, 4], shape: [2, 2])
    let copy = original
    original.withMutableScalars { $0[0] = 9 }
    #expect(copy.scalars == [1, 2, 3, 4])
    #expect(original.scalars == [9, 2, 3, 4])
  }

  @Test("a tensor that shares its memory with nobody is written in place")
  func writesInPlace() {
    var tensor = Tensor(repeating: 1, shape: [4])
    let before = tensor.withScalars { $0.baseAddress }
    tensor.withMutableScalars { $0[2] = 5 }
    #expect(tensor.withScalars { $0.baseAddress } == before)
    #expect(tensor.scalars == [1, 1, 5, 1])
  }

  /// Memory that a tensor borrows.
  private final class Owner: Sendable {
    let values: [Float]
    init(_ values: [Float]) { self.values = values }
  }

  @Test("borrowed memory is read in place, kept alive, and copied before it is written")
  func borrowing() {
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 4)
    defer { memory.deallocate() }
    _ = memory.update(fromContentsOf: [1, 2, 3, 4])
    weak var weakOwner: Owner?
    do {
      let owner = Owner([])
      weakOwner = owner
      var tensor = Tensor(borrowing: UnsafeBufferPointer(memory), shape: [2, 2], owner: owner)
      #expect(tensor.withScalars { $0.baseAddress } == UnsafePointer(memory.baseAddress))
      let slice = tensor.samples(1..<2)
      tensor.withMutableScalars { $0[3] = 9 }
      #expect(tensor.scalars == [1, 2, 3, 9])
      #expect(slice.scalars == [3, 4])
      #expect(weakOwner != nil)
    }
    #expect(Array(memory) == [1, 2, 3, 4])
    #expect(weakOwner == nil)
  }

  @Test("samples share memory, keep their values, and can be written to alone")
  func slices() {
    let batch = Tensor((0..<12).map(Float.init), shape: [3, 2, 2])
    var middle = batch[1]
    #expect(middle.shape == [2, 2])
    #expect(middle.withScalars { $0.baseAddress } == batch.withScalars { $0.baseAddress.map { $0 + 4 } })
    middle.withMutableScalars { $0[0] = -1 }
    #expect(middle.scalars == [-1, 5, 6, 7])
    #expect(batch.scalars == (0..<12).map(Float.init))
    #expect(batch.samples(1..<3).samples(1..<2).scalars == [8, 9, 10, 11])
    #expect(batch.samples(2..<2).shape == [0, 2, 2])
  }

  @Test("a reshaped tensor has the same scalars, and is another value")
  func reshaped() {
    let tensor = Tensor((0..<6).map(Float.init), shape: [2, 3])
    var other = tensor.reshaped(to: [3, 2])
    #expect(other[at: 2, 0] == 4)
    other.withMutableScalars { $0[4] = 7 }
    #expect(tensor[at: 1, 1] == 4)
  }

  @Test("an index names one scalar in row-major order")
  func indexing() {
    let tensor = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])
    #expect(tensor[at: 1, 2, 3] == 23)
    #expect(tensor[at: 1, 0, 2] == 14)
  }
}
