import Tensors
import Testing

@Suite("Shape")
struct ShapeTests {
  @Test("counts scalars, one without axes and none where an extent is zero")
  func count() {
    #expect(Shape([2, 3, 4]).count == 24)
    #expect(Shape([]).count == 1)
    #expect(Shape([3, 0]).count == 0)
  }

  @Test("reads an axis from either end")
  func axes() {
    let shape: Shape = [2, 3, 4]
    #expect(shape.rank == 3)
    #expect(shape[0] == 2 && shape[2] == 4)
    #expect(shape[-1] == 4 && shape[-3] == 2)
  }

  @Test("takes a batch axis off and puts one on")
  func batch() {
    #expect(Shape([8, 3, 4]).perSample == [3, 4])
    #expect(Shape([3, 4]).batched(8) == [8, 3, 4])
    #expect(Shape([]).batched(1) == [1])
  }

  @Test("is described by its extents")
  func description() {
    #expect(Shape([3, 224, 224]).description == "3×224×224")
    #expect(Shape([]).description == "scalar")
  }
}
