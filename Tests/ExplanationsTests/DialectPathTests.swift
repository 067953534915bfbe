import Architectures
import LayerGraph
import Testing

/// Layers under the names that other libraries and the papers' repositories give them.
@Suite("Layer names of other dialects")
struct DialectPathTests {
  @Test("The PVT repository's names lead to timm's layers")
  func pyramid() throws {
    let graph = try ParityCase("pvt_v2_b0_192x256").model().graph
    let pairs: [(LayerPath, LayerPath)] = [
      ("norm4", "stages[-1].norm"), ("block4[-1].norm1", "stages[-1].blocks[-1].norm1"),
      ("block3[0].attn.sr", "stages[2].blocks[0].attn.sr"), ("patch_embed1", "patch_embed"),
      ("patch_embed3.norm", "stages[2].downsample.norm"),
      ("block2[1].mlp.dwconv.dwconv", "stages[1].blocks[1].mlp.dwconv"),
    ]
    for (theirs, ours) in pairs { #expect(try graph.node(at: theirs) == graph.node(at: ours), "\(theirs)") }
  }

  @Test("torchvision's names of a Swin lead to timm's layers")
  func swin() throws {
    let graph = try ParityCase("torchvision_swin_t").model().graph
    let pairs: [(LayerPath, LayerPath)] = [
      ("features[-1][-1].norm1", "layers[-1].blocks[-1].norm1"), ("features[0]", "patch_embed"),
      ("features[2].reduction", "layers[1].downsample.reduction"), ("features[5]", "layers[2].blocks"),
      ("features[3][1].mlp[3]", "layers[1].blocks[1].mlp.fc2"),
      ("features[3][1].attn.qkv", "layers[1].blocks[1].attn.qkv"),
    ]
    for (theirs, ours) in pairs { #expect(try graph.node(at: theirs) == graph.node(at: ours), "\(theirs)") }
    let joined = try graph.node(at: "features[1][0].attn")
    #expect(graph.nodes[joined].shape == [56, 56, 96])
  }

  @Test("The Swin repository counts mergings from 0")
  func swinRepository() throws {
    let graph = try ParityCase("swin_tiny_patch4_window7_224_repository").model().graph
    #expect(try graph.node(at: "layers[0].downsample.norm") == graph.node(at: "layers[1].downsample.norm"))
  }
}
