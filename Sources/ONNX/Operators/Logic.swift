import LayerGraph
import Tensors

extension Operators {
  /// Comparisons, of constants only, and choices by them.
  static let logic: [String: Importer] = [
    "Equal": comparison({ $0 == $1 }, { $0 == $1 }), "Greater": comparison({ $0 > $1 }, { $0 > $1 }),
    "GreaterOrEqual": comparison({ $0 >= $1 }, { $0 >= $1 }),
    "Less": comparison({ $0 < $1 }, { $0 < $1 }), "LessOrEqual": comparison({ $0 <= $1 }, { $0 <= $1 }),
    "And": comparison({ $0 != 0 && $1 != 0 }, { $0 != 0 && $1 != 0 }),
    "Or": comparison({ $0 != 0 || $1 != 0 }, { $0 != 0 || $1 != 0 }),
    "Not": { call in [.constant(try call.constant(0).mapped({ $0 == 0 ? 1 : 0 }) { $0 == 0 ? 1 : 0 })] },
    "Where": choice,
  ]

  private static func comparison(
    _ floats: @escaping @Sendable (Float, Float) -> Bool, _ integers: @escaping @Sendable (Int, Int) -> Bool
  ) -> Importer {
    { call in [.constant(try call.constant(0).compared(with: call.constant(1), floats, integers))] }
  }

  /// Where a condition holds, one value, elsewhere another one: c ⊙ a + (1 − c) ⊙ b for what is computed.
  private static let choice: Importer = { call in
    let condition = try call.constant(0).mapped({ $0 == 0 ? 0 : 1 }) { $0 == 0 ? 0 : 1 }
    let (a, b) = (try call.input(1), try call.input(2))
    if case .constant(let first) = a, case .constant(let second) = b {
      let extents = try Movement.common(condition.extents, Movement.common(first.extents, second.extents))
      let places = try Movement.expanding(condition.extents, to: extents)
      let conditions = places.map { (condition.integers ?? condition.tensor.scalars.map { Int($0) })[$0] }
      let (left, right) = (
        try first.gathered(Movement.expanding(first.extents, to: extents), as: extents),
        try second.gathered(Movement.expanding(second.extents, to: extents), as: extents)
      )
      if !left.isFloat, !right.isFloat, let left = left.integers, let right = right.integers {
        return [
          .constant(
            ConstantArray(conditions.indices.map { conditions[$0] != 0 ? left[$0] : right[$0] }, shape: extents))
        ]
      }
      let (x, y) = (left.tensor.scalars, right.tensor.scalars)
      return [
        .constant(
          ConstantArray(
            Tensor(conditions.indices.map { conditions[$0] != 0 ? x[$0] : y[$0] }, shape: Shape(extents))))
      ]
    }
    func kept(_ value: ImportedValue, where truth: Float) throws -> ImportedValue {
      let mask = ConstantArray(
        Tensor(condition.tensor.scalars.map { $0 == truth ? 1 : 0 }, shape: condition.tensor.shape))
      // Constants may be infinite where they are not taken.
      if case .constant(let array) = value {
        return .constant(try array.combined(with: mask, { $1 == 0 ? 0 : $0 }) { $1 == 0 ? 0 : $0 })
      }
      return try call.product(of: value, .constant(mask))
    }
    return [try call.sum(kept(a, where: 1), kept(b, where: 0))]
  }
}
