import Checkpoints

/// What Hugging Face's transformers call the parameters and layers of a family: a model's name stands in front of its trunk's
/// names (`vit.encoder.layer.0`), and the classifier lies beside it.
struct HuggingFaceNames {
  /// Whose names these are.
  static let library = "Hugging Face"

  /// The names in front of the trunk: `vit`, `deit`.
  let roots: [String]
  /// A parameter of the trunk that only these names have.
  let signature: String
  /// From the trunk's names to ours. A longer rule goes before a shorter one; of two for the same layer of ours the first
  /// names it.
  let trunk: [(theirs: String, ours: String)]
  /// The same for what lies beside the trunk.
  var head: [(theirs: String, ours: String)] = []
  /// What is kept apart there and joined here.
  var joined: [JoinedModules] = []
  /// Parameters of ours that training alone needs.
  var unneeded: [String] = []
  /// Layers of the trunk that mean another layer here than their parameters do.
  var layers: [(theirs: String, ours: String)] = []

  /// A dialect for each root, and one for a trunk that has none, as it was saved without a classifier.
  var dialects: [Dialect] {
    (roots + [""]).map { root in
      func inside(_ name: String) -> String { root.isEmpty ? name : "\(root).\(name)" }
      return Dialect(
        Self.library, signature: inside(signature),
        KeyMap(trunk.map { (inside($0.theirs), $0.ours) } + head.map { ($0.theirs, $0.ours) }),
        layers: layers.map { (inside($0.theirs), $0.ours) }, joined: joined, unneeded: unneeded, root: root)
    }
  }
}

/// Modules whose parameters a dialect keeps apart and ours joins along their first axis: `query`, `key` and `value` to `qkv`.
struct JoinedModules: Sendable {
  let parts: [String]
  let name: String

  /// Queries, keys and values.
  static let attention = JoinedModules(parts: ["query", "key", "value"], name: "qkv")
  /// Keys and values.
  static let keysAndValues = JoinedModules(parts: ["key", "value"], name: "kv")
}
