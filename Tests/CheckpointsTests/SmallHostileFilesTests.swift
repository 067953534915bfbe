import Testing

@testable import Checkpoints

/// Small files that once took gigabytes or minutes, or trapped.
@Suite("Small files that ask for much")
struct SmallHostileFilesTests {
  @Test(
    "a safetensors file without a weight is refused",
    arguments: [
      "{}", #"{"w": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}}"#,
      #"{"bn.num_batches_tracked": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}}"#,
      #"{"fc.weight": {"dtype": "F32", "shape": [576460752303423488, 0], "data_offsets": [0, 0]}}"#,
    ])
  func noWeights(header: String) {
    let error = #expect(throws: CheckpointError.self) {
      try StateDictionary(Self.safetensors(header, data: [0, 0]))
    }
    #expect(error?.problem.hasPrefix("the file holds no weights") == true, "\(String(describing: error))")
  }

  @Test("a tensor without elements can be left out, with a note")
  func emptyTensor() throws {
    let weights = try StateDictionary(
      Self.safetensors(
        """
        {"a": {"dtype": "F32", "shape": [3000000000, 0], "data_offsets": [0, 0]},
         "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
        """, data: [0, 0, 0, 0]))
    let kept = weights.withoutEmptyTensors()
    #expect(weights.names == ["a", "b"])
    #expect(kept.names == ["b"])
    #expect(kept.notes == ["key 'a' is skipped: no elements"])
  }

  @Test("a wrapper a thousand times over is taken off a few times")
  func nestedWrappers() throws {
    let name = String(repeating: "net.", count: 1000) + "weight"
    let weights = try StateDictionary(
      Self.safetensors(#"{"\#(name)": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#, data: [0, 0, 0, 0]))
    #expect(weights.notes.count == 8)
    #expect(weights.names == [String(name.dropFirst(8 * 4))])
  }

  @Test("an entry of a zip archive that begins beyond its directory is refused")
  func entryBeyondDirectory() {
    var zip = ZipBytes.torch(pickle: PickleBytes.whole(PickleBytes.dictionary([])))
    zip.entries[0].announcedOffset = .max
    zip.entries[0].directoryExtra =
      UInt16(1).littleEndianBytes + UInt16(8).littleEndianBytes + Int64.max.littleEndianBytes
    let error = #expect(throws: CheckpointError.self) { try StateDictionary(Self.region(zip.bytes)) }
    #expect(error?.problem.contains("overlaps") == true)
  }

  @Test("parameters that are named many times count once, as in Python", .timeLimit(.minutes(1)))
  func repeatedParameters() {
    let parameters = Self.dictionary(Array(repeating: ("k", PickleBytes.opcode(.none)), count: 5000))
    let error = Self.errorOfReading(
      Self.object(stored(parameters) { Array(repeating: ("_parameters", $0), count: 5000) }))
    #expect(error?.problem.contains("without parameters") == true, "\(String(describing: error))")
  }

  @Test("a set of names that is named many times is gathered once", .timeLimit(.minutes(1)))
  func repeatedTransientNames() {
    let name = PickleBytes.text("k")
    let set =
      PickleBytes.opcode(.emptySet) + PickleBytes.opcode(.mark)
      + Array(repeating: name, count: 20_000).flatMap(\.self) + PickleBytes.opcode(.addItems)
    let error = Self.errorOfReading(
      Self.object(
        stored(set) {
          Array(repeating: ("_non_persistent_buffers_set", $0), count: 20_000)
            + [("_modules", PickleBytes.opcode(.emptyDict))]
        }))
    #expect(error?.problem.contains("without parameters") == true, "\(String(describing: error))")
  }

  @Test("long names cost what they are long", .timeLimit(.minutes(1)))
  func longNames() {
    // Sixty modules in each of sixty: 3600 parameters, each of them under its whole path.
    let name = String(repeating: "m", count: 900)
    let leaf = Self.object([("_parameters", Self.dictionary([(name, PickleBytes.tensor(extents: [1], strides: [1]))]))])
    func module(of child: [UInt8], place: UInt8) -> [UInt8] {
      let first = [(name, child + PickleBytes.opcode(.binPut) + [place])]
      let others = (1..<60).map { (name + String($0), PickleBytes.opcode(.binGet) + [place]) }
      return Self.object([("_modules", Self.dictionary(first + others))])
    }
    let error = Self.errorOfReading(module(of: module(of: leaf, place: 1), place: 2))
    #expect(error?.problem == "the pickle leads in circles or is too large for a model")
  }

  @Test("values under a long path are not searched for its keys again", .timeLimit(.minutes(1)))
  func longPath() {
    let name = String(repeating: "k", count: 2000)
    let inner = Self.dictionary(Array(repeating: ("k", PickleBytes.opcode(.none)), count: 20_000))
    let value = (0..<5).reduce(inner) { value, _ in Self.dictionary([(name, value)]) }
    let error = Self.errorOfReading(value)
    #expect(error?.problem.contains("holds no tensors") == true, "\(String(describing: error))")
  }

  // MARK: Building

  /// Items that use a value at first and its memo place from then on.
  private func stored(
    _ value: [UInt8], _ items: (_ reference: [UInt8]) -> [(String, [UInt8])]
  ) -> [(String, [UInt8])] {
    let place = UInt8(value.count % 200)
    var items = items(PickleBytes.opcode(.binGet) + [place])
    // The first use defines it.
    items.insert(("first", value + PickleBytes.opcode(.binPut) + [place]), at: 0)
    return items
  }

  private static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] { PickleBytes.dictionary(items) }

  /// An object of a class that is not known.
  private static func object(_ attributes: [(String, [UInt8])]) -> [UInt8] {
    PickleBytes.call(
      PickleBytes.global("copyreg", "_reconstructor"), PickleBytes.global("a", "Net"), PickleBytes.opcode(.none))
      + dictionary(attributes) + PickleBytes.opcode(.build)
  }

  private static func errorOfReading(_ value: [UInt8]) -> CheckpointError? {
    let zip = ZipBytes.torch(pickle: PickleBytes.whole(value), storages: ["0": [0, 0, 0, 0]])
    do {
      _ = try StateDictionary(region(zip.bytes))
      return nil
    } catch {
      return error
    }
  }

  private static func safetensors(_ header: String, data: [UInt8]) -> ByteRegion {
    region(UInt64(header.utf8.count).littleEndianBytes + Array(header.utf8) + data)
  }

  private static func region(_ bytes: [UInt8]) -> ByteRegion { ByteRegion(file: "file", copying: bytes) }
}
