import CKernels
import COpenBLAS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which of its kernels OpenBLAS runs, put right where it does not know the processor.
///
/// An OpenBLAS older than the processor falls back to kernels of twenty years ago (`Prescott`, without AVX) and says
/// nothing; that costs a factor of four. The choice is raised, never lowered, and one made by the user in
/// `OPENBLAS_CORETYPE` is left alone.
public struct BLASKernels: Sendable {
  /// The kernels that OpenBLAS chose itself, by its name for the processor.
  public let chosenByLibrary: String
  /// The kernels that run.
  public let inUse: String
  /// What the user set in `OPENBLAS_CORETYPE`, where anything.
  public let setByUser: String?
  /// The library's version and build options.
  public let configuration: String

  /// The kernels of this process. The first use sets them, before the first multiplication.
  public static let current = BLASKernels()

  /// The best kernels for this processor by OpenBLAS's names, where it has vector instructions that matter.
  public static var bestForProcessor: String? {
    if vitcam_processor_has_avx512() { return "SkylakeX" }
    return vitcam_processor_has_avx2() ? "Haswell" : nil
  }

  /// The widest vector instructions of this processor that matter here.
  public static var vectors: String {
    if vitcam_processor_has_avx512() { return "AVX-512" }
    return vitcam_processor_has_avx2() ? "AVX2 and FMA" : "the baseline's"
  }

  /// What the user could change to be faster; nil where nothing.
  public var advice: String? {
    guard let best = Self.bestForProcessor, Self.rank(best) > Self.rank(inUse) else { return nil }
    return setByUser == nil
      ? "this OpenBLAS cannot use \(best) kernels; a newer one could be twice as fast"
      : "this processor could run \(best) kernels, about twice as fast; unset OPENBLAS_CORETYPE"
  }

  private init() {
    openblas_set_num_threads(1)
    configuration = openblas_get_config().map { String(cString: $0) } ?? "unknown"
    chosenByLibrary = Self.coreName
    setByUser = getenv("OPENBLAS_CORETYPE").map { String(cString: $0) }
    if setByUser == nil, let best = Self.bestForProcessor, Self.rank(best) > Self.rank(chosenByLibrary) {
      Self.choose(best)
    }
    inUse = Self.coreName
    Self.stopThreads()
  }

  /// Ends OpenBLAS's own threads, which nothing needs: the threads are ours. Idle, they spin for a while before they sleep,
  /// and on two cores that took up to a third of the speed of the threads that work.
  private static func stopThreads() {
    withExportedFunction("blas_thread_shutdown_") { $0() }
  }

  private static var coreName: String {
    openblas_get_corename().map { String(cString: $0) } ?? "unknown"
  }

  /// How wide the vectors of OpenBLAS's kernels are: 0 for those before AVX2, 1 with AVX2, 2 with AVX-512.
  private static func rank(_ name: String) -> Int {
    switch name.lowercased() {
    case "skylakex", "cooperlake", "sapphirerapids": 2
    case "haswell", "zen", "excavator": 1
    case "prescott", "core2", "penryn", "dunnington", "nehalem", "sandybridge", "athlon", "opteron", "opteron_sse3",
      "barcelona", "bobcat", "atom", "nano", "bulldozer", "piledriver", "steamroller":
      0
    default: 3  // A name that is not known here is newer than this table, or another family of processors.
    }
  }

  /// Makes OpenBLAS choose again. Its two functions are exported by builds for many processors, and by no header.
  private static func choose(_ name: String) {
    withExportedFunction("gotoblas_dynamic_quit") { quit in
      withExportedFunction("gotoblas_dynamic_init") { start in
        setenv("OPENBLAS_CORETYPE", name, 1)
        quit()
        start()
        unsetenv("OPENBLAS_CORETYPE")
      }
    }
  }

  /// Calls `body` with a function that OpenBLAS exports but declares in no header, where this build has it.
  private static func withExportedFunction(_ name: String, _ body: (@convention(c) () -> Void) -> Void) {
    guard let program = dlopen(nil, RTLD_NOW) else { return }
    defer { dlclose(program) }
    guard let address = dlsym(program, name) else { return }
    body(unsafeBitCast(address, to: (@convention(c) () -> Void).self))
  }
}
