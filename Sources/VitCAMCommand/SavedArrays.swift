import VitCAM

/// The arrays that `--save-heatmap`, `--save-raw` and `--save-logits` write once all pictures are explained.
struct SavedArrays {
  private let options: OutputOptions
  private var heatmaps: [Tensor] = []
  private var rawMaps: [Tensor] = []
  private var logits: [Tensor] = []

  /// - Throws: ``UsageError`` where an array could not be written, so that it is known before the work is done.
  init(_ options: OutputOptions, grids: [ImageSize]) throws {
    self.options = options
    for path in [options.saveHeatmap, options.saveRaw, options.saveLogits].compactMap({ $0 }) {
      guard !Folder.isFolder(path) else { throw UsageError("cannot write \(path): it is a folder, not a file") }
      try Folder.checkWritable(path)
    }
    if options.saveRaw != nil, Set(grids).count > 1 {
      let sizes = grids.map(\.description).joined(separator: ", ")
      throw UsageError("--save-raw: the layers' maps have several sizes, \(sizes); name one layer")
    }
  }

  /// Keeps the arrays of a picture's explanations.
  ///
  /// - Throws: ``UsageError`` where raw maps are not of one size, as those of layers and of the input may be.
  mutating func collect(_ explanations: [Explanation], logits outputs: Tensor) throws {
    if options.saveRaw != nil, let first = explanations.first,
      let other = explanations.first(where: { $0.rawMaps[0].shape != first.rawMaps[0].shape })
    {
      throw UsageError(
        "--save-raw: \(first.method) has maps of \(first.rawMaps[0].shape), \(other.method) of \(other.rawMaps[0].shape); "
          + "name methods whose maps have one size")
    }
    if options.saveHeatmap != nil { heatmaps += explanations.map(\.heatmap) }
    if options.saveRaw != nil { rawMaps += explanations.flatMap(\.rawMaps) }
    if options.saveLogits != nil { logits.append(outputs) }
  }

  /// Writes what was collected; nothing where no picture could be explained.
  func write() throws {
    for (tensors, path) in [
      (heatmaps, options.saveHeatmap), (rawMaps, options.saveRaw), (logits, options.saveLogits),
    ] {
      guard let path, let first = tensors.first else { continue }
      try Folder.create(Folder.parent(of: path))
      try Self.stack(tensors, shape: first.shape).write(npy: path)
    }
  }

  /// Tensors of one shape as one with a leading axis.
  private static func stack(_ tensors: [Tensor], shape: Shape) -> Tensor {
    Tensor(unfilled: shape.batched(tensors.count)) { result in
      for (index, tensor) in tensors.enumerated() {
        tensor.withScalars { (result.base + index * shape.count).update(from: $0.base, count: shape.count) }
      }
    }
  }
}
