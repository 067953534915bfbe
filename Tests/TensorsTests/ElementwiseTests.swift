import TestSupport
import Tensors
import Testing

@Suite("Element by element")
struct ElementwiseTests {
  let a = Tensor([1, -2, 3, 0.5], shape: [2, 2])
  let b = Tensor([4, 5, -6, 2], shape: [2, 2])

  @Test("sums, products, factors and rectification are what arithmetic says")
  func arithmetic() {
    #expect((a + b).scalars == [5, 3, -3, 2.5])
    #expect((a * b).scalars == [4, -10, -18, 1])
    #expect((a * -2).scalars == [-2, 4, -6, -1])
    #expect(a.relu().scalars == [1, 0, 3, 0.5])
  }

  @Test("adding in place changes one value, not its copies")
  func inPlace() {
    var sum = a
    sum += b
    #expect(sum.scalars == [5, 3, -3, 2.5])
    #expect(a.scalars == [1, -2, 3, 0.5])
    sum += sum
    #expect(sum.scalars == [10, 6, -6, 5])
  }

  @Test("large tensors give the same on one thread and on several")
  func threads() {
    let (x, y) = (Tensor.random([3, 40_001], seed: 1), Tensor.random([3, 40_001], seed: 2))
    let compute = { (x + y) * (x * 0.5) }
    let single = Workers.$current.withValue(Workers(count: 1), operation: compute)
    let several = Workers.$current.withValue(Workers(count: 3), operation: compute)
    #expect(single.scalars == several.scalars)
    #expect(single.scalars == zip(x.scalars, y.scalars).map { ($0 + $1) * ($0 * 0.5) })
  }

  @Test("a batch of one is repeated, and summing a batch takes that back")
  func broadcast() {
    let sample = Tensor([1, 2, 3], shape: [1, 3])
    let batch = sample.broadcast(toBatch: 3)
    #expect(batch.shape == [3, 3])
    #expect(batch.scalars == [1, 2, 3, 1, 2, 3, 1, 2, 3])
    #expect(batch.broadcast(toBatch: 5).shape == [3, 3])
    #expect(batch.summedOverBatch().shape == [1, 3])
    #expect(batch.summedOverBatch().scalars == [3, 6, 9])
    #expect(batch.scalars == [1, 2, 3, 1, 2, 3, 1, 2, 3])
  }

  @Test("an empty tensor goes through every operation")
  func empty() {
    let empty = Tensor(repeating: 0, shape: [0, 4])
    #expect((empty + empty).shape == [0, 4])
    #expect(empty.relu().scalars.isEmpty)
  }
}
