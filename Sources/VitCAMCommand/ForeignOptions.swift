import VitCAM

/// What scripts of the field call their options, and what to write here.
enum ForeignOptions {
  private static let answers = [
    "image-path": "name pictures without an option: vitcam ... picture.png",
    "image": "name pictures without an option: vitcam ... picture.png",
    "use-cuda": "leave it out: vitcam runs on the processor",
    "device": "leave it out: vitcam runs on the processor, on --threads N",
    "aug_smooth": "write --aug-smooth", "eigen_smooth": "write --eigen-smooth",
    "target-category": "write --target CLASS", "target-class": "write --target CLASS",
    "target-layer": "write --layer PATH", "target-layers": "write --layer PATH",
    "checkpoint": "write --weights FILE", "ckpt": "write --weights FILE", "model-path": "write --weights FILE",
    "output-dir": "write --output FOLDER/", "num-classes": "write --classes N", "img-size": "write --image-size N",
  ]

  /// Refuses arguments that are another program's, or a picture whose name begins like an option.
  ///
  /// - Throws: `UsageError` that says what to write.
  static func check(_ arguments: [String]) throws(UsageError) {
    for argument in arguments {
      if argument == "--" { return }
      if argument.hasPrefix("--") {
        let name = argument.dropFirst(2).prefix { $0 != "=" }
        let answer = answers[String(name)] ?? answers[String(name).replacing("_", with: "-")]
        if let answer { throw UsageError("--\(name): \(answer)") }
      } else if argument.hasPrefix("-"), argument.count > 2, !argument.contains("="), ImageFormat(path: argument) != nil
      {
        throw UsageError("\(argument): begins like an option; write ./\(argument)")
      }
    }
  }
}
