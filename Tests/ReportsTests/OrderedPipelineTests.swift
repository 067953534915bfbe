import Synchronization
import Tensors
import Testing

@testable import Reports

/// Work by several threads, in order.
@Suite struct OrderedPipelineTests {
  private struct Failure: Error, Equatable {
    let step: String
  }

  /// Counts up to a number, and how many items are under way.
  private final class Counter: Sendable {
    private let state: Mutex<(next: Int, underWay: Int, most: Int)>
    private let end: Int

    init(to end: Int) {
      state = Mutex((0, 0, 0))
      self.end = end
    }

    var most: Int { state.withLock { $0.most } }
    var taken: Int { state.withLock { $0.next } }

    func next() -> Int? {
      state.withLock { state in
        guard state.next < end else { return nil }
        state.next += 1
        state.underWay += 1
        state.most = max(state.most, state.underWay)
        return state.next - 1
      }
    }

    func finish() { state.withLock { $0.underWay -= 1 } }
  }

  /// Work that takes longer for some items than for others.
  private static func spin(_ item: Int) {
    var x: UInt64 = 1
    for _ in 0..<(item % 7) * 20_000 { x = x &* 6_364_136_223_846_793_005 &+ 1 }
    #expect(x != 0)
  }

  @Test("Results come in order, on one thread each, and no more than a few items are under way", arguments: [1, 3, 8])
  func order(workers: Int) throws {
    let counter = Counter(to: 200)
    let delivered = Mutex([Int]())
    let pipeline = OrderedPipeline(
      stop: StopRequest(), next: { counter.next() }, prepare: { $0 * 2 },
      work: { (doubled: Int) in
        Self.spin(doubled)
        #expect(Workers.current.count == 1)
        return doubled + 1
      },
      deliver: { result in
        counter.finish()
        delivered.withLock { $0.append(result) }
      })
    try pipeline.run(workers: workers)
    #expect(delivered.withLock { $0 } == (0..<200).map { 2 * $0 + 1 })
    #expect(counter.most <= 2 * workers + 1)
  }

  @Test("What throws ends the work, whichever step it is", arguments: ["next", "prepare", "work", "deliver"])
  func failure(step: String) throws {
    let counter = Counter(to: 100_000)
    let delivered = Mutex([Int]())
    @Sendable func tried(_ name: String, _ item: Int) throws -> Int {
      if name == step, item == 30 { throw Failure(step: name) }
      return item
    }
    let pipeline = OrderedPipeline(
      stop: StopRequest(), next: { try counter.next().map { try tried("next", $0) } },
      prepare: { try tried("prepare", $0) }, work: { try tried("work", $0) },
      deliver: { item in
        _ = try tried("deliver", item); delivered.withLock { $0.append(item) }
      })
    #expect(throws: Failure(step: step)) { try pipeline.run(workers: 3) }
    let found = delivered.withLock { $0 }
    #expect(found == Array(0..<found.count) && found.count <= 30)
    #expect(counter.taken < 100)
  }

  @Test("A stop ends the work soon; what was delivered has no gap")
  func stop() throws {
    let (counter, stop) = (Counter(to: 1_000_000), StopRequest())
    let delivered = Mutex([Int]())
    let pipeline = OrderedPipeline(
      stop: stop, next: { counter.next() }, prepare: { $0 }, work: { $0 },
      deliver: { item in
        if item == 50 { stop.make() }
        delivered.withLock { $0.append(item) }
      })
    try pipeline.run(workers: 4)
    let found = delivered.withLock { $0 }
    #expect(found == Array(0..<found.count) && found.count > 50)
    #expect(counter.taken < 100)
  }

  @Test("No items are no work")
  func nothing() throws {
    let pipeline = OrderedPipeline(
      stop: StopRequest(), next: { Int?.none }, prepare: { $0 }, work: { $0 }, deliver: { _ in })
    try pipeline.run(workers: 2)
  }
}
