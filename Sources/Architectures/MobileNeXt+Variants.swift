import Images

extension MobileNeXt {
  /// `mobilenext_100` and the like; the number is the width in percent.
  static var variants: [ModelDescription] {
    [("035", 0.35), ("050", 0.5), ("075", 0.75), ("100", 1), ("140", 1.4)].map { suffix, scale in
      let preprocessing = Preprocessing(size: ImageSize(square: 224))
      var uniform = model(scale: scale, narrowest: 0)
      uniform.isUniform = true
      return ModelDescription(
        "mobilenext_\(suffix)", family: "MobileNeXt", model(scale: scale, narrowest: 1280), preprocessing,
        inDialect: [uniformDialect: (uniform, preprocessing)])
    }
  }

  /// Table 2 of the paper.
  private static let table = [
    Row(reduction: 2, outputs: 96, repeats: 1, stride: 2), Row(reduction: 6, outputs: 144, repeats: 1, stride: 1),
    Row(reduction: 6, outputs: 192, repeats: 3, stride: 2), Row(reduction: 6, outputs: 288, repeats: 3, stride: 2),
    Row(reduction: 6, outputs: 384, repeats: 4, stride: 1), Row(reduction: 6, outputs: 576, repeats: 4, stride: 2),
    Row(reduction: 6, outputs: 960, repeats: 3, stride: 1), Row(reduction: 6, outputs: 1280, repeats: 1, stride: 1),
  ]

  /// - Parameter narrowest: the least number of channels in front of the classifier.
  private static func model(scale: Double, narrowest: Int) -> MobileNeXt {
    let rows = table.map { row in
      let outputs = MobileRow.divisible(Double(row.outputs) * scale)
      return Row(
        reduction: row.reduction, outputs: row.outputs == 1280 ? max(outputs, narrowest) : outputs,
        repeats: row.repeats, stride: row.stride)
    }
    return MobileNeXt(stem: MobileRow.divisible(32 * scale), rows: rows)
  }

  private static let uniformDialect = "the form with uniform blocks"

  /// The widespread form whose blocks are all of the paper's shape has no dropout in front of its classifier.
  public static let dialects = [
    Dialect(uniformDialect, signature: "classifier.weight", ["classifier": "classifier.1"])
  ]
}
