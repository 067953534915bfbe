import CKernels
import TestSupport
import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Kernels")
struct KernelTests {
  /// Values from −10 to 10 in steps of a ten thousandth.
  private static let line = (-100_000...100_000).map { Float($0) / 10_000 }

  private func map(_ x: [Float], _ kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void) -> [Float]
  {
    Tensor(x, shape: [x.count]).mapped(by: kernel).scalars
  }

  private func largestError(_ found: [Float], _ x: [Float], _ exact: (Double) -> Double) -> Double {
    zip(found, x).reduce(0) { max($0, abs(Double($1.0) - exact(Double($1.1)))) }
  }

  @Test("GELU is x Φ(x) to half a millionth, by the error function in double precision")
  func gelu() {
    let found = map(Self.line) { vitcam_gelu($0, $1, $2) }
    #expect(largestError(found, Self.line) { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) } < 5e-7)
  }

  @Test("GELU's slope is Φ(x) + x φ(x) to half a millionth")
  func geluSlope() {
    let ones = [Float](repeating: 1, count: Self.line.count)
    let found = map(Self.line) { vitcam_gelu_backward($0, ones, $1, $2) }
    let error = largestError(found, Self.line) {
      0.5 * (1 + erf($0 / 2.0.squareRoot())) + $0 * exp(-0.5 * $0 * $0) / (2 * Double.pi).squareRoot()
    }
    #expect(error < 5e-7)
  }

  @Test("GELU vanishes far below zero and is x far above")
  func geluFarOut() {
    let found = map([-20, -100, -1e10, -.greatestFiniteMagnitude, 20, 1e10, .infinity]) { vitcam_gelu($0, $1, $2) }
    #expect(found[..<4].allSatisfy { abs($0) < 1e-30 })
    #expect(Array(found[4...]) == [20, 1e10, .infinity])
  }

  @Test("sigmoid is 1 / (1 + exp(−x)) to a millionth, and ends at 0 and 1")
  func sigmoid() {
    let found = map(Self.line) { vitcam_sigmoid($0, $1, $2) }
    #expect(largestError(found, Self.line) { 1 / (1 + exp(-$0)) } < 1e-6)
    let ends = map([-1000, -.infinity, 1000, .infinity]) { vitcam_sigmoid($0, $1, $2) }
    #expect(ends[0] < 1e-30 && ends[1] < 1e-30 && ends[2] == 1 && ends[3] == 1)
  }

  @Test("the exponential inside softmax is right over its whole range")
  func exponential() {
    // softmax of (0, x) is exp(x) / (1 + exp(x)).
    for x in stride(from: Float(-86), through: 0, by: 0.37) {
      let pair = Tensor(unfilled: [2]) { vitcam_softmax([0, x], $0.base, 1, 2) }.scalars
      let exact = exp(Double(x)) / (1 + exp(Double(x)))
      #expect(abs(Double(pair[1]) - exact) <= 1e-6 * exact)
    }
  }

  @Test("softmax of large values does not overflow, and that of a vanishing share is zero or next to it")
  func softmaxLargeValues() {
    let y = Tensor(unfilled: [2, 3]) { vitcam_softmax([1e30, 1e30, -1e30, 3e38, -3e38, -.infinity], $0.base, 2, 3) }
    #expect(y.scalars[0] == 0.5 && y.scalars[1] == 0.5 && y.scalars[2] < 1e-30)
    #expect(y.scalars[3] == 1 && y.scalars[4] < 1e-30 && y.scalars[5] < 1e-30)
  }

  @Test("a NaN stays one in every activation, wherever it stands among the lanes of a vector")
  func notANumber() {
    let ones = [Float](repeating: 1, count: 67)
    let kernels: [(String, (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void)] = [
      ("gelu", { vitcam_gelu($0, $1, $2) }),
      ("gelu backward", { vitcam_gelu_backward($0, ones, $1, $2) }),
      ("relu", { vitcam_relu($0, $1, $2) }),
      ("sigmoid", { vitcam_sigmoid($0, $1, $2) }),
    ]
    for place in 0..<67 {
      var x = ones
      x[place] = .nan
      for (name, kernel) in kernels {
        let y = map(x, kernel)
        #expect(y.indices.allSatisfy { y[$0].isNaN == ($0 == place) }, "\(name) at \(place)")
      }
    }
  }

  @Test("a NaN or an infinite value spoils its whole row of a softmax, and no other row")
  func softmaxNotANumber() {
    for spoiler in [Float.nan, .infinity] {
      for place in 0..<67 {
        var x = [Float](repeating: 1, count: 2 * 67)
        x[place] = spoiler
        let y = Tensor(unfilled: [2, 67]) { vitcam_softmax(x, $0.base, 2, 67) }.scalars
        #expect(y[place].isNaN)
        #expect(spoiler.isInfinite || y[..<67].allSatisfy { $0.isNaN })
        #expect(y[67...].allSatisfy { $0.isFinite })
      }
    }
  }

  @Test("the running maximum keeps NaN from either side, for every stride", arguments: [1, 2, 3])
  func raising(stride: Int) {
    let x = (0..<60).map { $0 % 7 == 0 ? Float.nan : Float($0 * 37 % 11) }
    let before = (0..<20).map { $0 % 5 == 0 ? Float.nan : Float($0 % 6) }
    let found = Tensor(unfilled: [20]) {
      _ = $0.update(fromContentsOf: before)
      vitcam_raise($0.base, x, stride, 20)
    }.scalars
    let expected = before.indices.map { index in
      before[index].isNaN || x[index * stride].isNaN ? Float.nan : max(before[index], x[index * stride])
    }
    expectClose(found, expected, tolerance: .exact)
  }

  @Test("sums and dot products are right for every length")
  func sums() {
    for count in 0..<70 {
      let x = (0..<count).map { Float($0) }
      #expect(vitcam_sum(x, count) == Float(count * (count - 1) / 2))
      #expect(vitcam_dot(x, x, count) == x.reduce(0) { $0 + $1 * $1 })
    }
  }
}
