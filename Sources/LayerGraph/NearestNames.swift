/// The names nearest to what was asked for, by edit distance (Levenshtein 1966): what a message proposes instead.
public func nearest(to wanted: String, among names: [String], count: Int = 4) -> [String] {
  let text = Array(wanted.utf8.prefix(100))
  return names.enumerated()
    .map { (name: $1, distance: editDistance(text, Array($1.utf8)), place: $0) }
    .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
    .prefix(count).map(\.name)
}

/// How many insertions, deletions and substitutions turn one text into the other.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var previous = Array(0...b.count)
  for (row, x) in a.enumerated() {
    var current = [row + 1]
    for (column, y) in b.enumerated() {
      current.append(min(previous[column] + (x == y ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous[b.count]
}
