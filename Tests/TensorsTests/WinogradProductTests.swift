import TestSupport
import Testing

@testable import Tensors

@Suite("WinogradProduct")
struct WinogradProductTests {
  /// Kernels outputs × 9 × inputs, packed.
  private func product(_ kernels: Tensor, bias: Tensor? = nil, finish: RowProduct.Finish = .none) -> WinogradProduct {
    let matrices = WinogradProduct.transformed(kernels).map { PackedMatrix(transposing: $0) }
    return WinogradProduct(kernels: matrices, bias: bias, finish: finish)
  }

  @Test("counts a kernel's taps on a map of ones, zeros around it")
  func literals() {
    let kernel = Tensor([1, 2, 4, 8, 16, 32, 64, 128, 256], shape: [1, 9, 1])
    let ones = Tensor(repeating: 1, shape: [1, 3, 3, 1])
    let found = product(kernel, bias: Tensor([0.5], shape: [1]))(ones, top: 1, left: 1, height: 3, width: 3)
    #expect(found.shape == [1, 3, 3, 1])
    #expect(found.scalars == [432.5, 504.5, 216.5, 438.5, 511.5, 219.5, 54.5, 63.5, 27.5])
    let inner = product(kernel)(ones, top: 0, left: 0, height: 1, width: 1)
    #expect(inner.scalars == [511])
  }

  @Test("transforms a kernel to sixteen matrices, G g Gᵀ")
  func transformsKernels() {
    let matrices = WinogradProduct.transformed(Tensor([1, 2, 4, 8, 16, 32, 64, 128, 256], shape: [1, 9, 1]))
    #expect(matrices.map(\.shape) == [Shape](repeating: [1, 1], count: 16))
    #expect(
      matrices.map { $0.scalars[0] } == [
        1, 3.5, 1.5, 4, 36.5, 127.75, 54.75, 146, 28.5, 99.75, 42.75, 114, 64, 224, 96, 256,
      ])
  }

  /// The cross-correlation in double precision, bias and addend added.
  private func reference(
    _ x: Tensor, _ kernels: Tensor, top: Int, left: Int, height: Int, width: Int, bias: Tensor, addend: Tensor
  ) -> Tensor {
    let (outputs, inputs) = (kernels.shape[0], kernels.shape[2])
    let (xs, ws, biases, addends) = (x.scalars, kernels.scalars, bias.scalars, addend.scalars)
    return Tensor(unfilled: [x.shape[0], height, width, outputs]) { out in
      for index in 0..<out.count {
        let (place, output) = (index / outputs, index % outputs)
        let (map, row, column) = (place / (height * width), place / width % height, place % width)
        var sum = Double(biases[output]) + Double(addends[index])
        for tap in 0..<9 {
          let (y, x1) = (row - top + tap / 3, column - left + tap % 3)
          guard (0..<x.shape[1]).contains(y), (0..<x.shape[2]).contains(x1) else { continue }
          let first = ((map * x.shape[1] + y) * x.shape[2] + x1) * inputs
          for input in 0..<inputs {
            sum += Double(xs[first + input]) * Double(ws[(output * 9 + tap) * inputs + input])
          }
        }
        out[index] = Float(sum)
      }
    }
  }

  @Test(
    "is the convolution by its definition, as near as a product of rows is",
    arguments: [
      [1, 1, 1, 1, 1], [2, 5, 7, 3, 5], [1, 8, 8, 70, 33], [3, 2, 9, 16, 64], [1, 30, 31, 64, 40],
      [1, 12, 12, 300, 32],
    ], [1, 3])
  func agrees(size: [Int], workers: Int) {
    let x = Tensor.random([size[0], size[1], size[2], size[3]], seed: 1)
    let kernels = Tensor.random([size[4], 9, size[3]], seed: 2)
    let bias = Tensor.random([size[4]], seed: 3)
    let (height, width) = (size[1] + 1, size[2])
    let addend = Tensor.random([size[0], height, width, size[4]], seed: 4)
    let expected = reference(
      x, kernels, top: 2, left: 1, height: height, width: width, bias: bias, addend: addend)
    Workers.$current.withValue(Workers(count: workers)) {
      func convolved(_ finish: RowProduct.Finish) -> Tensor {
        product(kernels, bias: bias, finish: finish)(
          x, top: 2, left: 1, height: height, width: width, addend: addend)
      }
      let sums = convolved(.none)
      expectClose(sums, expected, tolerance: .relative(3e-6))
      #expect(convolved(.clamped(-0.5...2)).scalars == sums.scalars.map { min(max($0, -0.5), 2) })
      let doubled = convolved(.mapped { x, y, count in for i in 0..<count { y[i] = 2 * x[i] } })
      #expect(doubled.scalars == sums.scalars.map { 2 * $0 })
    }
  }

  @Test("keeps what is not a number")
  func keepsNaN() {
    let kernel = Tensor(repeating: 1, shape: [1, 9, 1])
    let map = Tensor([.nan, 0, 0, 0, 0, 0, 0, 0, 0], shape: [1, 3, 3, 1])
    let found = product(kernel, finish: .clamped(0...6))(map, top: 1, left: 1, height: 3, width: 3)
    #expect(found.scalars[0].isNaN)
  }
}
