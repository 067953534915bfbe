import VitCAM

/// Random weights for a model of any architecture, always the same ones for the same seed.
enum RandomParameters {
  /// The parameters of an architecture, by name.
  ///
  /// - Throws: what building the model throws, where its shapes cannot be found out.
  static func make(
    for description: ModelDescription, preprocessing: Preprocessing, seed: UInt64 = 1
  ) throws -> [String: Tensor] {
    var generator = SplitMix64(seed: seed)
    var parameters = [String: Tensor]()
    for (name, shape) in try shapes(of: description, preprocessing).sorted(by: { $0.key < $1.key }) {
      parameters[name] = tensor(name, shape, &generator)
    }
    return parameters
  }

  /// The shapes that an architecture wants. It is built without weights, and its complaints are noted, until it has none.
  private static func shapes(
    of description: ModelDescription, _ preprocessing: Preprocessing
  ) throws -> [String: Shape] {
    var known = [String: Shape]()
    for _ in 0..<4 {
      do {
        let source = Guesses(known: known)
        _ = try Model(
          name: description.name, description.architecture, parameters: source,
          preprocessing: preprocessing)
        return known
      } catch let mismatch as ParameterMismatch {
        for name in mismatch.missing { known[name] = Guesses.unknown }
        for entry in mismatch.misshapen { known[entry.name] = entry.expected }
      }
    }
    throw GraphError("\(description.name): its parameters depend on each other; no random weights can be made")
  }

  /// Values that keep the activations of a deep model within reason: a variance of 1 / inputs for matrices, about one
  /// for scales and variances, small ones otherwise.
  private static func tensor(_ name: String, _ shape: Shape, _ generator: inout SplitMix64) -> Tensor {
    let isMatrix = shape.rank > 1 && !name.contains("embed") && !name.contains("token")
    let isScale = shape.rank == 1 && (name.hasSuffix("weight") || name.hasSuffix("running_var"))
    let reach: Float = isMatrix ? (3 / Float(shape.perSample.count)).squareRoot() : 0.1
    return Tensor(unfilled: shape) { scalars in
      for index in scalars.indices {
        let uniform = Float(generator.next() >> 40) * 0x1p-23 - 1
        scalars[index] = (isScale ? 1 : 0) + reach * uniform
      }
    }
  }
}

/// Parameters of which only some shapes are known. Of the others, biases are claimed to exist, since models have them
/// where they may, and their shape is a guess that the model corrects.
private struct Guesses: ParameterSource {
  /// The shape of a parameter that is known by name only. Classifiers take the number of classes from it.
  static let unknown: Shape = [1000]
  /// The shape of a bias that may not exist: one that no bias has, so that the model always corrects it.
  private static let possible: Shape = [0, 0]

  let known: [String: Shape]

  var parameterNames: [String] { [] }

  func shape(ofParameter name: String) -> Shape? {
    known[name] ?? (name.hasSuffix(".bias") ? Self.possible : nil)
  }

  func parameter(_ name: String) throws -> Tensor {
    Tensor(repeating: 0, shape: known[name] ?? Self.possible)
  }
}

/// A small random number generator whose numbers follow from its seed (Steele, Lea, Flood 2014).
private struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
