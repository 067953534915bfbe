/// Separable resampling of 8-bit samples that gives what Pillow gives, bit for bit: one axis after the other, with 22-bit
/// fixed-point weights, and rounded to 8 bits after each.
struct ByteResampler {
  /// 8 bits are the sample's, two are room for sums of weights beyond one.
  private static let precision: Int32 = 32 - 8 - 2
  private static let half: Int32 = 1 << (precision - 1)

  /// Resamples the rows `rows` of a picture along its width.
  static func resampledRows(
    _ source: UnsafeBufferPointer<UInt8>, width: Int, channels: Int, rows: Range<Int>, _ weights: ResampleWeights
  ) -> [UInt8] {
    let row = RowWeights(weights, channels: channels)
    let stride = width * channels
    return [UInt8](unsafeUninitializedCapacity: rows.count * weights.outputCount * channels) { result, count in
      // The loop reads whole blocks, so the row gets room behind it.
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: stride + row.blockCount * RowWeights.blockSize) {
        padded in
        padded.initialize(repeating: 0)
        for y in rows {
          _ = padded.update(fromContentsOf: source[y * stride..<(y + 1) * stride])
          for output in 0..<weights.outputCount {
            let sums = row.sums(padded, output: output)
            for channel in 0..<channels {
              result.initializeElement(at: count, to: clipped(sums[channel] &+ half))
              count += 1
            }
          }
        }
      }
    }
  }

  /// Resamples rows of `stride` samples along the height.
  static func resampledColumns(
    _ source: UnsafeBufferPointer<UInt8>, stride: Int, _ weights: ResampleWeights
  ) -> [UInt8] {
    let fixed = weights.weights.map(fixedPoint)
    return [UInt8](unsafeUninitializedCapacity: weights.outputCount * stride) { result, count in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { sums in
        for output in 0..<weights.outputCount {
          sums.initialize(repeating: half)
          for tap in 0..<weights.tapCount {
            let weight = fixed[output * weights.tapCount + tap]
            let start = (weights.starts[output] + tap) * stride
            for index in 0..<stride { sums[index] &+= Int32(source[start &+ index]) &* weight }
          }
          for index in 0..<stride { result.initializeElement(at: count + index, to: clipped(sums[index])) }
          count += stride
        }
      }
    }
  }

  fileprivate static func fixedPoint(_ weight: Double) -> Int32 {
    Int32((weight * Double(1 << precision)).rounded(.toNearestOrAwayFromZero))
  }

  private static func clipped(_ sum: Int32) -> UInt8 {
    UInt8(clamping: sum >> precision)
  }
}

/// The weights of a row, each repeated for every channel, so that a row's interleaved samples and its weights are
/// multiplied as they lie in memory. A block of 24 lanes is a whole number of pixels of one to four channels.
private struct RowWeights {
  static let blockSize = 24

  /// The blocks per output.
  let blockCount: Int
  private let channels: Int
  private let starts: [Int]
  /// Outputs × blocks × three vectors.
  private let vectors: [SIMD8<Int32>]

  init(_ weights: ResampleWeights, channels: Int) {
    let lanes = weights.tapCount * channels
    let blockCount = (lanes + Self.blockSize - 1) / Self.blockSize
    self.blockCount = blockCount
    self.channels = channels
    starts = weights.starts.map { $0 * channels }
    let fixed = weights.weights.map(ByteResampler.fixedPoint)
    vectors = (0..<weights.outputCount * blockCount * 3).map { index in
      let (output, vector) = index.quotientAndRemainder(dividingBy: blockCount * 3)
      var result = SIMD8<Int32>.zero
      for lane in 0..<8 where vector * 8 + lane < lanes {
        result[lane] = fixed[output * weights.tapCount + (vector * 8 + lane) / channels]
      }
      return result
    }
  }

  /// The weighted sum of each channel; only the first `channels` elements mean something.
  @inline(__always)
  func sums(_ row: UnsafeMutableBufferPointer<UInt8>, output: Int) -> SIMD4<Int32> {
    var first = SIMD8<Int32>.zero
    var second = SIMD8<Int32>.zero
    var third = SIMD8<Int32>.zero
    let bytes = UnsafeRawBufferPointer(row)
    var vector = output * blockCount * 3
    var offset = starts[output]
    for _ in 0..<blockCount {
      first &+= Self.samples(bytes, offset) &* vectors[vector]
      second &+= Self.samples(bytes, offset + 8) &* vectors[vector + 1]
      third &+= Self.samples(bytes, offset + 16) &* vectors[vector + 2]
      vector += 3
      offset += Self.blockSize
    }
    guard channels == 3 else {
      let lanes = first &+ second &+ third
      let fours = lanes.lowHalf &+ lanes.highHalf
      if channels == 4 { return fours }
      let twos = fours.lowHalf &+ fours.highHalf
      if channels == 2 { return SIMD4(twos[0], twos[1], 0, 0) }
      return SIMD4(repeating: twos[0] &+ twos[1])
    }
    // Lane i of the block belongs to channel i mod 3.
    return SIMD4(
      first[0] &+ first[3] &+ first[6] &+ second[1] &+ second[4] &+ second[7] &+ third[2] &+ third[5],
      first[1] &+ first[4] &+ first[7] &+ second[2] &+ second[5] &+ third[0] &+ third[3] &+ third[6],
      first[2] &+ first[5] &+ second[0] &+ second[3] &+ second[6] &+ third[1] &+ third[4] &+ third[7],
      0)
  }

  @inline(__always)
  private static func samples(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> SIMD8<Int32> {
    SIMD8<Int32>(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt8>.self))
  }
}
