import Explanations
import LayerGraph
import Tensors
import Testing

// The peak is the process's, so that tests which run meanwhile can only raise it.
@Suite struct CostTests {
  @Test("The peak holds what was there for a moment, in bytes")
  func memory() throws {
    let size = 96 << 20
    let (sum, cost) = Cost.measured {
      // Written to and read again, so that every page is there.
      let large = [Float](repeating: 0.5, count: size / 4)
      return stride(from: 0, to: large.count, by: 4096).reduce(Float(0)) { $0 + large[$1] }
    }
    #expect(sum == Float(size / 4 / 4096) / 2)
    #if os(Linux)
      let peak = try #require(cost.peakMemory)
      #expect(peak > size && peak < 1 << 40)
    #endif
  }

  @Test("Time is that of the body, and runs are those it started")
  func timeAndRuns() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    let picture = DemonstrationModel.pictures(1)
    let before = ContinuousClock.now
    let (_, cost) = try Cost.measured {
      try Explainer(model).explain(picture, methods: [GradCAM()]) { _, _ in [.logit(0), .logit(1)] }
    }
    #expect(cost.duration > .zero && cost.duration <= ContinuousClock.now - before)
    #expect(cost.runs.forward == 1 && cost.runs.backward == 2 && cost.runs.tail == 0)
  }
}
