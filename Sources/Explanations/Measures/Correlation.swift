/// How far two runs of numbers rise and fall together, from −1 to 1.
public enum Correlation {
  /// Pearson's coefficient; 0 where one of them is constant.
  public static func pearson(_ a: [Float], _ b: [Float]) -> Float {
    pearson(a.map(Double.init), b.map(Double.init))
  }

  /// Spearman's coefficient: Pearson's of the ranks, equal values having their mean rank; 0 where one of them is constant.
  public static func spearman(_ a: [Float], _ b: [Float]) -> Float {
    pearson(ranks(a), ranks(b))
  }

  private static func pearson(_ a: [Double], _ b: [Double]) -> Float {
    precondition(a.count == b.count && !a.isEmpty, "\(a.count) numbers cannot be compared with \(b.count)")
    let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
    var (product, squareA, squareB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += (x - meanA) * (y - meanB)
      squareA += (x - meanA) * (x - meanA)
      squareB += (y - meanB) * (y - meanB)
    }
    guard squareA > 0, squareB > 0 else { return 0 }
    return Float(max(-1, min(1, product / (squareA.squareRoot() * squareB.squareRoot()))))
  }

  private static func ranks(_ values: [Float]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }
}
