import ArgumentParser
import VitCAM

/// Lists the architectures.
struct ArchitecturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "architectures",
    abstract: "List the architectures by family, with input size, parameters and recommended layer.")

  @Argument(help: .init("Only names or families that contain this.", valueName: "text"))
  var filter: String?

  func run() throws {
    let wanted = filter?.lowercased()
    let models = ModelDescription.all.filter { model in
      wanted.map { model.name.contains($0) || model.family.lowercased().contains($0) } ?? true
    }
    let width = models.map(\.name.count).max() ?? 0
    var family = ""
    for model in models {
      if model.family != family { print("\(family.isEmpty ? "" : "\n")\(model.family)") }
      family = model.family
      let name = model.name + String(repeating: " ", count: width - model.name.count)
      let millions = (Float(model.parameterCount) / 1e6).brief
      print("  \(name)  \(model.preprocessing.size)  \(millions) M  \(model.architecture.recommendedLayer)")
    }
  }
}
