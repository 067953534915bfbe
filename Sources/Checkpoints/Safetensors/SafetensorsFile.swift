import Tensors

/// A safetensors file: a JSON header and the tensors behind it (<https://github.com/huggingface/safetensors>).
///
/// Opening it reads the header alone. Tensors of `F32` are borrowed from the mapped file where they are aligned to four
/// bytes; other types are converted when they are asked for.
public struct SafetensorsFile: Sendable {
  /// A header larger than this is refused, as the reference implementation does.
  static let largestHeader = 100_000_000

  /// The strings that the writer of the file left in `__metadata__`.
  public let metadata: [String: String]
  /// The names of the tensors in the order of the header.
  public let names: [String]
  /// The names of tensors left out because their element type is not read, with that type (`F8_E4M3`).
  public let skipped: [(name: String, elementType: String)]
  let tensors: [String: StoredTensor]
  private let file: String

  /// Opens and validates a file.
  ///
  /// - Throws: ``CheckpointError`` when it cannot be read, is not of this format, or contradicts itself.
  public init(contentsOf path: String) throws(CheckpointError) {
    try self.init(ByteRegion(contentsOf: path))
  }

  init(_ region: ByteRegion) throws(CheckpointError) {
    file = region.file
    let (header, data) = try Self.split(region)
    let parsed = try SafetensorsHeader(parsing: header)
    try Self.checkOverlap(parsed.entries, in: region)
    var tensors: [String: StoredTensor] = [:]
    var skipped: [(name: String, elementType: String)] = []
    for entry in parsed.entries {
      if let tensor = try Self.storedTensor(entry, in: data) {
        tensors[entry.name] = tensor
      } else {
        skipped.append((entry.name, entry.typeName))
      }
    }
    metadata = parsed.metadata
    names = parsed.entries.map(\.name).filter { tensors[$0] != nil }
    self.skipped = skipped
    self.tensors = tensors
  }

  /// The shape of a tensor, or nil when there is none of that name.
  public func shape(of name: String) -> Shape? { tensors[name]?.shape }

  /// The element type of a tensor, or nil when there is none of that name.
  public func elementType(of name: String) -> ElementType? { tensors[name]?.elementType }

  /// The values of a tensor.
  ///
  /// - Throws: ``CheckpointError`` when there is none of that name.
  public func tensor(_ name: String) throws(CheckpointError) -> Tensor {
    guard let tensor = tensors[name] else {
      throw CheckpointError(file: file, problem: "there is no tensor \(name.quoted)")
    }
    return tensor.tensor()
  }

  /// Whether the bytes begin as a safetensors file does: the size of the header, then a brace.
  static func isRecognized(_ region: ByteRegion) -> Bool {
    region.byte(at: 8) == UInt8(ascii: "{")
  }

  /// The header and what follows it.
  private static func split(_ region: ByteRegion) throws(CheckpointError) -> (header: ByteRegion, data: ByteRegion) {
    guard let size = region.integer(UInt64.self, at: 0) else {
      throw CheckpointError(
        file: region.file, problem: "\(region.count) bytes are too few for a safetensors file; is it truncated?")
    }
    guard size <= UInt64(largestHeader) else {
      throw CheckpointError(
        file: region.file,
        problem: "a safetensors header of \(size) bytes is announced; at most \(largestHeader) are allowed")
    }
    guard let header = region.subregion(at: 8, count: Int(size)),
      let data = region.subregion(at: 8 + header.count, count: region.count - 8 - header.count)
    else {
      throw CheckpointError(
        file: region.file,
        problem: "a safetensors header of \(size) bytes is announced and \(region.count - 8) bytes follow; "
          + "is the file truncated?")
    }
    return (header, data)
  }

  private static func storedTensor(
    _ entry: SafetensorsHeader.Entry, in data: ByteRegion
  ) throws(CheckpointError) -> StoredTensor? {
    func fail(_ problem: String) -> CheckpointError {
      CheckpointError(file: data.file, problem: "key \(entry.name.quoted): \(problem)")
    }
    guard entry.begin <= entry.end, let bytes = data.subregion(at: entry.begin, count: entry.end - entry.begin) else {
      throw fail(
        "its bytes \(entry.begin) to \(entry.end) do not lie in the \(data.count) bytes of data; is the file truncated?"
      )
    }
    guard let elementType = ElementType(safetensorsName: entry.typeName) else { return nil }
    let tensor = try StoredTensor(key: entry.name, storage: bytes, elementType: elementType, extents: entry.extents)
    // The shape fits into the bytes, so that this product cannot overflow.
    guard tensor.shape.count * elementType.byteCount == bytes.count else {
      throw fail("\(bytes.count) bytes are given to \(tensor.shape) of \(entry.typeName)")
    }
    return tensor
  }

  private static func checkOverlap(_ entries: [SafetensorsHeader.Entry], in region: ByteRegion) throws(CheckpointError)
  {
    let ordered = entries.filter { $0.begin != $0.end }.sorted { $0.begin < $1.begin }
    for (first, second) in zip(ordered, ordered.dropFirst()) where second.begin < first.end {
      throw CheckpointError(
        file: region.file, problem: "keys \(first.name.quoted) and \(second.name.quoted) overlap in the file")
    }
  }
}
