import Foundation
import Testing

@testable import Checkpoints

@Suite("Unpickler")
struct UnpicklerTests {
  private typealias Bytes = PickleBytes

  private func load(_ bytes: [UInt8]) throws(CheckpointError) -> PickleGraph { try Unpickler.load(ByteRegion(bytes)) }

  private func problem(_ bytes: [UInt8]) -> String? {
    do throws(CheckpointError) {
      _ = try load(bytes)
      return nil
    } catch {
      #expect(error.isOneLine)
      return error.problem
    }
  }

  /// The value in a notation like Python's, for comparison.
  private func notation(_ graph: PickleGraph, _ value: PickleValue) -> String {
    func list(_ id: Int) -> String { graph.sequences[id].map { notation(graph, $0) }.joined(separator: ", ") }
    switch value {
    case .none: return "None"
    case .boolean(let truth): return truth ? "True" : "False"
    case .integer(let number): return String(number)
    case .wideInteger: return "wide"
    case .real(let number): return String(number)
    case .string(let text): return "'\(text)'"
    case .bytes(let range): return "bytes\(range.count)"
    case .global(let id): return "\(graph.globals[id].module).\(graph.globals[id].name)"
    case .tuple(let id): return "(\(list(id)))"
    case .list(let id): return "[\(list(id))]"
    case .set(let id): return "{\(list(id))}"
    case .dictionary(let id):
      let items = graph.dictionaries[id].map { "\(notation(graph, $0.key)): \(notation(graph, $0.value))" }
      return "{\(items.joined(separator: ", "))}"
    case .object(let id):
      let object = graph.objects[id]
      return "<\(notation(graph, object.global))\(notation(graph, object.arguments)) \(notation(graph, object.state))>"
    case .storage, .tensor: return "tensor"
    }
  }

  private func notation(_ bytes: [UInt8]) throws -> String {
    let graph = try load(bytes)
    return notation(graph, graph.root)
  }

  /// `[None, True, False, 0, -1, 300, 70000, 2**40, -2**70, 0.5, 'aé', b'\0\1', (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4),
  /// [], {'k': [1]}, {1}, frozenset([2])]` as Python's `pickle.dumps` writes it in the protocols 0 to 5.
  @Test("the values of all protocols are understood", arguments: 0...5)
  func protocols(version: Int) throws {
    let pickles = try JSONDecoder().decode(
      [String].self, from: try Data(contentsOf: Fixtures.folder.appending(path: "values.json")))
    let data = try #require(Data(base64Encoded: pickles[version]))
    // Before protocol 3 bytes are written as a call, before protocol 4 sets are.
    let bytes = version < 3 ? "<_codecs.encode('\0\u{1}', 'latin1') None>" : "bytes2"
    #expect(
      try notation([UInt8](data))
        == "[None, True, False, 0, -1, 300, 70000, 1099511627776, wide, 0.5, 'aé', \(bytes), (1), (1, 2), (1, 2, 3), "
        + "(1, 2, 3, 4), [], {'k': [1]}, {1}, {2}]")
  }

  @Test("a call of os.system is not made: it becomes an opaque value")
  func hostileCall() throws {
    let marker = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    let call = Bytes.call(Bytes.global("os", "system"), Bytes.text("touch \(marker)"))
    #expect(try notation(Bytes.whole(call)) == "<os.system('touch \(marker)') None>")
    #expect(!FileManager.default.fileExists(atPath: marker))
    let instance = Bytes.opcode(.mark) + Bytes.text("ls") + Bytes.opcode(.inst) + Array("os\nsystem\n".utf8)
    #expect(try notation(Bytes.whole(instance)) == "<os.system('ls') None>")
  }

  @Test("objects of unknown classes keep arguments, state and items")
  func opaqueObject() throws {
    let object =
      Bytes.global("a.b", "C") + Bytes.opcode(.emptyTuple) + Bytes.opcode(.newObj)
      + Bytes.dictionary([("x", Bytes.integer(1))]) + Bytes.opcode(.build)
    #expect(try notation(Bytes.whole(object)) == "<a.b.C() {'x': 1}>")
    let subclass =
      Bytes.call(Bytes.global("a.b", "Config")) + Bytes.text("k") + Bytes.integer(2) + Bytes.opcode(.setItem)
    let graph = try load(Bytes.whole(subclass))
    #expect(graph.attributes(of: graph.root)?.items.count == 1)
  }

  @Test("ordered and default dictionaries, sets and lists are what they hold")
  func containers() throws {
    let pair = Bytes.tuple(Bytes.text("k"), Bytes.integer(1))
    #expect(
      try notation(Bytes.whole(Bytes.call(Bytes.global("collections", "OrderedDict"), Bytes.tuple(pair)))) == "{'k': 1}"
    )
    #expect(
      try notation(
        Bytes.whole(Bytes.call(Bytes.global("collections", "defaultdict"), Bytes.global("builtins", "list"))))
        == "{}")
    #expect(try notation(Bytes.whole(Bytes.call(Bytes.global("builtins", "set"), Bytes.integers([1, 2])))) == "{1, 2}")
    #expect(try notation(Bytes.whole(Bytes.call(Bytes.global("torch", "Size"), Bytes.integers([3])))) == "(3)")
  }

  @Test("a list that contains itself is read, and shared values stay shared")
  func selfReference() throws {
    let list = Bytes.opcode(.emptyList) + [PickleOpcode.binPut.rawValue, 0, PickleOpcode.binGet.rawValue, 0]
    let graph = try load(Bytes.whole(list + Bytes.opcode(.append)))
    guard case .list(let outer) = graph.root, case .list(let inner) = graph.sequences[outer].first else {
      Issue.record("a list in a list was expected")
      return
    }
    #expect(outer == inner)
  }

  @Test("100,000 lists in lists are read and released without recursion")
  func deepNesting() throws {
    let depth = 100_000
    let nested = [UInt8](repeating: PickleOpcode.emptyList.rawValue, count: depth)
    let appends = [UInt8](repeating: PickleOpcode.append.rawValue, count: depth - 1)
    #expect(try load(Bytes.whole(nested + appends)).sequences.count == depth)
  }

  @Test(
    "nonsense is an error that names the byte",
    arguments: [
      ([], "pickle, byte 0: the file ends"),
      ([0x2E], "pickle, byte 0: the stack is empty"),
      ([0x80, 2, 0x29, 0x30, 0x30], "pickle, byte 4: the stack is empty"),
      ([0x80, 9], "protocol 9 is not known"),
      ([0xFF], "0xff is not a pickle instruction"),
      ([0x74], "there is no mark"),
      ([0x28, 0x2E], "the stack is empty"),
      ([0x5D, 0x28, 0x30, 0x75], "there is no mark"),
      ([0x7D, 0x28, 0x4E, 0x75], "a key has no value"),
      ([0x4E, 0x4E, 0x61], "elements are added to something that is no container"),
      ([0x5D, 0x28, 0x61], "the stack is empty"),
      ([0x68, 0], "nothing was stored at memo place 0"),
      ([0x6A, 0xFF, 0xFF, 0xFF, 0xFF], "nothing was stored at memo place 4294967295"),
      ([0x71, 0], "the stack is empty"),
      (Array("gx\n".utf8), "the memo has no such place"),
      (Array("g-1\n".utf8), "the memo has no such place"),
      (Array("I1x\n".utf8), "an integer was expected"),
      (Array("Fx\n".utf8), "a number was expected"),
      (Array("S'\n".utf8), "a quoted string was expected"),
      (Array("Vabc".utf8), "the file ends"),
      (Array("cos\nsystem".utf8), "the file ends"),
      ([0x4E, 0x4E, 0x93], "the name of a class is not text"),
      ([0x28, 0x6F], "an object has no class"),
      ([0x82, 1], "needs the program that wrote it"),
      ([0x97], "needs the program that wrote it"),
      ([0x8B] + UInt32.max.littleEndianBytes, "a length of -1 bytes is not possible"),
      ([0x8B] + UInt32(0x7FFF_FFFF).littleEndianBytes, "2147483647 bytes are announced and 0 are left"),
      ([0x54] + UInt32.max.littleEndianBytes, "a length of -1 bytes is not possible"),
      ([0x58] + UInt32.max.littleEndianBytes + [0x61], "4294967295 bytes are announced and 1 are left"),
      ([0x8D] + UInt64.max.littleEndianBytes, "a length of 18446744073709551615 bytes is not possible"),
      ([0x8E] + UInt64(1 << 62).littleEndianBytes, "bytes are announced and 0 are left"),
      ([0x96] + UInt64(Int.max).littleEndianBytes, "bytes are announced and 0 are left"),
    ] as [([UInt8], String)])
  func nonsense(bytes: [UInt8], expected: String) {
    let found = problem(bytes)
    #expect(found?.contains(expected) == true, "\(found ?? "accepted")")
  }

  @Test("copying one dictionary again and again runs into the work limit instead of taking for ever")
  func copyBomb() {
    var bytes = Bytes.opcode(.emptyDict) + Bytes.opcode(.mark)
    for index in 0..<20_000 { bytes += Bytes.integer(index) + Bytes.opcode(.none) }
    bytes += Bytes.opcode(.setItems) + [PickleOpcode.binPut.rawValue, 0] + Bytes.global("collections", "OrderedDict")
    bytes += [PickleOpcode.binPut.rawValue, 1]
    let get: [UInt8] = [PickleOpcode.binGet.rawValue, 1, PickleOpcode.binGet.rawValue, 0]
    for _ in 0..<20_000 { bytes += get + Bytes.opcode(.tuple1) + Bytes.opcode(.reduce) + Bytes.opcode(.pop) }
    #expect(problem(bytes)?.contains("more than 4000000 steps") == true)
  }
}
