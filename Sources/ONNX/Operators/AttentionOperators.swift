import LayerGraph
import Tensors

extension Operators {
  static let attention: [String: Importer] = ["Attention": scaledDotProduct]

  /// softmax(factor · q·kᵀ + mask) · v for each head, as newer exporters write it: put down as its parts, which plans and
  /// attention methods know.
  private static let scaledDotProduct: Importer = { call in
    var (q, k, v) = (try call.computedWithFactor(0), try call.computedWithFactor(1), try call.computedWithFactor(2))
    let isSplit = q.extents.count == 4
    if !isSplit {
      q = try q.splitIntoHeads(call.integer("q_num_heads", default: 0))
      k = try k.splitIntoHeads(call.integer("kv_num_heads", default: 0))
      v = try v.splitIntoHeads(call.integer("kv_num_heads", default: 0))
    }
    guard let depth = q.extents.last, q.extents.count == 4, k.extents.count == 4, v.extents.count == 4 else {
      throw ShapeError("queries of \(q.extents), keys of \(k.extents), values of \(v.extents)")
    }
    guard call.inputs.count <= 4 || call.inputs[4...].allSatisfy({ $0 == nil }),
      call.integer("is_causal", default: 0) == 0, call.float("softcap", default: 0) == 0
    else { throw ShapeError("only attention without a past, a causal mask and a cap is known") }
    // Fewer heads of keys and values serve several of the queries' each.
    let heads = q.extents[1]
    k = try k.repeatingHeads(to: heads)
    v = try v.repeatingHeads(to: heads)
    q.factor *= call.float("scale", default: 1 / Float(depth).squareRoot())
    var scores = try call.product(q, k.permuted([0, 1, 3, 2]), named: "scores")
    if let mask = call.optionalInput(3) {
      guard case .computed(let masked) = try call.sum(.computed(scores), mask, named: "mask") else {
        throw ShapeError("a mask that makes scores constants")
      }
      scores = masked
    }
    let weights = ComputedValue(call.builder.softmax("softmax", scores.finished), extents: scores.extents)
    let y = try call.product(weights, v)
    guard !isSplit else { return [.computed(y)] }
    let (tokens, width) = (y.extents[2], y.extents[3])
    return [.computed(y.permuted([0, 2, 1, 3]).reshaped([y.extents[0], tokens, heads * width]))]
  }
}

extension ComputedValue {
  /// B×N×(H·D) as B×H×N×D.
  fileprivate func splitIntoHeads(_ heads: Int) throws -> ComputedValue {
    guard extents.count == 3, heads > 0, extents[2] % heads == 0 else {
      throw ShapeError("\(heads) heads of \(extents)")
    }
    return reshaped([extents[0], extents[1], heads, extents[2] / heads]).permuted([0, 2, 1, 3])
  }

  /// B×H×N×D with each head repeated, so that there are so many.
  fileprivate func repeatingHeads(to heads: Int) throws -> ComputedValue {
    guard extents[1] != heads else { return self }
    guard extents[1] > 0, heads % extents[1] == 0 else { throw ShapeError("\(heads) heads for keys of \(extents)") }
    let (batch, count, tokens, depth) = (extents[0], extents[1], extents[2], extents[3])
    return try reshaped([batch, count, 1, tokens, depth])
      .expanded(to: [batch, count, heads / count, tokens, depth]).reshaped([batch, heads, tokens, depth])
  }
}
