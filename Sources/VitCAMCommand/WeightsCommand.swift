import ArgumentParser
import VitCAM

/// Says what a checkpoint holds.
struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "Say what a checkpoint holds, which architecture it fits, and what is missing.",
    discussion: """
      Examples:
        vitcam weights model.pth
        vitcam weights model.pth --arch resnet50 --keys
        vitcam weights model.onnx
      """)

  @Argument(help: .init("A checkpoint.", valueName: "file"))
  var file: String

  @Option(name: .customLong("arch"), help: .init("The architecture to compare with.", valueName: "name"))
  var architecture: String?

  @Flag(help: "List every key with its shape.")
  var keys = false

  func run() throws {
    if ONNXFile.isNamed(file) {
      for line in try ONNXFile(contentsOf: file).summary { print(line) }
      return
    }
    let checkpoint = try StateDictionary(contentsOf: file)
    let count = checkpoint.names.reduce(0) { $0 + (checkpoint.shape(of: $1)?.count ?? 0) }
    print("\(file): \(checkpoint.count) tensors, \(count) parameters")
    for note in checkpoint.notes { print("  \(note)") }
    for (key, value) in checkpoint.metadata.sorted(by: { $0.key < $1.key }) {
      print("  \(key.printable): \(value.printable)")
    }
    if keys {
      for name in checkpoint.names { print("  \(name.printable)  \(checkpoint.shape(of: name) ?? [])") }
    }
    try architecture.map { try compare(checkpoint, with: ModelDescription.named($0)) } ?? listFitting(checkpoint)
  }

  private func listFitting(_ checkpoint: StateDictionary) {
    let fitting = ModelDescription.fitting(checkpoint)
    guard fitting.isEmpty else {
      print("fits \(fitting.joined(separator: ", "))")
      return
    }
    let nearest = ModelDescription.nearestModel(to: checkpoint).map { "; nearest is \($0.name): \($0.mismatch)" }
    print("fits no known architecture\(nearest ?? "")")
  }

  private func compare(_ checkpoint: StateDictionary, with model: ModelDescription) throws {
    guard let mismatch = model.mismatch(with: checkpoint) else { throw WeightsError("\(file): not comparable") }
    print(mismatch.isEmpty ? "fits \(model.name)" : "does not fit \(model.name):")
    for name in mismatch.missing { print("  missing: \(name)") }
    for name in mismatch.unused { print("  unused: \(name.printable)") }
    for entry in mismatch.misshapen {
      print("  of another shape: \(entry.name), expected \(entry.expected), found \(entry.found)")
    }
    if !mismatch.isEmpty { throw ExitCode(1) }
  }
}
