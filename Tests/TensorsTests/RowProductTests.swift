import CKernels
import TestSupport
import Testing

@testable import Tensors

@Suite("RowProduct")
struct RowProductTests {
  /// Σ_k x[r][k] w[c][k] in double precision.
  private func reference(_ x: Tensor, _ w: Tensor, bias: Tensor, addend: Tensor?) -> Tensor {
    let (rows, columns, depth) = (x.shape[0], w.shape[0], x.shape[1])
    let (xs, ws, biases, addends) = (x.scalars, w.scalars, bias.scalars, addend?.scalars)
    return Tensor(unfilled: [rows, columns]) { out in
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = Double(biases[column]) + Double(addends?[row * columns + column] ?? 0)
          for k in 0..<depth { sum += Double(xs[row * depth + k]) * Double(ws[column * depth + k]) }
          out[row * columns + column] = Float(sum)
        }
      }
    }
  }

  private func product(
    _ x: Tensor, _ weights: RowProduct.Weights, bias: Tensor, addend: Tensor?, finish: RowProduct.Finish, columns: Int
  ) -> Tensor {
    Tensor(unfilled: [x.shape[0], columns]) { out in
      x.withScalars { scalars in
        let product = RowProduct(weights: weights, bias: bias, finish: finish)
        let rows = MatrixRows(scalars.base, stride: x.shape[1])
        if let addend {
          addend.withScalars { product(rows, rows: x.shape[0], addend: $0.base, into: out.base) }
        } else {
          product(rows, rows: x.shape[0], into: out.base)
        }
      }
    }
  }

  @Test(
    "is x Wᵀ + b + a for every way that weights are given",
    arguments: [
      (1, 1, 1), (2, 31, 5), (13, 32, 16), (14, 33, 255), (15, 64, 256), (29, 70, 257), (460, 300, 600), (20, 40, 1024),
    ],
    [1, 3])
  func agrees(size: (rows: Int, columns: Int, depth: Int), workers: Int) {
    let x = Tensor.random([size.rows, size.depth], seed: 1)
    let w = Tensor.random([size.columns, size.depth], seed: 2)
    let bias = Tensor.random([size.columns], seed: 3)
    let addend = Tensor.random([size.rows, size.columns], seed: 4)
    let expected = reference(x, w, bias: bias, addend: addend)
    Workers.$current.withValue(Workers(count: workers)) {
      let packed = PackedMatrix(transposing: w)
      let turned = w.permuted([1, 0])
      for form in 0..<3 {
        let found = w.withScalars { w in
          turned.withScalars { turned in
            let matrix =
              form == 0
              ? MatrixOperand(w.base, stride: size.depth).transposed : MatrixOperand(turned.base, stride: size.columns)
            let weights: RowProduct.Weights =
              form == 2 ? .packed(packed) : .matrix(matrix, columns: size.columns, depth: size.depth)
            return product(x, weights, bias: bias, addend: addend, finish: .none, columns: size.columns)
          }
        }
        expectClose(found, expected, tolerance: .relative(3e-6))
      }
    }
  }

  @Test("finishes each sum once, after everything was added")
  func finishes() {
    let x = Tensor.random([37, 300], seed: 1)
    let w = Tensor.random([45, 300], seed: 2)
    let bias = Tensor.random([45], seed: 3)
    let addend = Tensor.random([37, 45], seed: 4)
    let packed = RowProduct.Weights.packed(PackedMatrix(transposing: w))
    let sums = product(x, packed, bias: bias, addend: addend, finish: .none, columns: 45)
    let clamped = product(x, packed, bias: bias, addend: addend, finish: .clamped(-0.5...2), columns: 45)
    #expect(clamped.scalars == sums.scalars.map { min(max($0, -0.5), 2) })
    let gelu = product(x, packed, bias: bias, addend: addend, finish: .mapped { vitcam_gelu($0, $1, $2) }, columns: 45)
    expectClose(gelu, sums.mapped { vitcam_gelu($0, $1, $2) }, tolerance: .relative(1e-6))
  }

  @Test("multiplies rows where they lie, unless they start whole pages of memory apart")
  func readsInPlace() throws {
    let x = Tensor.random([4, 1024], seed: 1)
    x.withScalars { scalars in
      let near = MatrixRows(scalars.base, stride: 768)
      #expect(near.memory?.base == scalars.base && near.memory?.stride == 768)
      #expect(MatrixRows(scalars.base, stride: 1024).memory == nil)
    }
  }

  @Test("keeps what is not a number where it bounds the sums")
  func keepsNaN() {
    let x = Tensor([.nan, 1], shape: [2, 1])
    let weights = RowProduct.Weights.packed(PackedMatrix(transposing: Tensor([1, -1], shape: [2, 1])))
    let found = product(x, weights, bias: Tensor([0, 0], shape: [2]), addend: nil, finish: .clamped(0...6), columns: 2)
    #expect(found.scalars[0].isNaN && found.scalars[1].isNaN)
    #expect(found.scalars[2...] == [1, 0])
  }
}
