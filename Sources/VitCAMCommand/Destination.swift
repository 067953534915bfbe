import VitCAM

/// Where pictures are written: a file for a single map, or a folder, which is made when the first picture is written.
struct Destination {
  private let file: String?
  private let folder: String
  private var taken = Set<String>()

  /// - Parameters:
  ///   - output: what the user named; the current folder where left out.
  ///   - sources: the pictures that will be explained, none of which may be overwritten.
  ///   - maps: how many maps there will be for each.
  init(_ output: String?, sources: [PictureSource], maps: Int) throws {
    guard let output else {
      file = nil
      folder = "."
      return
    }
    try Folder.checkWritable(output)
    if !Folder.isFolder(output), !output.hasSuffix("/"), let ending = Folder.ending(of: output) {
      guard ImageFormat(path: output) != nil else {
        throw UsageError(
          "--output \(output): cannot write .\(ending); expected .png, .jpg, or a folder with a / at its end")
      }
      guard sources.count * maps == 1 else {
        throw UsageError("--output \(output): \(sources.count) pictures with \(maps) maps each need a folder")
      }
      guard !sources.contains(where: { $0.name == output }) else {
        throw UsageError("--output \(output): would overwrite the picture that it explains")
      }
      file = output
      folder = ""
    } else {
      guard Folder.isFolder(output) || !Folder.isTaken(output) else {
        throw UsageError("--output \(output): expected .png, .jpg or a folder, found a file of that name")
      }
      file = nil
      folder = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
    }
  }

  /// One path for each map of a picture: what tells them apart is in their names.
  mutating func paths(for explanations: [Explanation], stem: String) throws -> [String] {
    if let file {
      try Folder.create(Folder.parent(of: file))
      return explanations.map { _ in file }
    }
    try Folder.create(folder)
    return explanations.map { explanation in
      let base = "\(folder)/\(stem).\(MapName.fileName(of: explanation))"
      var path = "\(base).png"
      var number = 1
      while !taken.insert(path).inserted {
        number += 1
        path = "\(base)-\(number).png"
      }
      return path
    }
  }
}
