import Checkpoints
import Foundation
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
    for name in ["preprocessor_config.json", "config.json"] where FileManager.default.fileExists(atPath: folder + name)
    {
      let limit = 1 << 20
      guard let file = FileHandle(forReadingAtPath: folder + name), let data = try? file.read(upToCount: limit),
        case .object(let entries)? = JSONValue(parsing: Array(data))
      else { throw CheckpointError(file: folder + name, problem: "expected a JSON object of at most a megabyte") }
      if case .object(let pretrained)? = entries["pretrained_cfg"] {
        self.init(path: folder + name, entries: pretrained)
        return
      }
      if entries["image_mean"] != nil {
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
    if let factor = number("rescale_factor"), abs(factor * 255 - 1) > 1e-3 {
      throw CheckpointError(
        file: path, problem: "rescale_factor: expected 1/255, found \(factor); take it out and use --mean and --std")
    }
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
    if case .string(let name)? = entries["interpolation"], let filter = Interpolation(rawValue: name) {
      result.interpolation = filter
    } else if let resample = number("resample") {
      result.interpolation = resample == 2 ? .bilinear : .bicubic
    }
    if let share = number("crop_pct"), Preprocessing.cropFractions.contains(share) {
      result.fit = .crop(fraction: share)
    } else if let edge = shortestEdge, let crop = extent("crop_size"), edge > 0 {
      let fraction = Double(min(crop.height, crop.width)) / Double(edge)
      guard Preprocessing.cropFractions.contains(fraction) else {
        throw CheckpointError(file: path, problem: "crop_size: \(crop) of a picture of \(edge) is not possible")
      }
      result.fit = .crop(fraction: fraction)
    } else if entries["image_mean"] != nil {
      result.fit = .squash
    }
    return result
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
