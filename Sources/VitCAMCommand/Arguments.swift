import ArgumentParser
import VitCAM

extension ImageSize {
  /// `224`, or `160x256`: height first.
  init(argument: String) throws {
    let sides = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard let height = sides.first ?? nil, let width = sides.last ?? nil, sides.count <= 2,
      (1...4096).contains(height), (1...4096).contains(width)
    else { throw ValidationError("expected N or HxW from 1 to 4096, such as 224 or 160x256") }
    self.init(height: height, width: width)
  }
}

extension Clipping {
  /// `99`.
  init(argument: String) throws {
    guard let percentile = Double(argument), let clipping = Clipping(percentile: percentile) else {
      throw ValidationError("expected a percentile above 0 and below 100, found \(argument)")
    }
    self = clipping
  }
}

/// A number for each channel: `0.5,0.5,0.5`. One number stands for all of them.
struct ChannelsArgument {
  let values: [Float]

  init(argument: String) throws {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
    let numbers = parts.compactMap { $0 }.filter(\.isFinite)
    guard numbers.count == parts.count else {
      throw ValidationError("expected one number, or one for each channel, such as 0.5,0.5,0.5")
    }
    values = numbers
  }

  /// The numbers for a model's channels.
  func values(of option: String, channels: Int) throws -> [Float] {
    guard values.count == channels || values.count == 1 else {
      let wanted = channels == 1 ? "one number, as many as" : "one number or \(channels), as many as"
      throw UsageError("--\(option): expected \(wanted) the model takes channels, found \(values.count)")
    }
    return values.count == channels ? values : [Float](repeating: values[0], count: channels)
  }
}

/// `LOW,HIGH` in sample values, or `auto`.
enum WindowArgument {
  case automatic
  case range(Window)

  init(argument: String) throws {
    if argument == "auto" {
      self = .automatic
      return
    }
    let parts = argument.split(separator: ",").map { Double($0) }
    guard parts.count == 2, let low = parts[0], let high = parts[1], let window = Window(low: low, high: high) else {
      throw ValidationError("expected auto or LOW,HIGH, such as 0,4095")
    }
    self = .range(window)
  }
}

/// `h=12`: the size of an axis of a pattern.
struct AxisArgument {
  let name: String
  let size: Int

  init(argument: String) throws {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let size = Int(parts[1]), size > 0 else {
      throw ValidationError("expected a name and a size, such as h=12")
    }
    name = String(parts[0])
    self.size = size
  }
}
