import Checkpoints
import Images
import LayerGraph

extension ModelDescription {
  /// The model of a configuration in timm's hub format, which has its name (`architecture`) and where it was changed how
  /// (`model_args`); nil where it is in another format.
  ///
  /// - Throws: `CheckpointError` where it is a model that is not known here.
  static func timm(_ config: inout HubConfiguration) throws -> ModelDescription? {
    guard case .string(let name)? = config.entries["architecture"] else { return nil }
    guard var description = try? named(name) else {
      let near = nearest(to: name, among: all.map(\.name)).joined(separator: ", ")
      throw config.error(
        "architecture \(name.quotedName): not known here; near it: \(near)\(HubConfiguration.wayOut)")
    }
    if let pool = config.entries["global_pool"]?.text, let own = description.architecture as? VisionTransformer {
      try own.checkPooling(pool, config)
    }
    if case .object(let arguments)? = config.entries["model_args"] {
      for (key, value) in arguments.sorted(by: { $0.key < $1.key }) {
        try description.apply(key, value, config)
      }
    }
    return description
  }

  /// Arguments of timm's models that change nothing here: what the weights and the preprocessing say already, or training.
  private static let idleArguments: Set<String> = [
    "num_classes", "in_chans", "img_size", "input_size", "drop_rate", "drop_path_rate", "proj_drop_rate",
    "attn_drop_rate",
    "pos_drop_rate", "patch_drop_rate", "dynamic_img_size", "strict_img_size", "dynamic_img_pad", "fix_init",
    "weight_init",
    "init_values", "pretrained", "global_pool",
  ]

  private mutating func apply(_ key: String, _ value: JSONValue, _ config: HubConfiguration) throws {
    guard !Self.idleArguments.contains(key), value != .null else { return }
    var arguments = config.inside(value, key)
    if var model = architecture as? VisionTransformer {
      switch key {
      case "patch_size": model.patch = try arguments.dimension(key, otherwise: 16)
      case "embed_dim": model.width = try arguments.dimension(key, otherwise: 768)
      case "depth": model.depth = try arguments.depth(key, otherwise: 12)
      case "num_heads": model.heads = try arguments.dimension(key, otherwise: 12)
      case "mlp_ratio": model.hiddenRatio = try arguments.number(key, in: 0.01...64, otherwise: 4)
      case "reg_tokens": model.registers = try arguments.windows(key, count: 1).first ?? 0
      case "qkv_bias": model.hasQueryBias = try arguments.flag(key, otherwise: true)
      default: throw config.error("model_args: \(key.quotedName) is not known here\(HubConfiguration.wayOut)")
      }
      architecture = model
      return
    }
    if let stride = value.integer, key == "output_stride", [8, 16, 32].contains(stride),
      var model = architecture as? ResNet
    {
      model.outputStride = stride
      architecture = model
      return
    }
    throw config.error("model_args: \(key.quotedName) is not known here\(HubConfiguration.wayOut)")
  }
}

extension VisionTransformer {
  /// Refuses a pooling that this network does not have with the weights at hand.
  fileprivate func checkPooling(_ pool: String, _ config: HubConfiguration) throws {
    guard ["token", "avg"].contains(pool) else {
      throw config.error("global_pool: expected token or avg, found \(pool.quotedName)\(HubConfiguration.wayOut)")
    }
    guard pool == "token" || config.hasTensor("fc_norm.weight") else {
      throw config.error("global_pool: 'avg' without fc_norm is not known here\(HubConfiguration.wayOut)")
    }
  }
}
