import LayerGraph
import Tensors

/// The reference's deterministic weights: every value is a function of the parameter's name and its flat index, so that a
/// model of any size can be made here and there without a download.
///
/// The seed is the name's FNV-1a hash, the values are those of splitmix64 (Steele, Lea, Flood 2014), scaled by what the
/// parameter is for.
public struct DeterministicParameters: ParameterSource {
  private let shapes: [String: Shape]

  /// The parameters of a model with these names and shapes.
  public init(shapes: [String: Shape]) {
    self.shapes = shapes
  }

  /// The names of all parameters, sorted.
  public var parameterNames: [String] { shapes.keys.sorted() }

  /// The shape of a parameter, or nil where there is none of that name.
  public func shape(ofParameter name: String) -> Shape? { shapes[name] }

  /// A parameter's values.
  public func parameter(_ name: String) throws -> Tensor {
    guard let shape = shapes[name] else { throw GraphError("\(name): no such parameter") }
    return Self.value(name, shape: shape)
  }

  /// The values of a parameter of this name and shape.
  public static func value(_ name: String, shape: Shape) -> Tensor {
    let (offset, factor) = range(name, shape: shape)
    return values(name, shape: shape, offset: offset, factor: factor)
  }

  /// The values of parameters of these names and shapes.
  public static func values(of shapes: [String: [Int]]) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: shapes.map { ($0, value($0, shape: Shape($1))) })
  }

  /// The reference's input of a batch: normalised pictures, B×C×H×W, between −1.5 and 1.5.
  public static func input(_ shape: Shape, name: String = "input") -> Tensor {
    values(name, shape: shape, offset: 0, factor: 1.5)
  }

  /// What a uniform value in [−1, 1) is multiplied by and shifted to.
  private static func range(_ name: String, shape: Shape) -> (offset: Double, factor: Double) {
    let small = [
      "pos_embed", "pos_embedding", "cls_token", "dist_token", "class_token", "relative_position_bias_table",
    ]
    if name.hasSuffix("running_var") { return (1, 0.2) }
    if name.hasSuffix("running_mean") { return (0, 0.1) }
    if small.contains(where: { name.contains($0) }) { return (0, 0.2) }
    if shape.rank == 1, name.hasSuffix("weight") { return (1, 0.1) }
    if shape.rank <= 1 { return (0, 0.1) }
    return (0, (3 / Double(shape.perSample.count)).squareRoot())
  }

  private static func values(_ name: String, shape: Shape, offset: Double, factor: Double) -> Tensor {
    let seed = hash(name)
    return Tensor(unfilled: shape) { result in
      Workers.current.forEachRange(of: result.count, grain: 1 << 14) { range in
        var state = seed &+ UInt64(range.lowerBound) &* SplitMix64.increment
        for index in range {
          state &+= SplitMix64.increment
          let uniform = 2 * Double(Int64(SplitMix64.finalised(state) >> 40)) / 0x1p24 - 1
          result[index] = Float(offset + factor * uniform)
        }
      }
    }
  }

  /// FNV-1a with 64 bits.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

/// A small random number generator whose numbers follow from its seed (Steele, Lea, Flood 2014).
public struct SplitMix64: RandomNumberGenerator {
  static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15
  private var state: UInt64

  /// A generator that always gives the same numbers for the same seed.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.finalised(state)
  }

  static func finalised(_ state: UInt64) -> UInt64 {
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
