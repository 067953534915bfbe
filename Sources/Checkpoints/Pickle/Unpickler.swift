/// Interprets a pickle (protocols 0 to 5, <https://docs.python.org/3/library/pickle.html>) without executing it.
///
/// Containers, plain numbers, text and PyTorch's tensors are understood. A call of anything else is not made: it
/// becomes a ``PickleObject`` that remembers its name, arguments and state, so that a whole pickled model gives up its
/// parameters and nothing that the file names is ever looked up.
struct Unpickler {
  /// How much work one pickle may cause, in instructions and copied elements. A checkpoint of a thousand layers with
  /// its optimizer needs 10⁵.
  static let workLimit = 4_000_000

  var reader: PickleReader
  var graph = PickleGraph()
  /// Whether storages may lie in the pickle as PyTorch files of their own. Those may not hold further ones, so that
  /// files in files in files cannot exhaust the stack.
  let allowsEmbeddedFiles: Bool
  /// What is left of the work limit.
  private(set) var work: Int
  private var stack: [PickleValue] = []
  /// How high the stack was at each mark that is open.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  /// - Parameter work: The budget, smaller than the limit for a pickle within a pickle.
  init(_ region: ByteRegion, at offset: Int = 0, work: Int = workLimit, allowsEmbeddedFiles: Bool = true) {
    reader = PickleReader(region, at: offset)
    self.work = work
    self.allowsEmbeddedFiles = allowsEmbeddedFiles
  }

  /// The value that the pickle at `offset` describes.
  ///
  /// - Throws: ``CheckpointError`` with the offset of the instruction that makes no sense.
  static func load(_ region: ByteRegion, at offset: Int = 0) throws(CheckpointError) -> PickleGraph {
    var unpickler = Unpickler(region, at: offset)
    return try unpickler.run()
  }

  /// Runs to the end of the pickle.
  mutating func run() throws(CheckpointError) -> PickleGraph {
    while true {
      let opcode = try reader.opcode()
      try spend(1)
      if opcode == .stop { break }
      let start = reader.position
      try execute(opcode)
      // Text is copied. Bytes are not, and an embedded file has paid for itself.
      if !opcode.isBytes { try spend((reader.position - start) / 64) }
    }
    graph.root = try pop()
    graph.end = reader.position
    return graph
  }

  /// Takes `amount` from the work that is left.
  mutating func spend(_ amount: Int) throws(CheckpointError) {
    guard amount <= work else {
      throw reader.error("more than \(Self.workLimit) steps: this is not a checkpoint of a model")
    }
    work -= amount
  }

  private mutating func execute(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .mark, .stop, .pop, .popMark, .dup:
      try executeStack(opcode)
    case .get, .binGet, .longBinGet, .put, .binPut, .longBinPut, .memoize:
      try executeMemo(opcode)
    case .none, .newTrue, .newFalse, .int, .binInt, .binInt1, .binInt2, .long, .long1, .long4, .float, .binFloat:
      stack.append(try number(opcode))
    case .string, .binString, .shortBinString, .unicode, .binUnicode, .shortBinUnicode, .binUnicode8, .binBytes,
      .shortBinBytes, .binBytes8, .byteArray8:
      stack.append(try text(opcode))
    case .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3, .emptyList, .list, .emptyDict, .dict, .emptySet, .frozenSet:
      try executeNewContainer(opcode)
    case .append, .appends, .addItems, .setItem, .setItems:
      try executeFilling(opcode)
    case .global, .stackGlobal, .reduce, .build, .inst, .obj, .newObj, .newObjEx, .persId, .binPersId:
      try executeObject(opcode)
    case .proto:
      let version = try reader.integer(UInt8.self)
      guard version <= 5 else { throw reader.error("protocol \(version) is not known; 0 to 5 are") }
    case .frame:
      _ = try reader.integer(UInt64.self)
    case .ext1, .ext2, .ext4, .nextBuffer, .readOnlyBuffer:
      throw reader.error("the pickle needs the program that wrote it (extension registry or out-of-band buffers)")
    }
  }

  // MARK: Stack and memo

  private mutating func pop() throws(CheckpointError) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
      throw reader.error("the stack is empty; is the file damaged?")
    }
    return value
  }

  private func top() throws(CheckpointError) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.last else {
      throw reader.error("the stack is empty; is the file damaged?")
    }
    return value
  }

  /// The values above the last mark, which is removed.
  private mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw reader.error("there is no mark on the stack; is the file damaged?") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func executeStack(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .mark: marks.append(stack.count)
    case .popMark: _ = try popToMark()
    case .dup: stack.append(try top())
    default:
      // Python lets `pop` remove a mark that nothing was pushed after.
      if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    }
  }

  private mutating func executeMemo(_ opcode: PickleOpcode) throws(CheckpointError) {
    let key: Int? =
      switch opcode {
      case .binGet, .binPut: Int(try reader.integer(UInt8.self))
      case .longBinGet, .longBinPut: Int(try reader.integer(UInt32.self))
      case .memoize: memo.count
      default: Int(try reader.textLine())
      }
    guard let key, key >= 0 else { throw reader.error("the memo has no such place; is the file damaged?") }
    switch opcode {
    case .get, .binGet, .longBinGet:
      guard let value = memo[key] else { throw reader.error("nothing was stored at memo place \(key)") }
      stack.append(value)
    default:
      memo[key] = try top()
    }
  }

  // MARK: Numbers, text and bytes

  private mutating func number(_ opcode: PickleOpcode) throws(CheckpointError) -> PickleValue {
    switch opcode {
    case .newTrue: return .boolean(true)
    case .newFalse: return .boolean(false)
    case .binInt: return .integer(Int(try reader.integer(Int32.self)))
    case .binInt1: return .integer(Int(try reader.integer(UInt8.self)))
    case .binInt2: return .integer(Int(try reader.integer(UInt16.self)))
    case .long1: return try reader.twosComplement(try reader.integer(UInt8.self))
    case .long4: return try reader.twosComplement(try reader.integer(Int32.self))
    case .binFloat: return .real(try reader.double())
    case .int, .long: return try decimalInteger()
    case .float:
      guard let value = Double(try reader.textLine()) else { throw reader.error("a number was expected") }
      return .real(value)
    default: return .none
    }
  }

  /// An integer in decimal digits; protocol 0 writes truth values as `00` and `01`, and long integers with an `L`
  /// behind.
  private mutating func decimalInteger() throws(CheckpointError) -> PickleValue {
    let range = try reader.line()
    guard range.count <= 24 else { return .wideInteger(range) }
    var digits = reader.text(in: range)
    if digits == "00" || digits == "01" { return .boolean(digits == "01") }
    if digits.last == "L" { digits.removeLast() }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }) else {
      throw reader.error("an integer was expected")
    }
    return Int(digits).map(PickleValue.integer) ?? .wideInteger(range)
  }

  private mutating func text(_ opcode: PickleOpcode) throws(CheckpointError) -> PickleValue {
    switch opcode {
    case .binString: return .string(try reader.text(try reader.integer(Int32.self)))
    case .shortBinString, .shortBinUnicode: return .string(try reader.text(try reader.integer(UInt8.self)))
    case .binUnicode: return .string(try reader.text(try reader.integer(UInt32.self)))
    case .binUnicode8: return .string(try reader.text(try reader.integer(UInt64.self)))
    case .shortBinBytes: return .bytes(try reader.bytes(try reader.integer(UInt8.self)))
    case .binBytes: return .bytes(try reader.bytes(try reader.integer(UInt32.self)))
    case .binBytes8, .byteArray8: return .bytes(try reader.bytes(try reader.integer(UInt64.self)))
    case .string:
      // The quotes of Python's notation go; its escapes stay, because no name of a parameter needs one.
      let line = try reader.textLine()
      guard let quote = line.first, line.count >= 2, line.last == quote, quote == "'" || quote == "\"" else {
        throw reader.error("a quoted string was expected")
      }
      return .string(String(line.dropFirst().dropLast()))
    default:
      return .string(try reader.rawUnicodeEscapeLine())
    }
  }

  // MARK: Containers

  private mutating func executeNewContainer(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .tuple: stack.append(.tuple(graph.add(elements: try popToMark())))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .emptyList: stack.append(.list(graph.add(elements: [])))
    case .list: stack.append(.list(graph.add(elements: try popToMark())))
    case .emptySet: stack.append(.set(graph.add(elements: [])))
    case .frozenSet: stack.append(.set(graph.add(elements: try popToMark())))
    case .emptyDict: stack.append(graph.add(items: []))
    case .dict: stack.append(graph.add(items: try items(try popToMark())))
    default: stack.append(.tuple(graph.add(elements: [])))
    }
  }

  private mutating func pushTuple(_ count: Int) throws(CheckpointError) {
    var elements: [PickleValue] = []
    for _ in 0..<count { elements.append(try pop()) }
    stack.append(.tuple(graph.add(elements: elements.reversed())))
  }

  /// Keys and values, which alternate.
  private func items(_ values: [PickleValue]) throws(CheckpointError) -> [PickleItem] {
    guard values.count.isMultiple(of: 2) else { throw reader.error("a key has no value; is the file damaged?") }
    return stride(from: 0, to: values.count, by: 2).map { PickleItem(key: values[$0], value: values[$0 + 1]) }
  }

  private mutating func executeFilling(_ opcode: PickleOpcode) throws(CheckpointError) {
    let added: [PickleValue]
    switch opcode {
    case .append: added = [try pop()]
    case .setItem:
      let value = try pop()
      added = [try pop(), value]
    default: added = try popToMark()
    }
    switch (opcode, try top()) {
    case (.append, .list(let id)), (.appends, .list(let id)), (.addItems, .set(let id)):
      graph.sequences[id].append(contentsOf: added)
    case (.setItem, .dictionary(let id)), (.setItems, .dictionary(let id)):
      graph.dictionaries[id].append(contentsOf: try items(added))
    case (.setItem, .object(let id)), (.setItems, .object(let id)):
      graph.objects[id].items.append(contentsOf: try items(added))
    case (_, .object):
      break  // A list or set of a class of its own: holds no parameters.
    default:
      throw reader.error("elements are added to something that is no container; is the file damaged?")
    }
  }

  // MARK: Classes, calls and objects

  private mutating func executeObject(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .global:
      let module = try reader.textLine()
      stack.append(graph.add(PickleGlobal(module: module, name: try reader.textLine())))
    case .stackGlobal:
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw reader.error("the name of a class is not text; is the file damaged?")
      }
      stack.append(graph.add(PickleGlobal(module: module, name: name)))
    case .build:
      let state = try pop()
      if case .object(let id) = try top() { graph.objects[id].state = state }
    case .inst:
      let module = try reader.textLine()
      let callee = graph.add(PickleGlobal(module: module, name: try reader.textLine()))
      try pushCall(callee, arguments: .tuple(graph.add(elements: try popToMark())))
    case .obj:
      let values = try popToMark()
      guard let callee = values.first else { throw reader.error("an object has no class; is the file damaged?") }
      try pushCall(callee, arguments: .tuple(graph.add(elements: Array(values.dropFirst()))))
    case .newObjEx:
      _ = try pop()  // The keyword arguments.
      fallthrough
    case .reduce, .newObj:
      let arguments = try pop()
      try pushCall(try pop(), arguments: arguments)
    case .persId:
      stack.append(persistentValue(.string(try reader.textLine())))
    default:
      stack.append(persistentValue(try pop()))
    }
  }

  private mutating func pushCall(_ callee: PickleValue, arguments: PickleValue) throws(CheckpointError) {
    stack.append(try result(ofCalling: callee, arguments: arguments))
  }
}
