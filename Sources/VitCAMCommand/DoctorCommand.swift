import ArgumentParser
import VitCAM

/// Says how well this machine is used.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show the processor, the chosen kernels, library versions, threads and a measured speed.")

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    let workers = threads.workers
    let kernels = BLASKernels.current
    print("threads        \(workers.count) of \(Workers.available.count) that this process may use")
    print("vectors        \(BLASKernels.vectors)")
    print("OpenBLAS       \(kernels.configuration)")
    print("  it chose     \(kernels.chosenByLibrary)")
    print("  in use       \(kernels.inUse)")
    if let user = kernels.setByUser { print("  set by you   OPENBLAS_CORETYPE=\(user)") }
    if let advice = kernels.advice { print("  advice       \(advice)") }
    Workers.$current.withValue(workers) {
      let speed = MatrixMultiplication.measuredSpeed(rows: 197, columns: 3072, depth: 768)
      print("products       \(Int(speed)) GFLOP/s (197×768 by 768×3072, float32)")
    }
  }
}
