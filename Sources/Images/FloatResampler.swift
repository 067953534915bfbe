/// Separable resampling of floats: rows first, then columns.
struct FloatResampler {
  /// Resamples the rows `rows` of a picture or map along its width.
  static func resampledRows(
    _ source: UnsafeBufferPointer<Float>, width: Int, channels: Int, rows: Range<Int>, _ weights: ResampleWeights
  ) -> [Float] {
    let fixed = weights.weights.map(Float.init)
    return [Float](unsafeUninitializedCapacity: rows.count * weights.outputCount * channels) { result, count in
      fixed.withUnsafeBufferPointer { fixed in
        for y in rows {
          for output in 0..<weights.outputCount {
            let start = (y * width + weights.starts[output]) * channels
            let taps = UnsafeBufferPointer(rebasing: fixed[output * weights.tapCount..<(output + 1) * weights.tapCount])
            for channel in 0..<channels {
              let samples = UnsafeBufferPointer(rebasing: source[(start + channel)...])
              result.initializeElement(at: count, to: sum(of: samples, every: channels, weightedBy: taps))
              count += 1
            }
          }
        }
      }
    }
  }

  /// Σ weights[i] · samples[i · step], in vectors where the samples lie side by side.
  @inline(__always)
  private static func sum(
    of samples: UnsafeBufferPointer<Float>, every step: Int, weightedBy weights: UnsafeBufferPointer<Float>
  ) -> Float {
    var sum: Float = 0
    var index = 0
    if step == 1, weights.count >= 8 {
      var lanes = SIMD8<Float>.zero
      let (left, right) = (UnsafeRawBufferPointer(samples), UnsafeRawBufferPointer(weights))
      while index + 8 <= weights.count {
        let offset = index * MemoryLayout<Float>.stride
        lanes +=
          left.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
          * right.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
        index += 8
      }
      sum = lanes.sum()
    }
    while index < weights.count {
      sum += samples[index * step] * weights[index]
      index += 1
    }
    return sum
  }

  /// Resamples rows of `stride` values along the height, into `result`.
  static func resampleColumns(
    _ source: [Float], stride: Int, _ weights: ResampleWeights, into result: UnsafeMutableBufferPointer<Float>
  ) {
    for output in 0..<weights.outputCount {
      let row = UnsafeMutableBufferPointer(rebasing: result[output * stride..<(output + 1) * stride])
      row.initialize(repeating: 0)
      for tap in 0..<weights.tapCount {
        let weight = Float(weights.weights[output * weights.tapCount + tap])
        let start = (weights.starts[output] + tap) * stride
        for index in 0..<stride { row[index] += source[start + index] * weight }
      }
    }
  }
}
