import Images

/// COCO's run lengths: how many pixels are outside, inside, outside and so on, column by column.
enum RunLengths {
  /// The numbers of COCO's compact text (`rleToString` of its API): five bits a character from `0` on, the sixth says that
  /// more follow, the last one's highest bit is the sign; from the fourth number on, what is stored is the difference to the
  /// number two before. Text that breaks off is read as far as it goes.
  static func decoded(_ text: String) -> [Int] {
    var counts = [Int]()
    var value = 0
    var shift = 0
    for character in text.utf8 {
      let bits = Int(character) - 48
      guard (0..<64).contains(bits), shift < 60 else { return counts }
      value |= (bits & 0x1F) << shift
      shift += 5
      guard bits & 0x20 == 0 else { continue }
      if bits & 0x10 != 0 { value |= -1 << shift }
      if counts.count > 2 { value = value &+ counts[counts.count - 2] }
      counts.append(value)
      value = 0
      shift = 0
    }
    return counts
  }

  /// Whether each pixel is inside, row by row; nil where the numbers are negative or more than the pixels.
  static func covered(_ counts: [Int], size: ImageSize) -> [Bool]? {
    var covered = [Bool](repeating: false, count: size.count)
    var place = 0
    for (index, count) in counts.enumerated() {
      guard count >= 0, count <= size.count - place else { return nil }
      if index % 2 == 1 {
        for pixel in place..<place + count {
          covered[pixel % size.height * size.width + pixel / size.height] = true
        }
      }
      place += count
    }
    return covered
  }
}
