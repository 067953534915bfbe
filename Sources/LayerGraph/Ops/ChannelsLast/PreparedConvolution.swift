import CKernels
import Tensors

/// A point-wise convolution of maps with channels last that puts several maps side by side and normalises them while it reads them:
/// y = act(norm([x₁, x₂, ...])) · Wᵀ + b, the beginning of a layer of DenseNet (Huang et al. 2017), which would otherwise
/// copy all maps of its block again.
struct PreparedConvolution: FinishedProduct {
  var convolution: ChannelsLastConvolution
  /// The norm and its activation, for channels last.
  let norm: ChannelsLastBatchNorm
  /// How many maps are read.
  let mapCount: Int

  var ending: ProductEnding {
    get { convolution.ending }
    set { convolution.ending = newValue }
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let joined = try join.outputShape(for: Array(inputs.prefix(mapCount)))
    return try convolution.outputShape(for: [try norm.outputShape(for: [joined])] + inputs.dropFirst(mapCount))
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    PreparedRows.withRows(of: Array(inputs.prefix(mapCount)), norm: norm) { rows in
      convolution.product(
        of: rows, places: Array(inputs[0].shape.extents.dropLast()), addend: ending.addsInput ? inputs[mapCount] : nil,
        ending.finish)
    }
  }

  /// That of the three ops one after the other.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let maps = Array(inputs.prefix(mapCount))
    let joined = join.forward(maps)
    let normalized = norm.forward([joined])
    let gradients = convolution.backward(
      gradient, inputs: [normalized] + inputs.dropFirst(mapCount), output: output)
    let normGradient = norm.backward(gradients[0], inputs: [joined], output: normalized)[0]
    return join.backward(normGradient, inputs: maps, output: joined) + gradients.dropFirst()
  }

  private var join: Concatenate { Concatenate(axis: 2) }
}

/// Rows that are put together from several maps, normalised and activated.
private struct PreparedRows: RowSource {
  /// A map's scalars, its channels, and where these begin in a row.
  private struct Part {
    let base: UnsafePointer<Float>
    let channels: Range<Int>
  }

  private let parts: [Part]
  private let norm: NormalizedRows

  /// Calls `body` with the rows of some maps, B×H×W×C each.
  static func withRows<Result>(
    of maps: [Tensor], norm: ChannelsLastBatchNorm, _ body: (PreparedRows) -> Result
  ) -> Result {
    Tensor.withScalars(of: maps) { bases in
      var parts = [Part]()
      for (base, map) in zip(bases, maps) {
        let first = parts.last?.channels.upperBound ?? 0
        parts.append(Part(base: base, channels: first..<first + map.shape[-1]))
      }
      return norm.withRows { body(PreparedRows(parts: parts, norm: $0)) }
    }
  }

  func copy(rows: Range<Int>, depth: Range<Int>, into target: UnsafeMutablePointer<Float>, stride: Int) {
    for part in parts where part.channels.overlaps(depth) {
      let wanted = part.channels.clamped(to: depth)
      norm.apply(
        to: part.base + rows.lowerBound * part.channels.count + wanted.lowerBound - part.channels.lowerBound,
        stride: part.channels.count, columns: wanted, rows: rows.count,
        into: target + wanted.lowerBound - depth.lowerBound, stride: stride)
    }
  }
}
