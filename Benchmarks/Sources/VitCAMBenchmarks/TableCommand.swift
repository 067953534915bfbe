import ArgumentParser
import Foundation
import VitCAM

/// The table of goals: each model beside its peers, in turn.
struct TableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "The models that have goals, each in turn with pytorch-grad-cam and OpenVINO where Python has them.")

  @Argument(help: "Some of the models that have goals. Default: all of them.")
  var models: [String] = []

  @Option(help: "A Python that has requirements.txt installed; without it, the peers' columns stay empty.")
  var python: String?

  @Option(help: "How often a model and its peers are run in turn; the median of all rounds is printed.")
  var rounds = 3

  @OptionGroup var options: RunOptions

  @Option(help: "The script that runs the peers.")
  var peers = "peers.py"

  func run() throws {
    print(Machine.description, terminator: "\n\n")
    print(
      "| model | VitCAM forward ms | VitCAM Grad-CAM ms | pytorch-grad-cam ms | times faster | goal "
        + "| OpenVINO forward ms | times as long | goal |")
    print("|---|---|---|---|---|---|---|---|---|")
    for goal in Goal.all where models.isEmpty || models.contains(goal.model) {
      print(try row(goal))
      fflush(nil)
    }
  }

  private func row(_ goal: Goal) throws -> String {
    var (forward, gradCAM, peerCAM, peerForward) = ([Double](), [Double](), [Double](), [Double]())
    for _ in 0..<max(1, rounds) {
      let own = try cells(
        Bundle.main.executableURL, ["rows", goal.model, "--rows-only"] + arguments(goal),
        threads: Workers.available.count)
      forward += [median(own, 4)].compactMap { $0 }
      gradCAM += [median(own, 5)].compactMap { $0 }
      guard let python else { continue }
      let theirs = try cells(
        URL(filePath: python),
        [peers, goal.model, "--row-only", "--threads", "\(Workers.available.count)"] + arguments(goal),
        threads: Workers.available.count)
      peerCAM += [median(theirs, 5)].compactMap { $0 }
      peerForward += [median(theirs, 7)].compactMap { $0 }
    }
    let own = middle(gradCAM)
    let faster = middle(peerCAM).flatMap { peer in own.map { peer / $0 } }
    let longer = middle(peerForward).flatMap { peer in own.map { $0 / peer } }
    let size = goal.imageSize.map { " at \($0)" } ?? ""
    let cells = [
      goal.model + size, number(middle(forward)), number(own), number(middle(peerCAM)), number(faster),
      "≥ \(number(goal.timesFaster))", number(middle(peerForward)), number(longer, digits: 2),
      "≤ \(number(goal.timesAsLong))",
    ]
    return "| \(cells.joined(separator: " | ")) |"
  }

  private func arguments(_ goal: Goal) -> [String] {
    ["--runs", "\(options.runs)"] + (goal.imageSize.map { ["--image-size", "\($0)"] } ?? [])
  }

  /// The cells of the printed row for a number of threads, which is the third one.
  private func cells(_ program: URL?, _ arguments: [String], threads: Int) throws -> [String] {
    let rows = try Subprocess.output(program, arguments).split(separator: "\n").map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return rows.first { $0.count > 3 && $0[3] == "\(threads)" } ?? []
  }

  /// The number in front of a cell's parenthesis.
  private func median(_ cells: [String], _ column: Int) -> Double? {
    cells.indices.contains(column) ? cells[column].split(separator: " ").first.flatMap { Double($0) } : nil
  }

  private func middle(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
  }

  private func number(_ value: Double?, digits: Int = 1) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? ""
  }
}

/// What an explanation may cost, measured against the peers.
private struct Goal {
  let model: String
  var imageSize: Int?
  /// Than pytorch-grad-cam.
  let timesFaster: Double
  /// As OpenVINO's forward.
  let timesAsLong: Double

  static let all = [
    Goal(model: "vit_base_patch16_224", timesFaster: 4, timesAsLong: 1.1),
    Goal(model: "swin_base_patch4_window7_224", timesFaster: 5, timesAsLong: 1.1),
    Goal(model: "pvt_v2_b3", imageSize: 384, timesFaster: 7, timesAsLong: 1.1),
    Goal(model: "resnet50", timesFaster: 7, timesAsLong: 1.3),
    Goal(model: "densenet121", timesFaster: 7, timesAsLong: 1.3),
    Goal(model: "mobilenetv3_large_100", timesFaster: 10, timesAsLong: 2),
    Goal(model: "efficientnet_b0", timesFaster: 10, timesAsLong: 2),
  ]
}
