/// A file that `torch.save`, `torch.jit.save` or `pickle.dump` has written: what its pickle describes, and where the
/// storages are that the tensors in it refer to.
struct TorchFile: Sendable {
  /// What the pickle describes.
  let graph: PickleGraph
  /// How the file is laid out, in words for notes and messages.
  let kind: String
  let file: String
  private let storages: @Sendable (String) throws(CheckpointError) -> ByteRegion?

  /// - Parameter storages: The bytes of the storage with a key, or nil when there is none.
  init(
    graph: PickleGraph, kind: String, file: String,
    storages: @escaping @Sendable (String) throws(CheckpointError) -> ByteRegion?
  ) {
    self.graph = graph
    self.kind = kind
    self.file = file
    self.storages = storages
  }

  /// Where and how the values of a tensor lie, or nil when its elements are of a type that is not read.
  ///
  /// - Throws: ``CheckpointError`` that names the tensor when its storage is missing or too small.
  func storedTensor(_ tensor: PickleTensor, name: String) throws(CheckpointError) -> StoredTensor? {
    guard let elementType = tensor.elementType else { return nil }
    let storage = graph.storages[tensor.storage]
    var region: ByteRegion
    switch storage.origin {
    case .bytes(let bytes): region = bytes
    case .key(let key):
      guard let bytes = try storages(key) else {
        throw CheckpointError(
          file: file, problem: "key \(name.quoted): its storage \(key.quoted) is not in the file; is it truncated?")
      }
      region = bytes
    }
    if let view = storage.view {
      let size = elementType.byteCount
      guard view.upperBound <= region.count / size,
        let part = region.subregion(at: view.lowerBound * size, count: view.count * size)
      else {
        throw CheckpointError(
          file: file, problem: "key \(name.quoted): a view of elements \(view) leads outside its storage")
      }
      region = part
    }
    return try StoredTensor(
      key: name, storage: region, elementType: elementType, offset: tensor.offset, extents: tensor.extents,
      strides: tensor.strides)
  }
}
