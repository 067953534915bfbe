import Tensors
import Testing

@testable import Checkpoints

@Suite("TorchArchive")
struct TorchArchiveTests {
  private typealias Bytes = PickleBytes

  private let fourFloats = [1, 2, 3, 4].flatMap { Float($0).bitPattern.littleEndianBytes }

  private func archive(_ tensor: [UInt8], storages: [String: [UInt8]]? = nil) -> ZipBytes {
    .torch(pickle: Bytes.whole(Bytes.dictionary([("w", tensor)])), storages: storages ?? ["0": fourFloats])
  }

  private func problem(_ zip: ZipBytes) -> String? {
    let error = errorOfReading(zip.bytes)
    #expect(error?.isOneLine != false)
    return error?.problem
  }

  @Test("an archive put together by hand is read, also with a comment behind it")
  func reading() throws {
    var zip = archive(Bytes.tensor(offset: 1, extents: [3], strides: [1]))
    zip.comment = Array("written by hand".utf8)
    #expect(try StateDictionary(ByteRegion(zip.bytes)).tensor("w").scalars == [2, 3, 4])
  }

  @Test("paths in an archive are nothing but names")
  func paths() throws {
    var zip = archive(Bytes.tensor(extents: [1], strides: [1]))
    zip.entries.append(.init(name: "../../etc/passwd", data: [1]))
    zip.entries.append(.init(name: "/etc/passwd", data: [1]))
    #expect(try StateDictionary(ByteRegion(zip.bytes)).tensor("w").scalars == [1])
  }

  @Test(
    "a view that leads outside its storage is refused",
    arguments: [
      (0, [5], [1]), (1, [4], [1]), (0, [2, 2], [3, 1]), (-1, [1], [1]), (0, [-1], [1]), (0, [2], [-1]),
      (Int.max, [1], [1]), (1, [2], [Int.max]), (0, [Int.max, Int.max], [0, 0]), (0, [1 << 40], [0]), (0, [2], [1, 1]),
      (0, [3, Int.max / 2], [Int.max / 2, 1]), (0, [4, 2], [1, 1]),
    ])
  func viewsOutside(offset: Int, extents: [Int], strides: [Int]) {
    let found = problem(archive(Bytes.tensor(offset: offset, extents: extents, strides: strides)))
    #expect(found?.hasPrefix("key 'w': ") == true, "\(found ?? "accepted")")
  }

  @Test("views that stay inside are gathered", arguments: [([2, 2], [1, 2], [1, 3, 2, 4]), ([3], [0], [1, 1, 1])])
  func viewsInside(extents: [Int], strides: [Int], expected: [Float]) throws {
    let zip = archive(Bytes.tensor(extents: extents, strides: strides))
    #expect(try StateDictionary(ByteRegion(zip.bytes)).tensor("w").scalars == expected)
  }

  @Test("what is missing, too short or of the wrong kind is named")
  func contradictions() {
    let tensor = Bytes.tensor(extents: [4], strides: [1])
    #expect(problem(archive(tensor, storages: [:]))?.contains("its storage '0' is not in the file") == true)
    #expect(problem(archive(tensor, storages: ["0": [0, 0, 0]]))?.contains("storage of 0 elements") == true)
    #expect(problem(ZipBytes(entries: [.init(name: "a", data: [])]))?.contains("without 'data.pkl'") == true)
    #expect(problem(.torch(pickle: Bytes.whole(Bytes.opcode(.none)), byteOrder: "big"))?.contains("big-endian") == true)
    #expect(
      problem(.torch(pickle: Bytes.whole(Bytes.dictionary([("epoch", Bytes.integer(1))]))))
        == "the PyTorch archive holds no tensors; its keys are: 'epoch'")
    #expect(
      problem(.torch(pickle: Bytes.whole(Bytes.call(Bytes.global("my", "Model")))))
        == "the PyTorch archive holds a 'my.Model' without parameters")
  }

  @Test("wrong sizes, places and counts in the directory are refused")
  func directories() {
    let good = archive(Bytes.tensor(extents: [4], strides: [1]))
    #expect(problem(good) == nil)
    func changed(_ change: (inout ZipBytes) -> Void) -> String? {
      var zip = good
      change(&zip)
      return problem(zip)
    }
    #expect(changed { $0.entries[2].announcedSize = 1 << 30 }?.contains("overlaps what follows it") == true)
    #expect(changed { $0.entries[0].announcedSize = 400 }?.contains("overlaps what follows it") == true)
    #expect(changed { $0.entries[2].announcedSize = .max }?.contains("impossible size or place") == true)
    #expect(changed { $0.entries[2].announcedOffset = 0 }?.contains("overlaps") == true)
    #expect(changed { $0.entries[2].announcedOffset = .max - 1 }?.contains("overlaps") == true)
    #expect(changed { $0.entries[2].announcedOffset = 3 }?.contains("overlaps") == true)
    #expect(changed { $0.entries[0].method = 8 }?.contains("'archive/data.pkl' is compressed") == true)
    #expect(changed { $0.entries[1].name = "archive/data.pkl" }?.contains("is there twice") == true)
    #expect(changed { $0.announcedCount = 9 }?.contains("holds 3 entries and announces 9") == true)
  }

  @Test("modules that contain each other end with an error instead of never")
  func cyclicModules() {
    let module =
      Bytes.global("m", "M") + Bytes.opcode(.emptyTuple) + Bytes.opcode(.newObj) + [PickleOpcode.binPut.rawValue, 0]
      + Bytes.dictionary([("_modules", Bytes.dictionary([("a", [PickleOpcode.binGet.rawValue, 0])]))])
      + Bytes.opcode(.build)
    #expect(problem(.torch(pickle: Bytes.whole(module)))?.contains("nested too deeply") == true)
  }

  @Test("a graph with more paths than can be walked ends with an error")
  func doublingModules() {
    var bytes = Bytes.opcode(.none)
    for level in 0..<60 {
      let name = UInt8(level)
      let get: [UInt8] = [PickleOpcode.binGet.rawValue, name]
      bytes += [PickleOpcode.binPut.rawValue, name] + Bytes.opcode(.pop)
      bytes += Bytes.global("m", "M") + Bytes.opcode(.emptyTuple) + Bytes.opcode(.newObj)
      bytes += Bytes.dictionary([("_modules", Bytes.dictionary([("a", get), ("b", get)]))]) + Bytes.opcode(.build)
    }
    #expect(problem(.torch(pickle: Bytes.whole(bytes)))?.contains("leads in circles or is too large") == true)
  }
}
