/// A color of 8 bits per channel.
public struct Color: Hashable, Sendable {
  /// 0...255.
  public let red, green, blue: UInt8

  /// A color of the given channels, each 0...255.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  static let white = Color(red: 255, green: 255, blue: 255)
  static let black = Color(red: 0, green: 0, blue: 0)
}

/// How a heatmap's values, 0...1, become colors.
public enum ColorMap: String, Sendable, CaseIterable {
  /// Blue, cyan, yellow, red: OpenCV's `COLORMAP_JET`, which most published heatmaps use.
  case jet
  /// Dark violet to yellow, even to the eye and to the color-blind (Smith and van der Walt 2015).
  case viridis
  /// A rainbow without jet's false edges (Mikhailov 2019).
  case turbo
  /// Black, violet, orange, pale yellow, even to the eye (Smith and van der Walt 2015).
  case inferno
  /// Black to white.
  case gray
  /// Blue, light gray, red: for values of both signs (Moreland 2009).
  case coolwarm

  /// The color of a value. Values outside 0...1 get the nearest end's color, and what is not a number gets the lower's.
  public func callAsFunction(_ value: Float) -> Color {
    let level = Int(value.clampedToUnit * 255)
    switch self {
    case .jet: return Self.jet(level)
    case .viridis: return Self.color(level, of: ColorTables.viridis)
    case .turbo: return Self.color(level, of: ColorTables.turbo)
    case .inferno: return Self.color(level, of: ColorTables.inferno)
    case .coolwarm: return Self.color(level, of: ColorTables.coolwarm)
    case .gray: return Color(red: UInt8(level), green: UInt8(level), blue: UInt8(level))
    }
  }

  /// All 256 colors, for drawing many pixels.
  var table: [Color] {
    (0...255).map { self(Float($0) / 255) }
  }

  /// Each channel rises and falls by four per level around a place of its own; OpenCV's table is this, rounded.
  private static func jet(_ level: Int) -> Color {
    func ramp(_ top: Int, around center: Int) -> UInt8 { UInt8(max(0, min(255, top - abs(4 * level - center)))) }
    return Color(red: ramp(383, around: 765), green: ramp(382, around: 510), blue: ramp(383, around: 255))
  }

  private static func color(_ level: Int, of table: [UInt8]) -> Color {
    Color(red: table[3 * level], green: table[3 * level + 1], blue: table[3 * level + 2])
  }
}

extension Float {
  /// This value, or the nearer end of 0...1; 0 for what is not a number.
  var clampedToUnit: Float {
    self > 0 ? min(self, 1) : 0
  }
}
