import Synchronization
import Tensors
import Testing

@Suite("Workers")
struct WorkersTests {
  private func visits(of count: Int, by visit: ((Int) -> Void) -> Void) -> [Int] {
    let visits = Mutex([Int](repeating: 0, count: count))
    visit { index in visits.withLock { $0[index] += 1 } }
    return visits.withLock { $0 }
  }

  @Test("each index is visited once", arguments: [1, 2, 7], [0, 1, 2, 1000])
  func indices(workers: Int, count: Int) {
    let visits = visits(of: count) { Workers(count: workers).forEach(count, $0) }
    #expect(visits.allSatisfy { $0 == 1 })
  }

  @Test("ranges cover each index once and are no smaller than asked for", arguments: [1, 2, 7], [0, 1, 99, 1000])
  func ranges(workers: Int, count: Int) {
    let visits = visits(of: count) { visit in
      Workers(count: workers).forEachRange(of: count, grain: 10) { range in
        #expect(range.count >= min(10, count))
        range.forEach(visit)
      }
    }
    #expect(visits.allSatisfy { $0 == 1 })
  }

  @Test("there is always a thread to work on")
  func atLeastOne() {
    #expect(Workers(count: 0).count == 1)
    #expect(Workers(count: -3).count == 1)
    #expect(Workers.available.count >= 1)
  }

  @Test("a scope sets the threads of what runs inside it")
  func scope() {
    Workers.$current.withValue(Workers(count: 3)) { #expect(Workers.current.count == 3) }
    #expect(Workers.current.count == Workers.available.count)
  }
}
