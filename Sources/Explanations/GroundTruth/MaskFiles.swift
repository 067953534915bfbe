import Images

extension GroundTruth {
  /// Mask pictures, white where an object is: for `cat.jpg` the file `cat.png`, which is unlabelled, or `cat-LABEL.png` for
  /// each object. A mask file alone serves every picture.
  static func masks(files: [String]) -> GroundTruth {
    let masks = files.filter { ending(of: $0) == "png" }
    return GroundTruth { picture, size in
      let stem = stem(of: picture)
      var objects = [AnnotatedObject]()
      for file in masks where name(of: file) != name(of: picture) || file != picture {
        let maskStem = Self.stem(of: file)
        let isLabelled = maskStem.hasPrefix(stem + "-")
        guard maskStem == stem || isLabelled || files.count == 1 else { continue }
        let label = isLabelled ? String(maskStem.dropFirst(stem.count + 1)) : nil
        if let object = try object(mask: file, label: label, size: size) { objects.append(object) }
      }
      return objects
    }
  }

  /// The object that a mask file shows; nil where it shows none.
  static func object(
    mask file: String, label: String?, size: ImageSize, box: Rectangle? = nil
  ) throws -> AnnotatedObject? {
    let image = try Image(contentsOf: file)
    guard image.size == size else {
      throw GroundTruthError(file, "expected a mask of the picture's size, \(size), found \(image.size)")
    }
    return AnnotatedObject(label: label, region: Region(mask: image), box: box)
  }
}
