import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What one method's maps at all candidate layers agree on, where the model reads: one more candidate besides the layers.
///
/// Early layers are fine but say little about the class, late ones are coarse, and each has spots of its own. The geometric
/// mean over the layers, Π (m_l + 0.02)^(1/L), keeps what all of them have; it is multiplied by where hiding the picture
/// costs score, plus 0.1. It has no paper; how it was found is in Docs/measures.md.
enum Consensus {
  /// The map before scaling, H×W.
  ///
  /// - Parameters:
  ///   - heatmaps: one for each layer, each H×W from 0 to 1.
  ///   - probe: where the model reads.
  static func map(of heatmaps: [Tensor], _ probe: OcclusionProbe) -> Tensor {
    var logarithms = [Float](repeating: 0, count: probe.falls.count)
    for heatmap in heatmaps {
      heatmap.withScalars { values in
        for place in logarithms.indices { logarithms[place] += log(values[place] + 0.02) }
      }
    }
    let falls = probe.falls.relu().scalars
    let largest = falls.max() ?? 0
    let values = zip(logarithms, falls).map { logarithm, fall in
      exp(logarithm / Float(max(1, heatmaps.count))) * ((largest > 0 ? fall / largest : 0) + 0.1)
    }
    return Tensor(values, shape: probe.falls.shape)
  }
}
