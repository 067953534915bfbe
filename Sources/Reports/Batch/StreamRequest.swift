import Images

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A line of a ``PictureStream``, with its picture decoded.
struct StreamRequest: Sendable {
  /// What a line may say.
  private struct Line: Decodable {
    let id: TextOrNumber?
    let path: String?
    let bytes: String?
    let label: TextOrNumber?
    let target: TextOrNumber?
  }

  /// The name that the caller gave it.
  private(set) var id: TextOrNumber?
  /// Its path, where it has one.
  private(set) var path: String?
  private(set) var label: String?
  /// The picture; nil where there is a ``problem``.
  private(set) var picture: LoadedPicture?
  /// Why it cannot be explained.
  private(set) var problem: String?

  /// Understands a line and decodes its picture.
  init(_ line: [UInt8], by explainer: BatchExplainer) {
    do {
      let line = try Self.line(line)
      id = line.id
      path = line.path
      label = line.label?.text
      let listed = ListedPicture(place: 0, path: line.path ?? id?.text ?? "", label: label, target: line.target?.text)
      picture = try explainer.load(listed, try Self.bytes(of: line))
    } catch {
      problem = "\(error)".printable
    }
  }

  private static func line(_ line: [UInt8]) throws -> Line {
    let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
    switch line.first(where: { $0 != UInt8(ascii: " ") }) {
    case UInt8(ascii: "{"):
      guard let object = try? JSONLine.decoded(Line.self, from: line) else {
        throw UsageError("expected a JSON object with path or bytes, found \(start(of: line))")
      }
      return object
    case UInt8(ascii: "\""):
      guard let path = try? JSONLine.decoded(String.self, from: line) else {
        throw UsageError("expected a path as a JSON string, found \(start(of: line))")
      }
      return Line(id: nil, path: path, bytes: nil, label: nil, target: nil)
    case nil: throw UsageError("expected a path or a JSON object, found an empty line")
    default: return Line(id: nil, path: String(decoding: line, as: UTF8.self), bytes: nil, label: nil, target: nil)
    }
  }

  private static func start(of line: ArraySlice<UInt8>) -> String { String(decoding: line.prefix(40), as: UTF8.self) }

  private static func bytes(of line: Line) throws -> PictureBytes {
    switch (line.path, line.bytes) {
    case (let path?, nil): return .file(path)
    case (_, let text?):
      guard let bytes = Data(base64Encoded: text) else { throw UsageError("bytes: expected base64") }
      return .memory([UInt8](bytes))
    case (nil, nil): throw UsageError("expected a path or bytes, found neither")
    }
  }
}

/// The answer to a line of a ``PictureStream``.
struct StreamAnswer: Encodable {
  /// A file that comes with it.
  struct File: Encodable {
    let file: String
    let bytes: Int
    let crc32: String
    /// The file itself, in base64.
    let content: String
  }

  private let id: TextOrNumber?
  private let picture: String?
  private let label: String?
  private let error: String?
  private let predictions: [PictureReport.Class]?
  private let explanations: [PictureReport.Map]?
  private let files: [File]?

  init(_ request: StreamRequest, _ result: Result<ExplainedPicture, any Error>?, _ options: BatchOptions) throws {
    id = request.id
    picture = request.path
    label = request.label
    switch result {
    case .success(let explained):
      error = nil
      predictions = explained.predictions.map { .init($0) }
      let made = try explained.files(options)
      explanations = explained.maps(files: made.map { ($0.map, $0.suffix) })
      files = made.map { file in
        let recorded = RecordedFile(file.suffix, file.bytes)
        return File(
          file: recorded.file, bytes: recorded.bytes, crc32: recorded.crc32,
          content: Data(file.bytes).base64EncodedString())
      }
    case .failure(let reason): (error, predictions, explanations, files) = ("\(reason)", nil, nil, nil)
    case nil: (error, predictions, explanations, files) = (request.problem ?? "not explained", nil, nil, nil)
    }
  }
}
