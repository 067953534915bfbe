import Tensors

/// A rearrangement of axes in einops' notation (Rogozhnikov 2022): `b (h w) c -> b c h w`.
///
/// Axes in parentheses are one axis of the tensor. Their sizes follow from the tensor's shape and from the sizes that are
/// given; at most one of each parenthesis may be left open.
struct ReshapePattern: Sendable {
  private let text: String
  private let input: [[String]]
  private let output: [[String]]
  private let sizes: [String: Int]

  /// A pattern and the sizes of some of its axes.
  ///
  /// - Throws: ``ReshapeError`` where it is not well formed.
  init(_ text: String, sizes: [String: Int]) throws(ReshapeError) {
    self.text = text
    self.sizes = sizes
    let sides = text.split(separator: "->", omittingEmptySubsequences: false)
    guard sides.count == 2 else {
      throw ReshapeError("reshape '\(text)': expected one arrow, as in 'b (h w) c -> b c h w'")
    }
    input = try Self.groups(sides[0], of: text)
    output = try Self.groups(sides[1], of: text)
    let (names, results) = (input.flatMap { $0 }, output.flatMap { $0 })
    guard Set(names).count == names.count, Set(results).count == results.count, Set(names) == Set(results) else {
      throw ReshapeError("reshape '\(text)': expected every axis once on either side of the arrow")
    }
    guard output.count == 4 else {
      throw ReshapeError("reshape '\(text)': expected four axes on the right, b c h w, found \(output.count)")
    }
    if let stranger = sizes.keys.sorted().first(where: { !names.contains($0) }) {
      throw ReshapeError("reshape '\(text)': it has no axis \(stranger) to give a size to")
    }
    if let bad = sizes.sorted(by: { $0.key < $1.key }).first(where: { $0.value < 1 }) {
      throw ReshapeError("reshape '\(text)': axis \(bad.key) cannot have the size \(bad.value)")
    }
  }

  /// The tensor with its axes rearranged.
  ///
  /// - Throws: ``ReshapeError`` with the sizes, where they do not fit.
  func callAsFunction(_ tensor: Tensor) throws(ReshapeError) -> Tensor {
    let extents = try extents(of: tensor.shape)
    let order = input.flatMap { $0 }
    let axes = output.flatMap { $0 }.compactMap { order.firstIndex(of: $0) }
    let result = output.map { group in group.reduce(1) { $0 * (extents[$1] ?? 1) } }
    return tensor.reshaped(to: Shape(order.map { extents[$0] ?? 1 })).permuted(axes).reshaped(to: Shape(result))
  }

  /// The size of every axis for a tensor of a shape.
  private func extents(of shape: Shape) throws(ReshapeError) -> [String: Int] {
    guard shape.rank == input.count else {
      throw ReshapeError("reshape '\(text)': expected \(input.count) axes, found \(shape)")
    }
    var extents = sizes
    for (group, extent) in zip(input, shape.extents) {
      let open = group.filter { sizes[$0] == nil }
      let known = group.compactMap { sizes[$0] }.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
      guard open.count <= 1 else {
        throw ReshapeError(
          "reshape '\(text)': (\(group.joined(separator: " "))) has \(extent) places, and the sizes of "
            + "\(open.joined(separator: " and ")) are open; give all but one, as in --axis \(open[0])=\(extent)")
      }
      guard known > 0, open.isEmpty ? known == extent : extent % known == 0 else {
        throw ReshapeError(
          "reshape '\(text)': (\(group.joined(separator: " "))) has \(extent) places in \(shape), which "
            + "\(group.map { "\($0)=\(sizes[$0].map(String.init) ?? "?")" }.joined(separator: ", ")) does not give")
      }
      if let name = open.first { extents[name] = extent / known }
    }
    return extents
  }

  /// The axes of one side: `b (h w) c` is [[b], [h, w], [c]].
  private static func groups(_ side: Substring, of text: String) throws(ReshapeError) -> [[String]] {
    var groups = [[String]]()
    var open: [String]?
    let spaced = side.replacing("(", with: " ( ").replacing(")", with: " ) ")
    for word in spaced.split(separator: " ") {
      switch word {
      case "(" where open == nil: open = []
      case ")":
        guard let group = open, !group.isEmpty else { throw ReshapeError("reshape '\(text)': a parenthesis is wrong") }
        groups.append(group)
        open = nil
      case _ where word.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } && word.first?.isNumber == false:
        if open == nil { groups.append([String(word)]) } else { open?.append(String(word)) }
      default: throw ReshapeError("reshape '\(text)': '\(word)' is no axis")
      }
    }
    guard open == nil, !groups.isEmpty else { throw ReshapeError("reshape '\(text)': a parenthesis is open") }
    return groups
  }
}

extension ReshapeTransform {
  /// A rearrangement of axes in einops' notation, batch first: `.pattern("b (h w) c -> b c h w", ["h": 12])`.
  ///
  /// - Parameters:
  ///   - text: the pattern; its right side has four axes: B, C, H, W.
  ///   - sizes: the sizes of axes that the tensor's shape leaves open.
  /// - Throws: ``ReshapeError`` where the pattern is not well formed. One whose sizes do not fit a layer throws when it is
  ///   applied.
  public static func pattern(_ text: String, _ sizes: [String: Int] = [:]) throws(ReshapeError) -> ReshapeTransform {
    let pattern = try ReshapePattern(text, sizes: sizes)
    return ReshapeTransform(text) { try pattern($0) }
  }
}
