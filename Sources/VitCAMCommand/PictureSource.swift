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

  /// Reads the picture and prepares it for a model.
  func load(for model: Model, _ options: PreprocessingOptions) throws -> Picture {
    let stopwatch = Stopwatch()
    switch self {
    case .file(let path):
      let image = try Image(contentsOf: path)
      let preprocessing = try options.applied(to: model.preprocessing, image: image)
      return Picture(
        path: path, stem: Folder.stem(of: path), input: try preprocessing(image, of: path), image: image,
        preprocessing: preprocessing, decoding: stopwatch.elapsed)
    case .sample(let tensor, let index, let path):
      let preprocessing = try options.applied(to: model.preprocessing, image: nil)
      return Picture(
        path: name, stem: "\(Folder.stem(of: path))-\(index)", input: tensor.samples(index..<index + 1), image: nil,
        preprocessing: preprocessing, decoding: stopwatch.elapsed)
    }
  }
}

/// Pictures that are preprocessed already: a file with an array N×C×H×W.
struct PictureArray {
  private let path: String
  private let tensor: Tensor

  /// Reads the file.
  init(_ path: String) throws {
    self.path = path
    tensor = try Tensor(npy: path)
    guard tensor.shape.rank == 4, tensor.count > 0 else {
      throw UsageError("\(path): expected pictures, N×C×H×W, found \(tensor.shape)")
    }
  }

  /// The size of its pictures.
  var size: ImageSize { ImageSize(height: tensor.shape[2], width: tensor.shape[3]) }

  /// Its pictures, for a model.
  func samples(for model: Model) throws -> [PictureSource] {
    let (wanted, channels) = (model.imageSize, model.preprocessing.channelCount)
    guard tensor.shape.perSample == [channels, wanted.height, wanted.width] else {
      throw UsageError("\(path): expected N×\(channels)×\(wanted.height)×\(wanted.width), found \(tensor.shape)")
    }
    return (0..<tensor.batchCount).map { .sample(tensor, index: $0, file: path) }
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
