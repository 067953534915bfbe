import Images

extension Region {
  /// The pixels whose centres lie inside a polygon, by the even-odd rule.
  ///
  /// - Parameter polygon: x, y, x, y, ... in pixels, the left edge of the first pixel being 0; an odd last number is left out.
  public init(polygon: [Double], size: ImageSize) {
    var covered = [Bool](repeating: false, count: size.count)
    let corners = stride(from: 0, to: polygon.count - polygon.count % 2, by: 2).map { (polygon[$0], polygon[$0 + 1]) }
    for row in 0..<size.height {
      let y = Double(row) + 0.5
      var crossings = [Double]()
      for (index, (x1, y1)) in corners.enumerated() {
        let (x2, y2) = corners[(index + 1) % corners.count]
        guard (y1 <= y) != (y2 <= y) else { continue }
        crossings.append(x1 + (y - y1) / (y2 - y1) * (x2 - x1))
      }
      crossings.sort()
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        let first = max(0, min(Double(size.width), (crossings[pair] - 0.5).rounded(.up)))
        let end = max(first, min(Double(size.width), (crossings[pair + 1] - 0.5).rounded(.up)))
        for column in Int(first)..<Int(end) { covered[row * size.width + column] = true }
      }
    }
    self.init(size: size, covered: covered)
  }
}
