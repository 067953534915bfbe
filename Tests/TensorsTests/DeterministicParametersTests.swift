import Tensors
import TestSupport
import Testing

@Suite("Deterministic parameters")
struct DeterministicParametersTests {
  // oracle.py: value(name, shape).ravel(): the first three, the last, and the sum in double precision.
  static let reference: [(name: String, shape: Shape, first: [Float], last: Float, sum: Double)] = [
    (
      "blocks.0.attn.qkv.weight", [6, 4], [0x1.9e6ba8p-2, -0x1.5f8374p-3, 0x1.20965ap-1], 0x1.0df12cp-1,
      -1.813454806804657
    ),
    ("blocks.0.norm1.weight", [8], [0x1.0197f4p0, 0x1.15dee4p0, 0x1.d92ae2p-1], 0x1.ce4ecep-1, 7.807758033275604),
    (
      "blocks.0.norm1.bias", [8], [-0x1.3bba04p-4, 0x1.c9f6ccp-9, 0x1.1e9fbap-5], -0x1.e80340p-5,
      -0.2650530361570418
    ),
    ("layer1.0.bn1.running_var", [8], [0x1.0ef99ep0, 0x1.22a3d8p0, 0x1.1ccca6p0], 0x1.23bf96p0, 8.152658104896545),
    (
      "layer1.0.bn1.running_mean", [8], [-0x1.6fac10p-4, 0x1.8f2fecp-5, -0x1.10fcb4p-4], 0x1.a2679ap-5,
      -0.10392102971673012
    ),
    ("pos_embed", [1, 3, 4], [-0x1.bd884cp-4, 0x1.8c6000p-9, 0x1.98de56p-3], 0x1.d7b54cp-6, -0.10132046043872833),
    (
      "layer1.0.conv1.weight", [4, 2, 3, 3], [0x1.1d7a64p-2, 0x1.e9affcp-5, 0x1.251dc2p-2], 0x1.85d37ap-10,
      2.0034364541061223
    ),
    ("fc.scalar", [], [0x1.437240p-6], 0x1.437240p-6, 0.019741594791412354),
  ]

  @Test("are the reference's, bit for bit, for every kind of parameter", arguments: reference.indices)
  func values(index: Int) {
    let reference = Self.reference[index]
    let values = DeterministicParameters.value(reference.name, shape: reference.shape).scalars
    #expect(Array(values.prefix(3)) == reference.first)
    #expect(values.last == reference.last)
    #expect(abs(values.reduce(0) { $0 + Double($1) } - reference.sum) < 1e-12)
  }

  @Test("are the reference's also where several threads make them")
  func manyValues() {
    // oracle.py: value("big", (1000, 1000))
    let values = Workers.$current.withValue(Workers(count: 2)) {
      DeterministicParameters.value("big", shape: [1000, 1000]).scalars
    }
    #expect(values[500_001] == -0x1.27071cp-5)
    #expect(values[999_999] == -0x1.3ce26cp-7)
    #expect(abs(values.reduce(0) { $0 + Double($1) } + 25.04600838915266) < 1e-9)
  }

  @Test("give the reference's input")
  func input() {
    // oracle.py: 1.5 * uniform("input", 96)
    let values = DeterministicParameters.input([2, 3, 4, 4]).scalars
    #expect(Array(values.prefix(3)) == [-0x1.34e024p0, 0x1.d40d14p-2, -0x1.c73bb0p-1])
    #expect(values.last == 0x1.29cbf4p-1)
  }
}
