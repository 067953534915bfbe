import Tensors
import Testing

@Suite("BLAS kernels")
struct BLASKernelsTests {
  @Test("the kernels in use are those of the user, or fit the processor at least as well as the library's choice")
  func choice() {
    let kernels = BLASKernels.current
    #expect(!kernels.configuration.isEmpty)
    if kernels.setByUser != nil || BLASKernels.bestForProcessor == nil {
      #expect(kernels.inUse == kernels.chosenByLibrary)
    } else {
      // What the library falls back to on a processor that it does not know.
      #expect(!["prescott", "core2", "nehalem", "sandybridge"].contains(kernels.inUse.lowercased()))
    }
  }
}
