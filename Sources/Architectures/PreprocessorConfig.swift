import Checkpoints
import Images

/// What pictures go through, as a configuration beside a model's file says: Hugging Face's `preprocessor_config.json` or
/// timm's `config.json`.
struct PreprocessorConfig {
  /// The file that says it.
  let path: String
  private let entries: [String: JSONValue]

  /// The configuration in the folder of a model; nil where there is none.
  ///
  /// - Throws: `CheckpointError` where there is one that cannot be read.
  init?(beside model: String) throws {
    let folder = model.lastIndex(of: "/").map { String(model[...$0]) } ?? ""
    for name in ["preprocessor_config.json", "config.json"] {
      guard let entries = try CheckpointFolder.entries(of: folder + name) else { continue }
      if case .object(let pretrained)? = entries["pretrained_cfg"] {
        self.init(path: folder + name, entries: pretrained)
        return
      }
      // Before it had a member of its own, timm's hub format had these entries beside the name.
      if entries["image_mean"] != nil || (entries["architecture"] != nil && entries["input_size"] != nil) {
        self.init(path: folder + name, entries: entries)
        return
      }
    }
    return nil
  }

  private init(path: String, entries: [String: JSONValue]) {
    self.path = path
    self.entries = entries
  }

  /// The size of the input that it names; nil where it names none.
  var size: ImageSize? {
    if let input = numbers("input_size"), input.count == 3 { return Self.size(input[1], input[2]) }
    return extent("crop_size") ?? extent("size")
  }

  /// What pictures of a size go through.
  ///
  /// - Throws: `CheckpointError` where it says something that is not known here.
  func preprocessing(size: ImageSize) throws -> Preprocessing {
    var result = Preprocessing(size: size)
    let isNormalized = entries["do_normalize"] != .bool(false)
    result.mean = isNormalized ? try channels("mean") ?? result.mean : [0, 0, 0]
    result.standardDeviation = isNormalized ? try channels("std") ?? result.standardDeviation : [1, 1, 1]
    guard result.mean.count == result.standardDeviation.count else {
      throw CheckpointError(
        file: path,
        problem:
          "mean and std: expected as many numbers, found \(result.mean.count) and \(result.standardDeviation.count)")
    }
    guard !result.standardDeviation.contains(0) else {
      throw CheckpointError(file: path, problem: "std: a standard deviation cannot be 0")
    }
    let white = try white()
    result.mean = result.mean.map { $0 / white }
    result.standardDeviation = result.standardDeviation.map { $0 / white }
    if let name = entries["interpolation"]?.text, let filter = Interpolation(rawValue: name) {
      result.interpolation = filter
    } else if let resample = number("resample") {
      result.interpolation = resample == 2 ? .bilinear : .bicubic
    }
    if entries["crop_mode"]?.text == "squash" {
      result.fit = .squash
    } else if let share = number("crop_pct"), Preprocessing.cropFractions.contains(share) {
      // ConvNeXt's processor of Hugging Face crops below this side only.
      let isWhole = entries["image_mean"] != nil && (shortestEdge ?? 0) >= 384
      result.fit = isWhole ? .squash : .crop(fraction: share)
    } else if let edge = shortestEdge, let crop = extent("crop_size"), edge > 0 {
      // A little below, because the quotient's own quotient is rounded down to the edge.
      let fraction = Double(min(crop.height, crop.width)) / (Double(edge) + 1e-6)
      guard Preprocessing.cropFractions.contains(fraction) else {
        throw CheckpointError(file: path, problem: "crop_size: \(crop) of a picture of \(edge) is not possible")
      }
      result.fit = .crop(fraction: fraction)
    } else if entries["image_mean"] != nil {
      result.fit = .squash
    }
    return result
  }

  /// What of it was read otherwise than it stands there, for the user.
  var notes: [String] {
    var notes: [String] = []
    if let resample = number("resample"), ![2, 3].contains(resample) {
      notes.append("\(path): the filter 'resample \(Int(exactly: resample) ?? 0)' is not known here, bicubic is taken")
    }
    if let name = entries["interpolation"]?.text, Interpolation(rawValue: name) == nil {
      notes.append("\(path): the filter \(name.quotedName) is not known here, bicubic is taken")
    }
    if entries["crop_mode"]?.text == "border" {
      notes.append("\(path): crop_mode 'border' is not known here, the middle is cut out")
    }
    if isSquashedBeforeCrop {
      notes.append(
        "\(path): pictures become a square before the middle is cut out; here they keep their shape, which differs for those that are not square"
      )
    }
    return notes
  }

  /// Whether a height and a width are named, and a part of them is cut out.
  private var isSquashedBeforeCrop: Bool {
    guard case .object(let size)? = entries["size"], size["height"] != nil, shortestEdge != nil,
      let crop = extent("crop_size")
    else { return false }
    return entries["do_center_crop"] == .bool(true) && extent("size") != crop
  }

  /// What white is to the model before mean and deviation, 1 where nothing else is said.
  private func white() throws -> Float {
    if entries["do_rescale"] == .bool(false) { return 255 }
    guard let factor = number("rescale_factor") else { return 1 }
    guard factor > 0, factor <= 1e3 else {
      throw CheckpointError(file: path, problem: "rescale_factor: expected a number above 0, found \(factor)")
    }
    let white = Float(factor * 255)
    return abs(white - 1) < 1e-3 ? 1 : white
  }

  // MARK: Entries

  private func number(_ key: String) -> Double? {
    if case .number(let number)? = entries[key] { number } else { nil }
  }

  private func numbers(_ key: String) -> [Double]? {
    guard case .array(let values)? = entries[key] else { return nil }
    return values.compactMap { if case .number(let number) = $0 { number } else { nil } }
  }

  /// A number for each channel, under timm's key or Hugging Face's.
  private func channels(_ key: String) throws -> [Float]? {
    guard let values = numbers(key) ?? numbers("image_\(key)") else { return nil }
    guard (1...1024).contains(values.count), values.allSatisfy({ $0.isFinite && abs($0) < 1e6 }) else {
      throw CheckpointError(file: path, problem: "\(key): expected a number for each channel, found \(values.count)")
    }
    return values.map { Float($0) }
  }

  /// A size as a number, or as an object with its height and width.
  private func extent(_ key: String) -> ImageSize? {
    if let side = number(key) { return Self.size(side, side) }
    guard case .object(let parts)? = entries[key] else { return nil }
    func part(_ key: String) -> Double? { if case .number(let number)? = parts[key] { number } else { nil } }
    guard let height = part("height") ?? part("shortest_edge"), let width = part("width") ?? part("shortest_edge")
    else {
      return nil
    }
    return Self.size(height, width)
  }

  /// How long the shorter side becomes before the middle is cut out.
  private var shortestEdge: Int? {
    guard entries["do_center_crop"] != .bool(false) else { return nil }
    return extent("size").map { min($0.height, $0.width) }
  }

  private static func size(_ height: Double, _ width: Double) -> ImageSize? {
    guard let height = Int(exactly: height), let width = Int(exactly: width), (1...4096).contains(height),
      (1...4096).contains(width)
    else { return nil }
    return ImageSize(height: height, width: width)
  }
}
