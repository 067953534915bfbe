/// How one axis is resampled: each output is a weighted sum of neighbouring inputs.
///
/// Every output has the same number of weights, so that loops have no cases; where fewer are needed the rest are zero.
struct ResampleWeights {
  /// The first input of each output. All its ``tapCount`` inputs exist.
  private(set) var starts: [Int]
  /// The weights of each output, ``tapCount`` after another.
  private(set) var weights: [Double]
  /// The number of weights per output.
  let tapCount: Int

  /// The number of outputs.
  var outputCount: Int { starts.count }

  /// The inputs that are read at all.
  var inputs: Range<Int> {
    (starts.min() ?? 0)..<(starts.max() ?? 0) + tapCount
  }

  /// Places each output's weights, given with their possibly smaller own number, into the common form.
  private init(inputCount: Int, outputs: [(start: Int, weights: [Double])]) {
    let tapCount = outputs.reduce(1) { max($0, $1.weights.count) }
    self.tapCount = tapCount
    starts = []
    weights = []
    for output in outputs {
      let start = max(0, min(output.start, inputCount - tapCount))
      let leading = output.start - start
      starts.append(start)
      weights += repeatElement(0, count: leading)
      weights += output.weights
      weights += repeatElement(0, count: tapCount - leading - output.weights.count)
    }
  }

  /// The same weights for inputs numbered from another first one.
  func shifted(by offset: Int) -> ResampleWeights {
    var result = self
    result.starts = starts.map { $0 - offset }
    return result
  }
}

// MARK: - Antialiased, as Pillow

extension ResampleWeights {
  /// Pillow's weights: the filter is as wide as an output pixel when shrinking, and is cut off at the border.
  ///
  /// - Parameter outputs: The outputs that are wanted, out of `outputCount`.
  static func antialiased(
    _ interpolation: Interpolation, from inputCount: Int, to outputCount: Int, outputs: Range<Int>
  ) -> ResampleWeights {
    let scale = Double(inputCount) / Double(outputCount)
    let stretch = max(scale, 1)
    let support = interpolation.support * stretch
    return ResampleWeights(
      inputCount: inputCount,
      outputs: outputs.map { output in
        let center = (Double(output) + 0.5) * scale
        let first = max(0, Int(center - support + 0.5))
        let end = min(inputCount, Int(center + support + 0.5))
        let weights = (first..<end).map { interpolation.weight(at: (Double($0) - center + 0.5) / stretch) }
        let sum = weights.reduce(0, +)
        return (first, weights.map { $0 / sum })
      })
  }
}

extension Interpolation {
  /// The distance, in pixels, beyond which the filter is zero.
  fileprivate var support: Double {
    switch self {
    case .bilinear: 1
    case .bicubic: 2
    }
  }

  /// The filter at a distance: a triangle, or Keys' cubic convolution with a = −1/2 (Keys 1981).
  fileprivate func weight(at distance: Double) -> Double {
    switch self {
    case .bilinear: max(0, 1 - abs(distance))
    case .bicubic: cubicWeight(at: abs(distance), a: -0.5)
    }
  }
}

/// Keys' cubic convolution kernel at a distance that is not negative.
private func cubicWeight(at x: Double, a: Double) -> Double {
  if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
  if x < 2 { return a * (((x - 5) * x + 8) * x - 4) }
  return 0
}

// MARK: - Point sampled, as OpenCV

extension ResampleWeights {
  /// OpenCV's weights for `cv2.resize`: pixel centres at halves, no antialiasing, the border pixel repeated outside.
  static func sampled(_ interpolation: MapInterpolation, from inputCount: Int, to outputCount: Int) -> ResampleWeights {
    let scale = Double(inputCount) / Double(outputCount)
    guard interpolation != .nearest else {
      // OpenCV takes the pixel under the output's left edge, not under its centre.
      return ResampleWeights(
        inputCount: inputCount,
        outputs: (0..<outputCount).map { (min(Int(Double($0) * scale), inputCount - 1), [1]) })
    }
    return sampled(interpolation, inputCount: inputCount, at: (0..<outputCount).map { (Double($0) + 0.5) * scale })
  }

  /// Bilinear weights for reading an axis from the centre of its first pixel to that of its last.
  static func aligningCorners(from inputCount: Int, to outputCount: Int) -> ResampleWeights {
    let step = outputCount > 1 ? Double(inputCount - 1) / Double(outputCount - 1) : 0
    return sampled(.bilinear, inputCount: inputCount, at: (0..<outputCount).map { Double($0) * step + 0.5 })
  }

  /// Weights for reading an axis at any positions, of which 0 is the left edge of the first pixel and 0.5 its centre.
  static func sampled(_ interpolation: MapInterpolation, inputCount: Int, at positions: [Double]) -> ResampleWeights {
    ResampleWeights(
      inputCount: inputCount,
      outputs: positions.map { position in
        let index = max(0, min(position - 0.5, Double(inputCount - 1)))
        switch interpolation {
        case .nearest:
          return (Int(index.rounded()), [1])
        case .bilinear:
          let fraction = index - index.rounded(.down)
          return fraction == 0 ? (Int(index), [1]) : (Int(index), [1 - fraction, fraction])
        case .bicubic:
          return cubicTaps(around: position - 0.5, inputCount: inputCount)
        }
      })
  }

  /// Four taps with a = −3/4, of which those beyond the border are added to the border pixel's.
  private static func cubicTaps(around index: Double, inputCount: Int) -> (start: Int, weights: [Double]) {
    let floor = max(-1, min(index.rounded(.down), Double(inputCount)))
    let fraction = max(0, min(index - floor, 1))
    let first = max(0, min(Int(floor) - 1, inputCount - 1))
    let last = max(0, min(Int(floor) + 2, inputCount - 1))
    var weights = [Double](repeating: 0, count: last - first + 1)
    for tap in -1...2 {
      let source = max(first, min(Int(floor) + tap, last))
      weights[source - first] += cubicWeight(at: abs(Double(tap) - fraction), a: -0.75)
    }
    return (first, weights)
  }
}
