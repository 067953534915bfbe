import Tensors

/// A picture's line in `results.jsonl`.
struct PictureRecord: Encodable {
  let place: Int
  let picture: String
  let label: String?
  let predictions: [PictureReport.Class]
  let explanations: [PictureReport.Map]
  let files: [RecordedFile]
}

/// A picture's line in `errors.jsonl`.
struct ErrorRecord: Codable {
  let place: Int
  let picture: String
  let error: String

  init(_ picture: ListedPicture, _ error: String) {
    place = picture.place
    self.picture = picture.path
    self.error = error.printable
  }
}

/// A file of a picture's results, and how to tell that it is still what it was.
struct RecordedFile: Codable, Sendable {
  /// Its path in the folder of results.
  let file: String
  let bytes: Int
  let crc32: String

  init(_ file: String, _ content: [UInt8]) {
    self.file = file
    bytes = content.count
    crc32 = CRC32(content).description
  }

  /// Whether the file is there, whole and unchanged.
  func isVerified(in folder: String) -> Bool {
    // A line that somebody changed must not make us read files elsewhere.
    guard !file.split(separator: "/").contains(".."), let mapped = try? MappedFile(path: "\(folder)/\(file)") else {
      return false
    }
    return withExtendedLifetime(mapped) { mapped.bytes.count == bytes && CRC32(mapped.bytes).description == crc32 }
  }
}
