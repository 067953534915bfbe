/// The zip form, which PyTorch writes since 1.6 and TorchScript since 1.0: `NAME/data.pkl`, one entry `NAME/data/KEY`
/// for each storage, `NAME/byteorder`.
enum TorchArchive {
  /// The kind of file, for messages, when TorchScript has written it.
  static let scriptKind = "TorchScript archive"

  /// Whether the bytes begin as a zip archive does.
  static func isRecognized(_ region: ByteRegion) -> Bool {
    region.hasBytes([0x50, 0x4B, 0x03, 0x04]) || region.hasBytes([0x50, 0x4B, 0x05, 0x06])
  }

  /// Reads the archive's directory and its pickle; storages are only located when a tensor asks for them.
  static func open(_ region: ByteRegion) throws(CheckpointError) -> TorchFile {
    let zip = try ZipDirectory(region)
    guard let folder = folder(of: zip), let pickle = try zip.bytes(of: folder + "data.pkl") else {
      throw CheckpointError(
        file: region.file,
        problem:
          "a zip archive without 'data.pkl' is no state dictionary of PyTorch; save one with torch.save(model.state_dict(), ...)"
      )
    }
    if let order = try zip.bytes(of: folder + "byteorder"), order.hasBytes("big".utf8) {
      throw CheckpointError(
        file: region.file, problem: "the numbers are big-endian; save the file again on a little-endian machine")
    }
    let isScript = try zip.bytes(of: folder + "constants.pkl") != nil
    return TorchFile(
      graph: try Unpickler.load(pickle), kind: isScript ? scriptKind : "PyTorch archive", file: region.file
    ) { key throws(CheckpointError) in
      try zip.bytes(of: "\(folder)data/\(key)")
    }
  }

  /// What stands before `data.pkl` in the name of the least deep such entry, its slash included.
  private static func folder(of zip: ZipDirectory) -> String? {
    let pickle = "data.pkl"
    return zip.names.lazy
      .filter { $0 == pickle || $0.hasSuffix("/" + pickle) }
      .map { String($0.dropLast(pickle.count)) }
      .min { $0.utf8.count < $1.utf8.count }
  }
}
