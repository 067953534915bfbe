import Dispatch
import Synchronization
import Tensors

/// Work on a sequence by several threads, which is delivered in the sequence's order.
///
/// Items are prepared ahead of the work on threads of their own: pictures are decoded while others are explained. No more
/// than a fixed number of items is anywhere between, so memory does not grow with the sequence. Each worker computes on
/// one thread: many items at once keep all threads busier than many threads on one item, and what a worker computes does
/// not depend on how many there are.
final class OrderedPipeline<Item: Sendable, Prepared: Sendable, Output: Sendable>: Sendable {
  private struct Source {
    var count = 0
    var isAtEnd = false
  }

  private struct Sink {
    var next = 0
    var waiting = [Int: Output]()
  }

  private let stop: StopRequest
  private let next: @Sendable () throws -> Item?
  private let prepare: @Sendable (Item) throws -> Prepared
  private let work: @Sendable (Prepared) throws -> Output
  private let deliver: @Sendable (Output) throws -> Void

  private let source = Mutex(Source())
  private let ready = Handover<(number: Int, prepared: Prepared)>()
  private let sink = Mutex(Sink())
  private let failure = Mutex<(any Error)?>(nil)
  /// One for each item that may be under way.
  private let slots = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - stop: ends the work: what is prepared but not begun is dropped, what is begun is delivered if all before it is.
  ///   - next: the next item; nil at the end. Never called twice at once.
  ///   - prepare: what is done ahead.
  ///   - work: what takes long.
  ///   - deliver: takes the results, in order. Never called twice at once.
  init(
    stop: StopRequest, next: @escaping @Sendable () throws -> Item?,
    prepare: @escaping @Sendable (Item) throws -> Prepared, work: @escaping @Sendable (Prepared) throws -> Output,
    deliver: @escaping @Sendable (Output) throws -> Void
  ) {
    self.stop = stop
    self.next = next
    self.prepare = prepare
    self.work = work
    self.deliver = deliver
  }

  /// Runs until the sequence ends, a stop is asked for, or something throws; then nothing is under way any more.
  ///
  /// - Parameter workers: how many items are worked on at once, and how many prepared at once.
  /// - Throws: what was thrown first.
  func run(workers: Int) throws {
    for _ in 0..<2 * workers + 1 { slots.signal() }
    // A serial queue of its own is a thread of its own, whatever the number of processors.
    let (preparing, working) = (DispatchGroup(), DispatchGroup())
    for _ in 0..<workers {
      DispatchQueue(label: "vitcam.prepare").async(group: preparing) { self.prepareAll() }
      DispatchQueue(label: "vitcam.work").async(group: working) {
        Workers.$current.withValue(Workers(count: 1)) { self.workOnAll() }
      }
    }
    preparing.wait()
    for _ in 0..<workers { ready.put(nil) }
    working.wait()
    if let error = failure.withLock({ $0 }) { throw error }
  }

  private var isEnding: Bool { stop.isMade || failure.withLock { $0 != nil } }

  private func prepareAll() {
    while true {
      slots.wait()
      do {
        guard let (number, item) = try pull() else { break }
        ready.put((number, try prepare(item)))
      } catch {
        fail(error)
        break
      }
    }
    // Wakes the next one that waits, which then comes to the same end.
    slots.signal()
  }

  private func pull() throws -> (number: Int, item: Item)? {
    try source.withLock { source in
      guard !source.isAtEnd, !isEnding, let item = try next() else {
        source.isAtEnd = true
        return nil
      }
      source.count += 1
      return (source.count - 1, item)
    }
  }

  private func workOnAll() {
    while let (number, prepared) = ready.take() {
      if isEnding {
        slots.signal()
        continue
      }
      do {
        try finish(number, try work(prepared))
      } catch {
        fail(error)
        slots.signal()
      }
    }
  }

  /// Delivers an output, and those that waited for it.
  private func finish(_ number: Int, _ output: Output) throws {
    try sink.withLock { sink in
      sink.waiting[number] = output
      while let output = sink.waiting.removeValue(forKey: sink.next) {
        try deliver(output)
        sink.next += 1
        slots.signal()
      }
    }
  }

  private func fail(_ error: any Error) {
    failure.withLock { $0 = $0 ?? error }
  }
}

/// Elements that some threads put and others take, first in, first out.
private final class Handover<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element?]>([])
  private let available = DispatchSemaphore(value: 0)

  /// Puts an element; nil ends the work of one taker.
  func put(_ element: Element?) {
    elements.withLock { $0.append(element) }
    available.signal()
  }

  /// Takes the next element, and waits for it.
  func take() -> Element? {
    available.wait()
    return elements.withLock { $0.removeFirst() }
  }
}
