#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

import Tensors

/// A folder as model hubs keep models: weights in one file, or in several with an index, and beside them `config.json`.
///
/// A folder of Hugging Face's cache (`models--owner--name`) means the snapshot in it. Files there are links to files elsewhere.
public struct CheckpointFolder: Sendable {
  /// The folder, without a slash at its end.
  public let path: String
  /// The path of the weights, or of the index of their shards.
  public let weights: String

  /// Names of weights, the ones that are read first where several lie side by side.
  private static let names = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]
  /// How the names of files with weights end.
  private static let endings = ["safetensors", "pth", "pt", "pkl", "bin", "th", "ckpt", "tar"]
  /// What trainers write beside the weights.
  private static let others: Set<String> = ["training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt"]
  /// The largest configuration that is read: one with 20,000 names of classes has 2 MB.
  static let largestConfiguration = 16 << 20

  /// A folder with a model; nil where the path is none.
  ///
  /// - Throws: ``CheckpointError`` where it holds no weights, or several and none of a usual name.
  public init?(at path: String) throws(CheckpointError) {
    guard Folder.isFolder(path) else { return nil }
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = try Self.snapshot(in: path) ?? path
    weights = self.path + "/" + (try Self.weights(among: Self.files(of: self.path), in: self.path))
  }

  /// The folder around a file of weights that has one of the usual names; nil where it has another.
  public init?(around file: String) {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = parts.last, Self.names.contains(String(name)), !Folder.isFolder(file) else { return nil }
    path = parts.count > 1 ? String(file.dropLast(name.count + 1)) : "."
    weights = file
  }

  /// The entries of a configuration, such as `config.json`; nil where there is none.
  ///
  /// - Throws: ``CheckpointError`` where it is no object of JSON, or too large.
  public static func entries(of file: String) throws(CheckpointError) -> [String: JSONValue]? {
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    let region = try ByteRegion(contentsOf: file)
    guard region.count <= largestConfiguration else {
      throw CheckpointError(file: file, problem: "expected at most 16 MB of JSON, found \(region.count) bytes")
    }
    guard case .object(let entries)? = JSONValue(parsing: region.withBytes { Array($0) }) else {
      throw CheckpointError(file: file, problem: "expected a JSON object; is the file damaged?")
    }
    return entries
  }

  /// The path of a file in the folder.
  public func path(of name: String) -> String { path == "." ? name : "\(path)/\(name)" }

  // MARK: Files

  private static func weights(among files: [String], in path: String) throws(CheckpointError) -> String {
    if let usual = names.first(where: files.contains) { return usual }
    let found = files.filter { name in
      !others.contains(name) && endings.contains { name.hasSuffix("." + $0) }
    }
    guard let first = found.first, found.count == 1 else {
      let exported = files.first { $0.hasSuffix(".onnx") }
      let list = (found.isEmpty ? files : found).prefix(4).map(\.quoted).joined(separator: ", ")
      let advice =
        exported.map { "; it holds an exported model: name \((path + "/" + $0).quoted)" }
        ?? (found.isEmpty ? "" : "; name one of them")
      throw CheckpointError(
        file: path,
        problem:
          "expected a folder with model.safetensors or pytorch_model.bin, found \(list.isEmpty ? "nothing" : list)"
          + advice)
    }
    return first
  }

  /// The snapshot of a folder of Hugging Face's cache; nil where it is no such folder.
  private static func snapshot(in path: String) throws(CheckpointError) -> String? {
    let folder = path.hasSuffix("/snapshots") ? path : path + "/snapshots"
    guard Folder.isFolder(folder) else { return nil }
    let snapshots = files(of: folder).filter { Folder.isFolder("\(folder)/\($0)") }
    let main = (try? ByteRegion(contentsOf: folder.dropLast("snapshots".count) + "refs/main")).flatMap { region in
      region.count <= 100 ? region.withBytes { String(decoding: $0, as: UTF8.self) } : nil
    }
    if let main, let name = snapshots.first(where: { main.hasPrefix($0) }) { return "\(folder)/\(name)" }
    guard let first = snapshots.first, snapshots.count == 1 else {
      let list = snapshots.prefix(3).map(\.quoted).joined(separator: ", ")
      throw CheckpointError(
        file: folder,
        problem: "expected one snapshot, found \(snapshots.isEmpty ? "none" : "\(list); name one of them")")
    }
    return "\(folder)/\(first)"
  }

  private static func files(of folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}
