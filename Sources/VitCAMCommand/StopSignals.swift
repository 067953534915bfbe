import Dispatch
import Synchronization
import VitCAM

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Ctrl-C (SIGINT) and SIGTERM ask long work to end; a second one ends the process at once.
final class StopSignals {
  /// Which one it was; 0 where there was none.
  private final class Received: Sendable {
    let number = Atomic<Int32>(0)
  }

  /// The request that they make.
  let request = StopRequest()
  private let received = Received()
  private let sources: [any DispatchSourceSignal]

  /// The exit status that tells which signal it was, as shells have it: 130 or 143; nil where there was none.
  var exitStatus: Int32? {
    let number = received.number.load(ordering: .acquiring)
    return number == 0 ? nil : 128 + number
  }

  init() {
    sources = [SIGINT, SIGTERM].map { [request, received] signal in
      ignore(signal)
      let source = DispatchSource.makeSignalSource(signal: signal, queue: .global(qos: .userInteractive))
      source.setEventHandler {
        if request.isMade { _exit(128 + signal) }
        received.number.store(signal, ordering: .releasing)
        request.make()
      }
      source.resume()
      return source
    }
  }
}

/// Keeps a signal from ending the process, so that a dispatch source sees it.
private func ignore(_ number: Int32) {
  signal(number, SIG_IGN)
}
