import Checkpoints
import Foundation
import LayerGraph
import Tensors

extension Operators {
  static let products: [String: Importer] = ["MatMul": matMul, "Linear": linear, "Gemm": gemm, "Einsum": einsum]

  private static let matMul: Importer = { call in
    if case .constant(let weight) = try call.input(1), weight.extents.count == 2 {
      let x = try call.computedWithFactor(0)
      guard x.extents.last == weight.extents[0] else {
        throw ShapeError("\(x.extents) cannot be multiplied by \(weight.extents)")
      }
      return [.computed(call.linear(x, weight: weight.tensor.permuted([1, 0]), bias: nil))]
    }
    return [.computed(try call.product(call.computedWithFactor(0), call.computedWithFactor(1)))]
  }

  /// A product with a matrix and a bias, as ``RecognizedLinear`` puts them together.
  private static let linear: Importer = { call in
    if case .constant(let weight) = try call.input(1), weight.extents.count == 2,
      case .constant(let bias) = try call.input(2), bias.extents == [weight.extents[1]]
    {
      let x = try call.computedWithFactor(0)
      guard x.extents.last == weight.extents[0] else {
        throw ShapeError("\(x.extents) cannot be multiplied by \(weight.extents)")
      }
      return [.computed(call.linear(x, weight: weight.tensor.permuted([1, 0]), bias: bias.tensor))]
    }
    return [try call.sum(matMul(call)[0], call.input(2))]
  }

  /// α A′ B′ + β C, of matrices.
  private static let gemm: Importer = { call in
    let alpha = call.float("alpha", default: 1)
    let beta = call.float("beta", default: 1)
    var x = try call.computedWithFactor(0)
    guard x.extents.count == 2 else { throw ShapeError("expected matrices, found \(x.extents)") }
    if call.integer("transA", default: 0) != 0 { x = x.permuted([1, 0]) }
    let isTransposed = call.integer("transB", default: 0) != 0
    guard case .constant(let array) = try call.input(1) else {
      var right = try call.computedWithFactor(1)
      if isTransposed { right = right.permuted([1, 0]) }
      var y = try call.product(x, right)
      y.factor *= alpha
      guard let addend = call.optionalInput(2) else { return [.computed(y)] }
      return [try call.sum(.computed(y), try call.scaled(addend, by: beta))]
    }
    var weight = isTransposed ? array.tensor : array.tensor.permuted([1, 0])
    guard weight.shape.rank == 2, weight.shape[1] == x.extents[1] else {
      throw ShapeError("\(x.extents) cannot be multiplied by weights of \(array.extents)")
    }
    if alpha != 1 { weight = weight * alpha }
    var bias = try call.optionalConstant(2)?.tensor
    if beta != 1 { bias = bias.map { $0 * beta } }
    if let found = bias {
      guard found.count == 1 || found.count == weight.shape[0] else {
        throw ShapeError("an addend of \(found.shape) for \(weight.shape[0]) outputs")
      }
      bias = found.reshaped(to: [found.count]).expanded(to: [weight.shape[0]])
    }
    return [.computed(call.linear(x, weight: weight, bias: bias))]
  }

  /// Einsum of two operands, as a product of stacks of matrices.
  private static let einsum: Importer = { call in
    let equation = (call.text("equation") ?? "").filter { $0 != " " }
    let sides = equation.components(separatedBy: "->")
    let terms = sides[0].split(separator: ",").map(Array.init)
    guard sides.count == 2, terms.count == 2, call.inputs.count == 2, !equation.contains(".") else {
      throw ShapeError("the equation \(equation.quoted) is not known; two operands and a result are")
    }
    let (left, right) = (try call.computedWithFactor(0), try call.computedWithFactor(1))
    let result = Array(sides[1])
    guard terms[0].count == left.extents.count, terms[1].count == right.extents.count,
      [terms[0], terms[1], result].allSatisfy({ Set($0).count == $0.count })
    else { throw ShapeError("the equation \(equation.quoted) does not fit \(left.extents) and \(right.extents)") }
    var sizes = [Character: Int]()
    for (label, extent) in zip(terms[0] + terms[1], left.extents + right.extents) {
      guard sizes[label, default: extent] == extent else { throw ShapeError("two extents for \(label)") }
      sizes[label] = extent
    }
    let batch = result.filter { terms[0].contains($0) && terms[1].contains($0) }
    let contracted = terms[0].filter { terms[1].contains($0) && !result.contains($0) }
    let rows = result.filter { terms[0].contains($0) && !terms[1].contains($0) }
    let columns = result.filter { terms[1].contains($0) && !terms[0].contains($0) }
    guard batch.count + contracted.count + rows.count == terms[0].count,
      batch.count + contracted.count + columns.count == terms[1].count,
      batch.count + rows.count + columns.count == result.count
    else { throw ShapeError("the equation \(equation.quoted) is not known") }
    func size(_ labels: [Character]) -> Int { labels.reduce(1) { $0 * (sizes[$1] ?? 1) } }
    func arranged(_ value: ComputedValue, _ term: [Character], _ labels: [Character]) -> ComputedValue {
      value.permuted(labels.compactMap { term.firstIndex(of: $0) })
    }
    let a = arranged(left, terms[0], batch + rows + contracted).reshaped([size(batch), size(rows), size(contracted)])
    let b = arranged(right, terms[1], batch + contracted + columns).reshaped([
      size(batch), size(contracted), size(columns),
    ])
    let y = try call.product(a, b).reshaped((batch + rows + columns).map { sizes[$0] ?? 1 })
    let order = result.compactMap { (batch + rows + columns).firstIndex(of: $0) }
    return [.computed(y.permuted(order))]
  }
}

extension OperatorCall {
  /// A fully connected layer over the last axis.
  func linear(_ x: ComputedValue, weight: Tensor, bias: Tensor?) -> ComputedValue {
    let y = builder.linear(name, x.finished, weight: weight, bias: bias)
    return ComputedValue(y, extents: x.extents.dropLast() + [weight.shape[0]])
  }

  /// A product of stacks of matrices, whose axes before the last two are repeated as NumPy does it.
  ///
  /// Keys that were transposed for the product are read as they lie, and factors of the operands are left to it.
  ///
  /// - Parameter name: the op's name; the call's own where left out.
  func product(_ left: ComputedValue, _ right: ComputedValue, named name: String? = nil) throws -> ComputedValue {
    let name = name ?? self.name
    let (a, b) = (left.extents, right.extents)
    guard a.count >= 1, b.count >= 2, let depth = a.last, depth == b[b.count - 2] else {
      throw ShapeError("\(a) cannot be multiplied by \(b)")
    }
    if a.count == 1 {
      let y = try product(left.reshaped([1, depth]), right, named: name)
      return y.reshaped(y.extents.dropLast(2) + [y.extents[y.extents.count - 1]])
    }
    let outer = try Movement.common(Array(a.dropLast(2)), Array(b.dropLast(2)))
    let (rows, columns) = (a[a.count - 2], b[b.count - 1])
    let x = try left.expanded(to: outer + [rows, depth])
    let transposed = try right.expanded(to: outer + [depth, columns])
    // The axes that count matrices stay apart, so that heads are an axis of the scores.
    let stack = ComputedValue.sampleShape(of: outer + [1, 1]).extents.dropLast(2)
    let l = x.value.reshaped(toExtents: stack + [rows, depth])
    let factor = left.factor * right.factor
    let y: Value
    if let keys = transposed.untransposed {
      y = builder.matrixProduct(
        name, l, keys.reshaped(toExtents: stack + [columns, depth]), factor: factor, transposingRight: true)
    } else {
      y = builder.matrixProduct(
        name, l, transposed.value.reshaped(toExtents: stack + [depth, columns]), factor: factor)
    }
    return ComputedValue(y, extents: outer + [rows, columns])
  }
}

extension ComputedValue {
  /// The axes in another order.
  func permuted(_ axes: [Int]) -> ComputedValue {
    let result = axes.map { extents[$0] }
    guard axes != Array(axes.indices) else { return self }
    // An axis that the sample lacks has one index, so that it may go anywhere.
    let order = missingAxes == 0 ? axes : axes.filter { $0 != 0 }.map { $0 - 1 }
    let moved = order == Array(order.indices) ? value : value.permuted(order)
    return ComputedValue(moved, extents: result, factor: factor)
  }

  /// The same scalars under other extents.
  func reshaped(_ extents: [Int]) -> ComputedValue { ComputedValue(value, extents: extents, factor: factor) }

  /// Repeated along axes of extent 1 and new ones in front.
  func expanded(to wanted: [Int]) throws -> ComputedValue {
    if extents == wanted { return self }
    if extents.reduce(1, *) == wanted.reduce(1, *) { return reshaped(wanted) }
    let table = try Movement.expanding(extents, to: wanted)
    return ComputedValue(
      value.gathered(table, as: Self.sampleShape(of: wanted)), extents: wanted, factor: factor)
  }

  /// The value with its last two axes the other way round, where that is how it lies in memory: a transpose can be left out.
  var untransposed: Value? {
    value.shape.extents.suffix(2) == extents.suffix(2) ? value.transposeBeforePermutation : nil
  }
}
