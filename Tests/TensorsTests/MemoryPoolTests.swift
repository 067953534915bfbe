import Testing

@testable import Tensors

@Suite("MemoryPool")
struct MemoryPoolTests {
  private let large: Shape = [1, 1 << 17]  // twice the smallest block

  @Test("lends what a tensor gave back, and nothing that one still holds")
  func reuses() {
    let pool = MemoryPool()
    let held = pool.lend { Tensor(repeating: 1, shape: large) }
    for value in 2...5 {
      let passing = pool.lend { Tensor(repeating: Float(value), shape: large) }
      #expect(passing[at: 0, 5] == Float(value))
    }
    #expect(held.scalars.allSatisfy { $0 == 1 })
    #expect(pool.allocations == 2)
  }

  @Test("lends a block to a tensor that is a little smaller, but not to one that would waste it")
  func fits() {
    let pool = MemoryPool()
    _ = pool.lend { Tensor(repeating: 1, shape: large) }
    _ = pool.lend { Tensor(repeating: 1, shape: [1, 7 << 14]) }
    #expect(pool.allocations == 1)
    _ = pool.lend { Tensor(repeating: 1, shape: [1, 9 << 13]) }
    #expect(pool.allocations == 2)
  }

  @Test("leaves small tensors and those made elsewhere alone")
  func ignores() {
    let pool = MemoryPool()
    _ = pool.lend { Tensor(repeating: 1, shape: [1, 100]) }
    _ = Tensor(repeating: 1, shape: large)
    #expect(pool.allocations == 0)
  }

  @Test("keeps no more than its limit")
  func limit() {
    let pool = MemoryPool()
    let third: Shape = [1, MemoryPool.mostFree / MemoryLayout<Float>.stride / 3 + 1]
    for _ in 0..<2 {
      // Three at once, of which two are kept.
      _ = (0..<3).map { _ in pool.lend { Tensor(unfilled: third) { $0[0] = 1 } } }
    }
    #expect(pool.allocations == 4)
  }

  @Test("is outlived by what it lent")
  func outlived() {
    let tensor = MemoryPool().lend { Tensor(repeating: 3, shape: large) }
    #expect(tensor[at: 0, 77] == 3)
  }
}
