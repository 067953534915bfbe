import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// exp(−(x² + y²) / 2σ²) around the middle of the picture, x and y in sides and σ = 1/4: it looks at neither the picture nor
/// the model. People put what they photograph in the middle, so a method has to do better than that.
public struct CenteredGaussian: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "gaussian"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "a spot in the middle, whatever the picture: the baseline of photographs"
  /// Nothing.
  public let needs: Needs = []

  /// The Gaussian has no parameters.
  public init() {}

  /// The same map for every picture, in the size of the input.
  public func maps(of evidence: Evidence) -> MethodMaps {
    let (height, width) = (evidence.input.shape[2], evidence.input.shape[3])
    func weights(_ count: Int) -> [Float] {
      (0..<count).map { place in
        let distance = (Float(place) + 0.5) / Float(count) - 0.5
        return exp(-distance * distance / (2 * 0.25 * 0.25))
      }
    }
    let (rows, columns) = (weights(height), weights(width))
    let map = Tensor(rows.flatMap { row in columns.map { row * $0 } }, shape: [1, height, width])
    return .ofModel(map.broadcast(toBatch: evidence.pictureCount), source: "input")
  }
}
