/// Separable resampling of floats: rows first, then columns.
struct FloatResampler {
  /// Resamples the rows `rows` of a picture or map along its width.
  static func resampledRows(
    _ source: UnsafeBufferPointer<Float>, width: Int, channels: Int, rows: Range<Int>, _ weights: ResampleWeights
  ) -> [Float] {
    let fixed = weights.weights.map(Float.init)
    return [Float](unsafeUninitializedCapacity: rows.count * weights.outputCount * channels) { result, count in
      for y in rows {
        for output in 0..<weights.outputCount {
          let start = (y * width + weights.starts[output]) * channels
          for channel in 0..<channels {
            var sum: Float = 0
            for tap in 0..<weights.tapCount {
              sum += source[start + tap * channels + channel] * fixed[output * weights.tapCount + tap]
            }
            result.initializeElement(at: count, to: sum)
            count += 1
          }
        }
      }
    }
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
