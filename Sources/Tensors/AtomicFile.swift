/// Writing files so that nobody ever sees half of one.
///
/// The bytes go to a temporary file in the target's folder, which then takes the target's name. When anything fails,
/// the temporary file is removed and an older file of that name stays as it was.
public enum AtomicFile {
  /// Writes `bytes` to the file at `path`, replacing what is there.
  ///
  /// - Parameter folder: where the temporary file lies, on the target's file system; beside the target where left out.
  /// - Throws: ``FileError`` when the folder does not exist or may not be written to, the disk is full, or `path` is a
  ///   folder.
  public static func write(_ bytes: [UInt8], to path: String, by folder: String? = nil) throws(FileError) {
    let result = bytes.withUnsafeBytes { memory in
      Result { () throws(FileError) in try write([memory], to: path, by: folder) }
    }
    try result.get()
  }

  /// Writes several runs of memory, one after another, to the file at `path`, replacing what is there.
  ///
  /// - Throws: ``FileError`` as the other overload does.
  public static func write(
    _ parts: [UnsafeRawBufferPointer], to path: String, by folder: String? = nil
  ) throws(FileError) {
    let file = try AtomicFileWriter(path, by: folder)
    for part in parts { try file.append(part) }
    try file.commit()
  }
}
