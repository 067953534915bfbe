import TestSupport
import Testing

@testable import LayerGraph

@Suite("Profile")
struct ProfileTests {
  @Test("counts each step of a plan for its own op, also where two have one name")
  func counts() throws {
    let graph = try SampleModels.residualNetwork()
    let plan = Plan(graph, keeping: [try graph.node(at: LayerPath("layer1"))])
    let names = plan.graph.nodes.map(\.name)
    #expect(Set(names).count < names.count)
    let profile = Profile()
    try Profile.$current.withValue(profile) {
      _ = try plan.graph.run(SampleModels.pictures(1, for: graph))
    }
    #expect(!profile.byOp.isEmpty)
    for entry in profile.byOp {
      #expect(entry.count == plan.graph.nodes.count { String(describing: type(of: $0.op)) == entry.op }, "\(entry.op)")
    }
  }
}
