/// What can be chosen of methods that are chosen by name. Each method takes what it knows and leaves the rest aside.
public struct MethodOptions: Sendable, Equatable {
  /// How ``AttentionRollout`` and ``RawAttention`` make one map of a layer's heads.
  public var headFusion = HeadFusion.mean
  /// The share of each layer's smallest attention that ``AttentionRollout`` and ``GradientRollout`` leave out.
  public var discardRatio = 0.0
  /// The block that ``RawAttention`` looks at; negative numbers count from the end.
  public var block = -1
  /// The head that ``RawAttention`` looks at; all of them where it is nil.
  public var head: Int?
  /// How often methods that sample run the model: the steps of ``IntegratedGradients``, the copies of ``SmoothGrad``, the masks
  /// of ``RISE``. Each method's own number where it is nil.
  public var samples: Int?
  /// Whether the first principal component of the weighted feature maps takes the place of their sum, see
  /// ``EigenSmoothed``.
  public var eigenSmooth = false
  /// The rules of ``Relevance``.
  public var rules = RelevanceRuleSet.recommended
  /// How far ``Relevance`` is smoothed: a standard deviation in pixels of the model's input, 0 for none; what is recommended
  /// for the model where it is nil.
  public var smoothing: Double?
  /// What the chance of methods that draw from it follows from.
  public var seed: UInt64 = 0

  /// Every method as its paper has it.
  public init(eigenSmooth: Bool = false) {
    self.eigenSmooth = eigenSmooth
  }
}
