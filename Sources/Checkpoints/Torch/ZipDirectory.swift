/// The table of contents of a zip archive (APPNOTE 6.3, with zip64). Entries are read where they lie: nothing is
/// unpacked, and an entry's path is nothing but its name.
struct ZipDirectory: Sendable {
  private struct Entry: Sendable {
    let headerOffset: Int
    let nameLength: Int
    let size: Int
    let isStored: Bool
    let isEncrypted: Bool
  }

  /// Where the central directory lies and how many entries it has.
  private struct Location {
    let offset: Int
    let size: Int
    let entryCount: Int
  }

  /// The names of the entries in the order of the central directory.
  private(set) var names: [String] = []
  private var entries: [String: Entry] = [:]
  private let region: ByteRegion

  /// Reads the central directory of the archive that fills the region.
  ///
  /// - Throws: ``CheckpointError`` when it is missing or contradicts itself, or when entries overlap.
  init(_ region: ByteRegion) throws(CheckpointError) {
    self.region = region
    let location = try locate()
    guard let directory = region.subregion(at: location.offset, count: location.size) else {
      throw error("the directory of \(location.size) bytes at \(location.offset) does not lie in the file")
    }
    var offset = 0
    while offset < directory.count {
      offset += try readEntry(of: directory, at: offset)
    }
    guard names.count == location.entryCount else {
      throw error("the directory holds \(names.count) entries and announces \(location.entryCount)")
    }
    try checkExtents(end: location.offset)
  }

  /// The bytes of an entry, or nil when there is none of that name.
  ///
  /// - Throws: ``CheckpointError`` when the entry is compressed or encrypted, or its local header makes no sense.
  func bytes(of name: String) throws(CheckpointError) -> ByteRegion? {
    guard let entry = entries[name] else { return nil }
    guard entry.isStored else {
      throw error("entry \(name.quoted) is compressed, which PyTorch never does; pack the archive without compression")
    }
    guard !entry.isEncrypted else { throw error("entry \(name.quoted) is encrypted") }
    let header = entry.headerOffset
    guard region.integer(UInt32.self, at: header) == 0x0403_4B50,
      let nameLength = region.integer(UInt16.self, at: header + 26),
      let extraLength = region.integer(UInt16.self, at: header + 28),
      let bytes = region.subregion(at: header + 30 + Int(nameLength) + Int(extraLength), count: entry.size)
    else { throw error("entry \(name.quoted) of \(entry.size) bytes is not where the directory says") }
    return bytes
  }

  // MARK: The end of the archive

  private func error(_ problem: String) -> CheckpointError {
    CheckpointError(file: region.file, problem: "zip archive: \(problem)")
  }

  /// Looks for the end record, which a comment of up to 64 KiB may follow, and for its zip64 form.
  private func locate() throws(CheckpointError) -> Location {
    let recordSize = 22
    let missing = error("the directory at its end is missing; is the file truncated?")
    guard region.count >= recordSize else { throw missing }
    let latest = region.count - recordSize
    let candidates = (max(0, latest - Int(UInt16.max))...latest).reversed()
    guard let end = candidates.first(where: { isEndRecord(at: $0) }) else { throw missing }
    if let location = try zip64Location(endRecord: end) { return location }
    guard let count = region.integer(UInt16.self, at: end + 10), let size = region.integer(UInt32.self, at: end + 12),
      let offset = region.integer(UInt32.self, at: end + 16)
    else { throw missing }
    return Location(offset: Int(offset), size: Int(size), entryCount: Int(count))
  }

  private func isEndRecord(at offset: Int) -> Bool {
    guard region.integer(UInt32.self, at: offset) == 0x0605_4B50,
      let commentLength = region.integer(UInt16.self, at: offset + 20)
    else { return false }
    return offset + 22 + Int(commentLength) == region.count
  }

  private func zip64Location(endRecord: Int) throws(CheckpointError) -> Location? {
    let locator = endRecord - 20
    guard region.integer(UInt32.self, at: locator) == 0x0706_4B50 else { return nil }
    guard let record = region.integer(UInt64.self, at: locator + 8).flatMap(Int.init(exactly:)),
      region.integer(UInt32.self, at: record) == 0x0606_4B50, record <= locator - 56,
      let count = region.integer(UInt64.self, at: record + 32).flatMap(Int.init(exactly:)),
      let size = region.integer(UInt64.self, at: record + 40).flatMap(Int.init(exactly:)),
      let offset = region.integer(UInt64.self, at: record + 48).flatMap(Int.init(exactly:))
    else { throw error("the zip64 record at its end makes no sense; is the file damaged?") }
    return Location(offset: offset, size: size, entryCount: count)
  }

  // MARK: Entries

  /// Reads one entry of the central directory and gives the size of its record.
  private mutating func readEntry(of directory: ByteRegion, at offset: Int) throws(CheckpointError) -> Int {
    guard directory.integer(UInt32.self, at: offset) == 0x0201_4B50,
      let flags = directory.integer(UInt16.self, at: offset + 8),
      let method = directory.integer(UInt16.self, at: offset + 10),
      let packedSize = directory.integer(UInt32.self, at: offset + 20),
      let size = directory.integer(UInt32.self, at: offset + 24),
      let nameLength = directory.integer(UInt16.self, at: offset + 28).map(Int.init),
      let extraLength = directory.integer(UInt16.self, at: offset + 30).map(Int.init),
      let commentLength = directory.integer(UInt16.self, at: offset + 32).map(Int.init),
      let headerOffset = directory.integer(UInt32.self, at: offset + 42),
      let name = directory.subregion(at: offset + 46, count: nameLength)?.text,
      let extra = directory.subregion(at: offset + 46 + nameLength, count: extraLength)
    else { throw error("entry \(names.count + 1) of the directory makes no sense; is the file damaged?") }

    var fields = Zip64Fields(extra)
    guard let size = fields.wide(size), let packedSize = fields.wide(packedSize),
      let header = fields.wide(headerOffset)
    else { throw error("entry \(name.quoted) has an impossible size or place") }
    let isStored = method == 0
    guard !isStored || size == packedSize else {
      throw error("entry \(name.quoted) is not compressed, but \(size) bytes are stored as \(packedSize)")
    }
    let entry = Entry(
      headerOffset: header, nameLength: nameLength, size: packedSize, isStored: isStored, isEncrypted: flags & 1 != 0)
    guard entries.updateValue(entry, forKey: name) == nil else {
      throw error("entry \(name.quoted) is there twice")
    }
    names.append(name)
    return 46 + nameLength + extraLength + commentLength
  }

  /// No entry may reach into the next one or into the directory: else few bytes could pose as many.
  private func checkExtents(end: Int) throws(CheckpointError) {
    let ordered = names.compactMap { name in entries[name].map { (name: name, entry: $0) } }
      .sorted { $0.entry.headerOffset < $1.entry.headerOffset }
    for (index, (name, entry)) in ordered.enumerated() {
      let next = index + 1 < ordered.count ? ordered[index + 1].entry.headerOffset : end
      // Places come from the file: only one before the directory may be calculated with.
      guard entry.headerOffset <= end, entry.size <= next - entry.headerOffset - 30 - entry.nameLength else {
        throw error("entry \(name.quoted) of \(entry.size) bytes overlaps what follows it")
      }
    }
  }
}

/// The 64-bit values of an entry whose 32-bit fields are full (extra field 1), in their fixed order.
private struct Zip64Fields {
  private var values: [UInt64] = []

  init(_ extra: ByteRegion) {
    var offset = 0
    while let id = extra.integer(UInt16.self, at: offset), let length = extra.integer(UInt16.self, at: offset + 2) {
      if id == 1 {
        values = (0..<Int(length) / 8).compactMap { extra.integer(UInt64.self, at: offset + 4 + 8 * $0) }
        return
      }
      offset += 4 + Int(length)
    }
  }

  /// The value of a field: itself, or when it is full, the next 64-bit value.
  mutating func wide(_ field: UInt32) -> Int? {
    guard field == .max else { return Int(field) }
    return values.isEmpty ? nil : Int(exactly: values.removeFirst())
  }
}
