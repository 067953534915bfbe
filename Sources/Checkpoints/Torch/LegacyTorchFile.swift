/// The form that PyTorch wrote before 1.6: five pickles (magic number, protocol version, system, the value, the keys of
/// the storages), then for each key the number of elements and the elements.
struct LegacyTorchFile {
  let graph: PickleGraph
  /// The bytes of each storage.
  let storages: [String: ByteRegion]
  /// The work that the pickles took.
  private let spentWork: Int

  /// PyTorch's magic number 0x1950A86A20F9469CFC6C, as a pickle stores it.
  private static let magicNumber: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// Whether a file's first pickle is the magic number.
  static func isRecognized(firstPickle: PickleGraph, in region: ByteRegion) -> Bool {
    guard case .wideInteger(let range) = firstPickle.root, range.count == magicNumber.count else { return false }
    return region.hasBytes(magicNumber, at: range.lowerBound)
  }

  /// Reads all of the file but the elements.
  ///
  /// - Parameter work: What the pickles may cost together.
  /// - Throws: ``CheckpointError`` when it is not of this form, or big-endian, or truncated.
  init(
    _ region: ByteRegion, work: Int = Unpickler.workLimit, allowsEmbeddedFiles: Bool = true
  ) throws(CheckpointError) {
    var offset = 0
    var remaining = work
    func nextPickle() throws(CheckpointError) -> PickleGraph {
      var unpickler = Unpickler(region, at: offset, work: remaining, allowsEmbeddedFiles: allowsEmbeddedFiles)
      let pickle = try unpickler.run()
      offset = pickle.end
      remaining = unpickler.work
      return pickle
    }
    guard Self.isRecognized(firstPickle: try nextPickle(), in: region) else {
      throw CheckpointError(file: region.file, problem: "the magic number of a PyTorch file is missing")
    }
    guard case .integer(1001) = try nextPickle().root else {
      throw CheckpointError(file: region.file, problem: "the protocol of the PyTorch file is not 1001")
    }
    if Self.isBigEndian(system: try nextPickle()) {
      throw CheckpointError(
        file: region.file, problem: "the numbers are big-endian; save the file again on a little-endian machine")
    }
    graph = try nextPickle()
    storages = try Self.readStorages(keys: try nextPickle(), of: graph, in: region)
    spentWork = work - remaining
  }

  /// The storage that is all there is in a PyTorch file within a pickle, and the work that reading it took.
  static func embeddedStorage(
    in region: ByteRegion, work: Int
  ) throws(CheckpointError) -> (storage: PickleStorage?, spentWork: Int) {
    let file = try LegacyTorchFile(region, work: work, allowsEmbeddedFiles: false)
    guard case .storage(let id) = file.graph.root, case .key(let key) = file.graph.storages[id].origin,
      let bytes = file.storages[key]
    else { return (nil, file.spentWork) }
    let storage = file.graph.storages[id]
    return (
      PickleStorage(origin: .bytes(bytes), typeName: storage.typeName, view: storage.view), file.spentWork
    )
  }

  private static func isBigEndian(system: PickleGraph) -> Bool {
    guard case .dictionary(let id) = system.root else { return false }
    return system.dictionaries[id].contains { item in
      if case .string("little_endian") = item.key, case .boolean(false) = item.value { true } else { false }
    }
  }

  private static func readStorages(
    keys: PickleGraph, of graph: PickleGraph, in region: ByteRegion
  ) throws(CheckpointError) -> [String: ByteRegion] {
    func fail(_ problem: String) -> CheckpointError { CheckpointError(file: region.file, problem: problem) }
    var typeNames: [String: String] = [:]
    for storage in graph.storages {
      if case .key(let key) = storage.origin { typeNames[key] = storage.typeName }
    }
    guard let listed = keys.elements(of: keys.root) else { throw fail("the list of storages is missing") }
    var storages: [String: ByteRegion] = [:]
    var offset = keys.end
    for value in listed {
      guard let key = key(value), let size = typeNames[key].flatMap(elementByteCount) else {
        throw fail("storage \(storages.count + 1) is used by no tensor or of an unknown type; is the file damaged?")
      }
      guard let count = region.integer(Int64.self, at: offset), count >= 0 else {
        throw fail("storage \(key.quoted) has no size; is the file truncated?")
      }
      let (byteCount, overflow) = Int(count).multipliedReportingOverflow(by: size)
      guard !overflow, let bytes = region.subregion(at: offset + 8, count: byteCount) else {
        throw fail(
          "storage \(key.quoted) has \(count) elements of \(size) bytes, more than the "
            + "\(region.count - offset - 8) bytes that are left; is the file truncated?")
      }
      storages[key] = bytes
      offset += 8 + byteCount
    }
    return storages
  }

  private static func key(_ value: PickleValue) -> String? {
    switch value {
    case .string(let text): text
    case .integer(let number): String(number)
    default: nil
    }
  }

  /// The size of an element of a storage class, also of the ones that are stepped over and not read.
  private static func elementByteCount(storageName: String) -> Int? {
    switch storageName {
    case "ComplexDoubleStorage": 16
    case "ComplexFloatStorage": 8
    case "QInt32Storage": 4
    case "QInt8Storage", "QUInt8Storage": 1
    default: ElementType(torchStorageName: storageName)?.byteCount
    }
  }
}
