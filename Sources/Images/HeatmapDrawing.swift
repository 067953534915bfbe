extension HeatmapRenderer {
  /// What is left of a picture's brightness outside the part that the network saw.
  private static let outsideBrightness: Float = 0.45
  /// What is left of a picture's brightness where a mask hides it.
  private static let hiddenBrightness: Float = 0.2

  /// The picture with the colored heatmap over the covered part.
  func overlay(_ heat: HeatPlane, _ view: Canvas) -> Canvas {
    var canvas = view.darkened(outside: heat, to: Self.outsideBrightness)
    let colors = colors(of: heat)
    let alpha = alpha.clampedToUnit
    func share(_ value: Float) -> Float { heat.isSigned ? (alpha * abs(value)).squareRoot() : alpha }
    // The brightest channel of the mixture becomes white.
    var gain: Float = 1
    if blending == .brightened {
      var brightest: Float = 0
      heat.forEachPixel(inRowsOf: view.size.width) { pixel, value in
        let mixed = colors[heat.level(of: value)].mixed(with: view[pixel], share: share(value))
        brightest = max(brightest, mixed.max())
      }
      gain = brightest > 0 ? 255 / brightest : 1
    }
    // The reference cuts fractions off; adding a half rounds.
    let rounding: Float = blending == .brightened ? 1e-3 : 0.5
    heat.forEachPixel(inRowsOf: view.size.width) { pixel, value in
      let mixed = colors[heat.level(of: value)].mixed(with: view[pixel], share: share(value))
      canvas[pixel] = Color(mixed * gain + rounding)
    }
    return canvas
  }

  /// The colors of a heatmap's levels.
  private func colors(of heat: HeatPlane) -> [Color] { (heat.isSigned ? signedColorMap : colorMap).table }

  /// The colored heatmap; gray outside the part that it covers.
  func colored(_ heat: HeatPlane, _ size: ImageSize) -> Canvas {
    var canvas = Canvas(size: size, filledWith: Color(red: 32, green: 32, blue: 32))
    let colors = colors(of: heat)
    heat.forEachPixel(inRowsOf: size.width) { pixel, value in canvas[pixel] = colors[heat.level(of: value)] }
    return canvas
  }

  /// The picture where the heatmap reaches the threshold, for or against; dark elsewhere.
  func masked(_ heat: HeatPlane, _ view: Canvas) -> Canvas {
    var canvas = view
    for pixel in 0..<view.size.count { canvas[pixel] = view[pixel].darkened(to: Self.hiddenBrightness) }
    heat.forEachPixel(inRowsOf: view.size.width) { pixel, value in
      if abs(value) >= threshold { canvas[pixel] = view[pixel] }
    }
    return canvas
  }

  /// The picture with a box around the heatmap's largest region; without a box when the heatmap is zero.
  func boxed(_ heat: HeatPlane, _ view: Canvas) -> Canvas {
    var canvas = view.darkened(outside: heat, to: Self.outsideBrightness)
    guard let region = LargestRegion(of: heat.values) else { return canvas }
    let left = heat.columns.lowerBound
    let top = heat.rows.lowerBound
    let columns = region.columns.lowerBound + left..<region.columns.upperBound + left
    let rows = region.rows.lowerBound + top..<region.rows.upperBound + top
    let thickness = max(1, view.size.shorterSide / 96)
    // A bright line with dark edges is seen on any picture.
    canvas.frame(columns: columns, rows: rows, thickness: 2 * thickness, .black)
    let inset = max(1, thickness / 2)
    if columns.count > 2 * inset, rows.count > 2 * inset {
      canvas.frame(
        columns: columns.lowerBound + inset..<columns.upperBound - inset,
        rows: rows.lowerBound + inset..<rows.upperBound - inset, thickness: thickness,
        Color(red: 255, green: 230, blue: 0))
    }
    return canvas
  }
}

extension Canvas {
  /// This canvas with less light outside the part that a heatmap covers.
  fileprivate func darkened(outside heat: HeatPlane, to brightness: Float) -> Canvas {
    guard heat.rows.count < size.height || heat.columns.count < size.width else { return self }
    var result = self
    for y in 0..<size.height {
      for x in 0..<size.width where !(heat.rows.contains(y) && heat.columns.contains(x)) {
        result[y * size.width + x] = self[y * size.width + x].darkened(to: brightness)
      }
    }
    return result
  }
}

extension Color {
  /// The nearest color below the given channels, red first, each in 0..<256.
  fileprivate init(_ channels: SIMD3<Float>) {
    let bounded = channels.clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 255))
    self.init(red: UInt8(bounded.x), green: UInt8(bounded.y), blue: UInt8(bounded.z))
  }

  private var channels: SIMD3<Float> { SIMD3(Float(red), Float(green), Float(blue)) }

  /// This color's share of a mixture with another.
  fileprivate func mixed(with other: Color, share: Float) -> SIMD3<Float> {
    channels * share + other.channels * (1 - share)
  }

  fileprivate func darkened(to brightness: Float) -> Color {
    Color(channels * brightness + 0.5)
  }
}
