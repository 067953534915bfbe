import Tensors
import Testing

@testable import Checkpoints

@Suite("Checkpoints of every kind")
struct CheckpointFixtureTests {
  @Test("holds the names, types, shapes and values that PyTorch wrote", arguments: Fixtures.names)
  func values(file: String) throws {
    let expected = try #require(try Fixtures.expected()[file])
    let state = try StateDictionary(contentsOf: Fixtures.path(file))
    #expect(Set(state.names) == Set(expected.tensors.keys))
    for (name, tensor) in expected.tensors {
      let entry = try #require(state.entries[name])
      #expect(entry.shape == Shape(tensor.shape))
      #expect(entry.elementType == ElementType(torchName: tensor.type))
      let read = try state.tensor(name)
      #expect(read.shape == Shape(tensor.shape))
      #expect(read.scalars == tensor.values, "\(file): \(name)")
    }
    for (key, value) in expected.metadata { #expect(state.metadata[key] == value) }
  }

  @Test("all fixtures are described")
  func allDescribed() {
    #expect(Fixtures.names.count == 22)
  }

  @Test("the notes say which container was taken and what else there was")
  func containerNotes() throws {
    let state = try StateDictionary(contentsOf: Fixtures.path("averaged.pth"))
    #expect(
      state.notes == [
        "weights taken from 'model' (16 tensors)",
        "weights are also in 'model_ema' (16 tensors), not used; --ema takes them",
      ])
  }

  @Test("another container can be asked for by name, and a miss names those there are")
  func chosenContainer() throws {
    let average = try StateDictionary(contentsOf: Fixtures.path("averaged.pth"), container: "model_ema")
    let preferred = try StateDictionary(contentsOf: Fixtures.path("averaged.pth"), prefersAverage: true)
    #expect(preferred.notes.contains("weights taken from 'model_ema' (16 tensors)"))
    #expect(try average.tensor("conv.bias").scalars[0] == 101)
    #expect(average.notes.last == "prefix 'module.' removed from 14 of 14 keys")
    let error = #expect(throws: CheckpointError.self) {
      try StateDictionary(contentsOf: Fixtures.path("averaged.pth"), container: "ema")
    }
    #expect(error?.problem == "there are no tensors under 'ema'; there are under 'model_ema', 'model'")
  }

  @Test("the prefixes of several wrappers are removed one after the other")
  func prefixNotes() throws {
    let state = try StateDictionary(contentsOf: Fixtures.path("compiled.pt"))
    #expect(
      state.notes == [
        "prefix 'module.' removed from 14 of 14 keys", "prefix '_orig_mod.' removed from 14 of 14 keys",
        "prefix 'model.' removed from 14 of 14 keys",
      ])
  }

  @Test("types that are not read are skipped with a note and do not spoil the others")
  func unreadTypes() throws {
    let state = try StateDictionary(contentsOf: Fixtures.path("unread_types.pth"))
    #expect(state.names == ["w"])
    #expect(
      state.notes == [
        "key 'c' is skipped: 'ComplexFloatStorage' is not read", "key 'f' is skipped: 'float8_e4m3fn' is not read",
      ])
  }

  @Test("a frozen TorchScript archive is refused with what to do")
  func frozenScript() {
    let error = #expect(throws: CheckpointError.self) {
      try StateDictionary(contentsOf: Fixtures.path("frozen.pt"))
    }
    #expect(error?.problem.contains("Save the module before torch.jit.freeze") == true)
  }

  @Test("contiguous float32 tensors of an archive are borrowed from the file, not copied")
  func borrowing() throws {
    let region = try ByteRegion(contentsOf: Fixtures.path("state_dict.pth"))
    let state = try StateDictionary(region)
    let tensor = try state.tensor("conv.weight")
    let isInFile = tensor.withScalars { scalars in
      region.withBytes { bytes in
        guard let start = bytes.baseAddress, let scalar = scalars.baseAddress else { return false }
        return start <= UnsafeRawPointer(scalar) && UnsafeRawPointer(scalar) < start + bytes.count
      }
    }
    #expect(isInFile)
  }

  @Test("a borrowed tensor outlives the state dictionary it came from")
  func lifetime() throws {
    func bias() throws -> Tensor { try StateDictionary(contentsOf: Fixtures.path("state_dict.pth")).tensor("fc.bias") }
    let expected = try #require(try Fixtures.expected()["state_dict.pth"]?.tensors["fc.bias"])
    #expect(try bias().scalars == expected.values)
  }
}
