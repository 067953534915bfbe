import VitCAM

/// Where a picture comes from: a file, or a sample of an array that is preprocessed already.
enum PictureSource {
  case file(String)
  case sample(Tensor, index: Int, file: String)

  /// The picture's name for messages.
  var name: String {
    switch self {
    case .file(let path): path
    case .sample(_, let index, let file): "\(file)[\(index)]"
    }
  }

  /// The pictures that paths name; a folder stands for the pictures in it.
  static func expanding(_ paths: [String]) throws -> [PictureSource] {
    try paths.flatMap { path in
      guard Folder.isFolder(path) else { return [PictureSource.file(path)] }
      let files = try Folder.files(in: path).filter { ReadableFormat(path: $0) != nil }
      guard !files.isEmpty else { throw UsageError("\(path): a folder without \(ReadableFormat.names) files") }
      return files.map { .file($0) }
    }
  }

  /// The samples of an N×3×H×W array for a model.
  static func samples(of path: String, for model: Model) throws -> [PictureSource] {
    let tensor = try Tensor(npy: path)
    let size = model.imageSize
    guard tensor.shape.rank == 4, tensor.count > 0, tensor.shape.perSample == [3, size.height, size.width] else {
      let advice = tensor.shape.rank == 4 && tensor.shape[1] == 3 ? "; try --image-size" : ""
      throw UsageError("\(path): expected N×3×\(size.height)×\(size.width), found \(tensor.shape)\(advice)")
    }
    return (0..<tensor.batchCount).map { .sample(tensor, index: $0, file: path) }
  }

  /// Reads the picture and prepares it for a model.
  func load(for model: Model, _ options: PreprocessingOptions) throws -> Picture {
    let stopwatch = Stopwatch()
    switch self {
    case .file(let path):
      let image = try Image(contentsOf: path)
      let preprocessing = options.applied(to: model.preprocessing, image: image)
      return Picture(
        path: path, stem: Folder.stem(of: path), input: preprocessing(image), image: image,
        preprocessing: preprocessing, decoding: stopwatch.elapsed)
    case .sample(let tensor, let index, let path):
      let preprocessing = options.applied(to: model.preprocessing, image: nil)
      return Picture(
        path: name, stem: "\(Folder.stem(of: path))-\(index)", input: tensor.samples(index..<index + 1), image: nil,
        preprocessing: preprocessing, decoding: stopwatch.elapsed)
    }
  }
}

/// A picture that is ready to be explained.
struct Picture {
  let path: String
  let stem: String
  let input: Tensor
  let image: Image?
  let preprocessing: Preprocessing
  let decoding: Duration

  /// Its size and what the model sees of it.
  var frame: PictureFrame {
    image.map { PictureFrame(of: $0.size, preprocessing) } ?? PictureFrame(whole: preprocessing.size)
  }

  /// What to draw a heatmap on, and the part of it that the heatmap covers.
  func canvas(whole: Bool) -> (image: Image, visible: Rectangle?) {
    guard let image else { return (Image(normalized: input, preprocessing), nil) }
    return whole
      ? (image, preprocessing.visibleRectangle(of: image.size)) : (preprocessing.networkView(of: image), nil)
  }
}
