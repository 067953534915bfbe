import Tensors
import Testing

/// Expects two tensors of one shape and close values. NaN is close to NaN, and an infinity to itself.
public func expectClose(
  _ found: Tensor, _ expected: Tensor, tolerance: Tolerance = Tolerances.values, _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found.shape == expected.shape else {
    record("expected the shape \(expected.shape), found \(found.shape)", label, sourceLocation)
    return
  }
  if let problem = difference(found.scalars, expected.scalars, shape: expected.shape, tolerance) {
    record(problem, label, sourceLocation)
  }
}

/// Expects as many values and each close to its counterpart. NaN is close to NaN, and an infinity to itself.
public func expectClose(
  _ found: [Float], _ expected: [Float], tolerance: Tolerance = Tolerances.values, _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found.count == expected.count else {
    record("expected \(expected.count) values, found \(found.count)", label, sourceLocation)
    return
  }
  if let problem = difference(found, expected, shape: [found.count], tolerance) {
    record(problem, label, sourceLocation)
  }
}

/// Expects a tensor of these scalars in row-major order.
public func expectClose(
  _ found: Tensor, _ expected: [Float], tolerance: Tolerance = Tolerances.values, _ label: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(found.scalars, expected, tolerance: tolerance, label, sourceLocation: sourceLocation)
}

/// Expects two normalised heatmaps to agree in the mean and everywhere, as ``Tolerances`` says.
public func expectCloseHeatmaps(
  _ found: Tensor, _ expected: Tensor, _ label: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    found, expected, tolerance: .absolute(Tolerances.heatmapMaximum), label, sourceLocation: sourceLocation)
  guard found.shape == expected.shape, found.count > 0 else { return }
  let total = zip(found.scalars, expected.scalars).reduce(Double(0)) { $0 + Double(abs($1.0 - $1.1)) }
  let mean = Float(total / Double(found.count))
  if !(mean <= Tolerances.heatmapMean) {
    record("the mean difference is \(mean), allowed are \(Tolerances.heatmapMean)", label, sourceLocation)
  }
}

/// What is wrong, with the first index that differs and both its values; nil where everything is close.
func difference(_ found: [Float], _ expected: [Float], shape: Shape, _ tolerance: Tolerance) -> String? {
  let scale = expected.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
  let bound = tolerance.bound(scale: scale)
  func isClose(_ a: Float, _ b: Float) -> Bool { a == b || (a.isNaN && b.isNaN) || abs(a - b) <= bound }
  let different = found.indices.filter { !isClose(found[$0], expected[$0]) }
  guard let first = different.first else { return nil }
  let largest = different.max { abs(found[$0] - expected[$0]) < abs(found[$1] - expected[$1]) } ?? first
  return "\(different.count) of \(found.count) values differ by more than \(bound); "
    + "first at \(place(first, in: shape)): expected \(expected[first]), found \(found[first]); "
    + "most at \(place(largest, in: shape)): expected \(expected[largest]), found \(found[largest])"
}

/// The index along each axis of the `offset`-th scalar.
func place(_ offset: Int, in shape: Shape) -> [Int] {
  var rest = offset
  var indices = [Int]()
  for extent in shape.extents.reversed() {
    indices.append(rest % extent)
    rest /= extent
  }
  return indices.reversed()
}

private func record(_ problem: String, _ label: String, _ sourceLocation: SourceLocation) {
  Issue.record(Comment(rawValue: label.isEmpty ? problem : "\(label): \(problem)"), sourceLocation: sourceLocation)
}
