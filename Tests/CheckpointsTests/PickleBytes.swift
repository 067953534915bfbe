@testable import Checkpoints

/// Pickles put together by hand.
enum PickleBytes {
  static let protocol2: [UInt8] = [0x80, 2]

  static func opcode(_ opcode: PickleOpcode) -> [UInt8] { [opcode.rawValue] }

  static func text(_ text: String) -> [UInt8] {
    opcode(.binUnicode) + UInt32(text.utf8.count).littleEndianBytes + Array(text.utf8)
  }

  static func integer(_ value: Int) -> [UInt8] {
    opcode(.long1) + [8] + Int64(value).littleEndianBytes
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    opcode(.global) + Array("\(module)\n\(name)\n".utf8)
  }

  static func tuple(_ elements: [UInt8]...) -> [UInt8] {
    opcode(.mark) + elements.flatMap(\.self) + opcode(.tuple)
  }

  static func integers(_ values: [Int]) -> [UInt8] {
    opcode(.mark) + values.flatMap(integer) + opcode(.tuple)
  }

  static func call(_ callee: [UInt8], _ arguments: [UInt8]...) -> [UInt8] {
    callee + opcode(.mark) + arguments.flatMap(\.self) + opcode(.tuple) + opcode(.reduce)
  }

  static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
    opcode(.emptyDict) + opcode(.mark) + items.flatMap { text($0.0) + $0.1 } + opcode(.setItems)
  }

  /// A tensor of the zip form that views the storage with the given key.
  static func tensor(
    storage key: String = "0", type: String = "FloatStorage", offset: Int = 0, extents: [Int], strides: [Int]
  ) -> [UInt8] {
    let storage =
      tuple(text("storage"), global("torch", type), text(key), text("cpu"), integer(4)) + opcode(.binPersId)
    return call(
      global("torch._utils", "_rebuild_tensor_v2"), storage, integer(offset), integers(extents), integers(strides),
      opcode(.newFalse), opcode(.none))
  }

  /// A whole pickle of protocol 2 around a value.
  static func whole(_ value: [UInt8]) -> [UInt8] { protocol2 + value + opcode(.stop) }
}

/// Zip archives put together by hand.
struct ZipBytes {
  struct Entry {
    var name: String
    var data: [UInt8]
    var method: UInt16 = 0
    /// What the directory says, where it is to differ.
    var announcedSize: UInt32?
    var announcedOffset: UInt32?
    /// The extra fields of the directory.
    var directoryExtra: [UInt8] = []
  }

  var entries: [Entry]
  var announcedCount: UInt16?
  /// How many entries of the directory are written; fewer than all lets others go unmentioned.
  var comment: [UInt8] = []

  /// A PyTorch archive of a pickle and storages.
  static func torch(pickle: [UInt8], storages: [String: [UInt8]] = [:], byteOrder: String = "little") -> ZipBytes {
    let fixed = [
      Entry(name: "archive/data.pkl", data: pickle), Entry(name: "archive/byteorder", data: Array(byteOrder.utf8)),
    ]
    let data = storages.sorted { $0.key < $1.key }.map { Entry(name: "archive/data/\($0.key)", data: $0.value) }
    return ZipBytes(entries: fixed + data)
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.announcedOffset ?? UInt32(file.count)
      let size = entry.announcedSize ?? UInt32(entry.data.count)
      let name = Array(entry.name.utf8)
      let sizes = UInt32(0).littleEndianBytes + size.littleEndianBytes + size.littleEndianBytes
      let versionToTime = UInt16(0).littleEndianBytes + entry.method.littleEndianBytes + UInt32(0).littleEndianBytes
      let nameLength = UInt16(name.count).littleEndianBytes
      let lengths = nameLength + UInt16(0).littleEndianBytes
      file += UInt32(0x0403_4B50).littleEndianBytes + UInt16(20).littleEndianBytes + versionToTime + sizes + lengths
      file += name + entry.data
      directory +=
        UInt32(0x0201_4B50).littleEndianBytes + UInt32(20).littleEndianBytes + versionToTime + sizes + nameLength
      directory += UInt16(entry.directoryExtra.count).littleEndianBytes
      directory += [UInt8](repeating: 0, count: 10) + offset.littleEndianBytes + name + entry.directoryExtra
    }
    let count = (announcedCount ?? UInt16(entries.count)).littleEndianBytes
    let end =
      UInt32(0x0605_4B50).littleEndianBytes + UInt32(0).littleEndianBytes + count + count
      + UInt32(directory.count).littleEndianBytes + UInt32(file.count).littleEndianBytes
      + UInt16(comment.count).littleEndianBytes + comment
    return file + directory + end
  }
}
