import Tensors
import Testing

@testable import Checkpoints

@Suite("StateDictionary")
struct StateDictionaryTests {
  private func dictionary(_ names: [String]) -> StateDictionary {
    let entries = names.enumerated().map { index, name in
      let tensor = Tensor([Float(index)], shape: [1])
      return (name: name, entry: StateDictionary.Entry(shape: [1]) { () throws(CheckpointError) in tensor })
    }
    return StateDictionary(file: "test", entries: entries)
  }

  @Test("a prefix that a head beside the backbone lacks is removed")
  func headBesideBackbone() {
    let names = (0..<30).map { "backbone.blocks.\($0).weight" } + ["head.fc.weight", "head.fc.bias"]
    let state = dictionary(names).withoutCommonPrefixes()
    #expect(state.names.first == "blocks.0.weight")
    #expect(state.names.suffix(2) == ["head.fc.weight", "head.fc.bias"])
    #expect(state.notes == ["prefix 'backbone.' removed from 30 of 32 keys"])
  }

  @Test("a prefix that many keys lack, or that models use themselves, stays")
  func keptPrefixes() {
    let mixed = (0..<10).map { "backbone.\($0)" } + (0..<5).map { "neck.\($0)" }
    #expect(dictionary(mixed).withoutCommonPrefixes().names == mixed)
    let encoder = ["encoder.layers.0.weight", "encoder.ln.weight"]
    #expect(dictionary(encoder).withoutCommonPrefixes().names == encoder)
  }

  @Test("common names of wrapped models are prefixes", arguments: ["_forward_module", "base_model", "cnn", "resnet"])
  func wrappers(name: String) {
    #expect(dictionary(["\(name).conv1.weight"]).withoutCommonPrefixes().names == ["conv1.weight"])
  }

  @Test("a prefix stays when removing it would make two keys one")
  func collidingPrefix() {
    let names = (0..<20).map { "model.\($0)" } + ["3"]
    #expect(dictionary(names).withoutCommonPrefixes().names == names)
  }

  @Test("counters of batch normalisation are left out")
  func counters() {
    let state = dictionary(["bn.weight", "bn.num_batches_tracked", "n_averaged"]).withoutTrainingCounters()
    #expect(state.names == ["bn.weight"])
  }

  @Test("a table renames what it knows and keeps the rest, in order")
  func renaming() throws {
    let state = try dictionary(["conv_proj.weight", "other"]).renamed(["conv_proj": "patch_embed.proj"])
    #expect(state.names == ["patch_embed.proj.weight", "other"])
    #expect(try state.tensor("other").scalars == [1])
  }

  @Test("two keys that get the same name are an error that names all three")
  func collision() {
    let error = #expect(throws: CheckpointError.self) {
      try dictionary(["a.x", "b.x"]).renamed(["a": "c", "b": "c"])
    }
    #expect(error?.description == "test: keys 'a.x' and 'b.x' are both renamed to 'c.x'")
  }

  @Test("a derived entry is computed from its sources, also when these are removed")
  func deriving() throws {
    var state = StateDictionary(tensors: ["q": Tensor([1, 2], shape: [2]), "k": Tensor([3], shape: [1])])
    try state.derive("qk", shape: [3], from: ["q", "k"]) { Tensor($0.flatMap(\.scalars), shape: [3]) }
    let rest = state.removing { $0 == "q" || $0 == "k" }
    #expect(rest.names == ["qk"])
    #expect(try rest.tensor("qk").scalars == [1, 2, 3])
    #expect(throws: CheckpointError.self) { try state.derive("x", shape: [1], from: ["missing"]) { $0[0] } }
  }

  @Test("NaN and infinity are reported with key and index", arguments: [Float.nan, .infinity, -.infinity])
  func nonFinite(value: Float) {
    var scalars = [Float](repeating: 0.5, count: 10_000)
    scalars[8191] = value
    let state = StateDictionary(tensors: ["good": Tensor([1], shape: [1]), "bad": Tensor(scalars, shape: [100, 100])])
    let error = #expect(throws: CheckpointError.self) { try state.validateFinite() }
    let what = value.isNaN ? "NaN" : "an infinite value"
    #expect(error?.problem.hasPrefix("key 'bad': \(what) at index 8191 of 100×100;") == true)
    #expect(throws: Never.self) { try state.tensor("bad", checkingFinite: false) }
  }

  @Test("the largest finite numbers and subnormal ones are finite")
  func finite() {
    let scalars = [Float.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.0]
    #expect(Tensor(scalars, shape: [4]).firstNonFiniteIndex() == nil)
  }

  @Test("a missing key is named, its control characters escaped")
  func missingKey() {
    let error = #expect(throws: CheckpointError.self) { try dictionary([]).tensor("a\nb") }
    #expect(error?.description == "test: there is no key 'a\\u{a}b'")
  }
}
