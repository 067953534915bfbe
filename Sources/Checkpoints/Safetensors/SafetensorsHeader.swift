/// What the header of a safetensors file says, before it is checked against the file.
struct SafetensorsHeader {
  /// One tensor of the header.
  struct Entry {
    let name: String
    /// The element type as the header calls it.
    let typeName: String
    let extents: [Int]
    /// Where the tensor begins and ends, counted in bytes from the end of the header.
    let begin: Int
    let end: Int
  }

  /// In the order of the header.
  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  /// Parses a header.
  ///
  /// - Throws: ``CheckpointError`` when it is not JSON, when a field is missing or of the wrong kind, or when a name
  ///   occurs twice.
  init(parsing header: ByteRegion) throws(CheckpointError) {
    self = try header.withBytes { bytes throws(CheckpointError) in
      var scanner = JSONScanner(bytes, file: header.file)
      return try SafetensorsHeader(&scanner)
    }
  }

  private init(_ scanner: inout JSONScanner) throws(CheckpointError) {
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    var names: Set<String> = []
    try scanner.members { scanner, name throws(CheckpointError) in
      guard names.insert(name).inserted else { throw scanner.error("\(name.quoted) is there twice") }
      if name == "__metadata__" {
        metadata = try Self.strings(&scanner)
      } else {
        entries.append(try Self.entry(named: name, &scanner))
      }
    }
    guard scanner.isAtEnd() else { throw scanner.error("something follows the header; is the file damaged?") }
    self.entries = entries
    self.metadata = metadata
  }

  private static func strings(_ scanner: inout JSONScanner) throws(CheckpointError) -> [String: String] {
    var result: [String: String] = [:]
    try scanner.members { scanner, name throws(CheckpointError) in
      let value = try scanner.string()
      guard result.updateValue(value, forKey: name) == nil else {
        throw scanner.error("\(name.quoted) is there twice")
      }
    }
    return result
  }

  private static func entry(named name: String, _ scanner: inout JSONScanner) throws(CheckpointError) -> Entry {
    var typeName: String?
    var extents: [Int]?
    var offsets: [Int]?
    try scanner.members { scanner, field throws(CheckpointError) in
      switch field {
      case "dtype" where typeName == nil: typeName = try scanner.string()
      case "shape" where extents == nil: extents = try scanner.integers(limit: 64)
      case "data_offsets" where offsets == nil: offsets = try scanner.integers(limit: 2)
      default: throw scanner.error("key \(name.quoted): field \(field.quoted) is unknown or there twice")
      }
    }
    guard let typeName, let extents, let offsets, offsets.count == 2 else {
      throw scanner.error("key \(name.quoted): 'dtype', 'shape' and two 'data_offsets' were expected")
    }
    return Entry(name: name, typeName: typeName, extents: extents, begin: offsets[0], end: offsets[1])
  }
}
