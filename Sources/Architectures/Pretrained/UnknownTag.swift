import LayerGraph

/// A set of weights that neither timm nor torchvision has published of a model.
public struct UnknownTag: Error, Equatable, CustomStringConvertible {
  /// The tag that was asked for.
  public let tag: String
  /// The model.
  public let model: String
  /// The tags that it has.
  public let known: [String]

  /// One line: the tag, the nearest ones, and what to do for other weights.
  public var description: String {
    let near =
      known.isEmpty
      ? "\(model) has no tags" : "near it: \(nearest(to: tag, among: known).joined(separator: ", "))"
    return
      "'\(tag)': no published weights of \(model); \(near); for weights of your own leave it out and say --mean, --std, "
      + "--crop-pct and --interpolation where they differ"
  }
}
