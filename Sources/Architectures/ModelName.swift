/// A model's name as people write it: `resnet50`, `ResNet-50`, `timm/resnet50.tv_in1k`, `hf_hub:timm/resnet50.tv_in1k`.
struct ModelName {
  /// Its part before the tag.
  let plain: String
  /// The tag behind the first dot.
  let tag: String?

  init(_ text: String) {
    var name = text[...]
    for prefix in ["hf_hub:", "hf-hub:", "timm/"] where name.hasPrefix(prefix) { name = name.dropFirst(prefix.count) }
    let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    plain = parts.first.map(String.init) ?? ""
    tag = parts.count > 1 ? String(parts[1]) : nil
  }

  /// The one of some names that is meant: this one, or the only one of the same letters and digits.
  func among(_ names: [String]) -> String? {
    for spelling in [plain, plain.lowercased()] where names.contains(spelling) { return spelling }
    let folded = Self.folded(plain)
    let alike = names.filter { Self.folded($0) == folded }
    // timm's efficientnetv2_s is another model than torchvision's efficientnet_v2_s.
    return alike.count == 1 ? alike[0] : nil
  }

  /// The letters and digits of a name, small.
  static func folded(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }
}
