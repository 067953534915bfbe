import Foundation
import Tensors
import Testing

/// The demonstration models on the shipped scenes, through the command.
@Suite struct DemonstrationTests {
  @Test("At least 22 of 24 scenes are recognised", arguments: ["demo_resnet", "demo_vit"])
  func accuracy(model: String) throws {
    let folder = try TemporaryFolder()
    let scenes = try Scene.all()
    #expect(scenes.count == 24)
    let run = try CommandRun(["--arch", model, "--json", "-o", folder.path("out")] + scenes.map(\.path))
    #expect(run.status == 0, "\(run.error)")
    let reports = try run.output.split(separator: "\n").map {
      try JSONDecoder().decode(Report.self, from: Data($0.utf8))
    }
    #expect(reports.map(\.picture) == scenes.map(\.path))
    let recognised = zip(reports, scenes).filter { report, scene in
      Set(report.predictions.prefix(scene.objects.count).map(\.label)) == Set(scene.objects.map(\.label))
    }
    #expect(recognised.count >= 22)
  }

  @Test(
    "More than 0.6 of LayerCAM's maxima lie in the object that was asked for", arguments: ["demo_resnet", "demo_vit"])
  func localisation(model: String) throws {
    let folder = try TemporaryFolder()
    var hits = 0
    var maps = 0
    for scene in try Scene.all() where scene.objects.count == 2 {
      let file = folder.path("maps.npy")
      let targets = scene.objects.flatMap { ["--target", $0.label] }
      let run = try CommandRun(
        ["--arch", model, "--method", "layercam", scene.path, "-o", folder.path("out"), "--save-heatmap", file]
          + targets)
      #expect(run.status == 0, "\(run.error)")
      let heatmaps = try Tensor(npy: file)
      for (index, object) in scene.objects.enumerated() {
        let values = heatmaps[index].scalars
        let place = values.indices.max { values[$0] < values[$1] } ?? 0
        hits += try object.covers(row: place / 96, column: place % 96) ? 1 : 0
        maps += 1
      }
    }
    #expect(maps == 24)
    #expect(Double(hits) / Double(maps) > 0.6, "\(hits) of \(maps)")
  }

  /// What the test reads of `--json`.
  private struct Report: Decodable {
    struct Class: Decodable {
      let label: String
    }

    let picture: String
    let predictions: [Class]
  }
}
