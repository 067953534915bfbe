import Foundation
import Testing

/// `--layer best`, `--method best` and `--clip`.
@Suite struct BestTests {
  private static let scene = "Weights/Scenes/scene-20.png"

  @Test("The ranking and what it cost go to standard error, and the winner is drawn")
  func words() throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun([
      "--arch", "demo_resnet", "--layer", "best", "--method", "best", "--target", "hexagon", Self.scene, "-o",
      folder.path("out"),
    ])
    #expect(run.status == 0, "\(run.error)")
    let lines = run.error.split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines[0].hasPrefix("\(Self.scene), hexagon: best of 34 maps, by ") && lines[0].hasSuffix(" ms"))
    #expect(lines[1].hasPrefix("  1  ") && lines[1].contains("insertion "))
    let winner = lines[1].split(separator: " ")[1]
    #expect(run.output.contains("hexagon by \(winner) at "))
    #expect(folder.contents.count == 2)
  }

  @Test("With --json the ranking is in the object, for each method that was named, and nothing on standard error")
  func json() throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun([
      "--arch", "demo_resnet", "--layer", "best", "--method", "layercam", "--method", "eigencam", "--json", Self.scene,
      "-o", folder.path("out"),
    ])
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    let report = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let maps = try #require(report["explanations"] as? [[String: Any]])
    #expect(maps.map { $0["method"] as? String } == ["layercam", "eigencam"])
    for map in maps {
      let ranking = try #require(map["ranking"] as? [String: Any])
      let candidates = try #require(ranking["maps"] as? [[String: Any]])
      #expect(candidates.count == 4 && candidates[0]["layer"] as? String == map["layer"] as? String)
      #expect(ranking["runs"] as? Int ?? 0 > 81 && ranking["milliseconds"] as? Double ?? 0 > 0)
    }
  }

  @Test(
    "What best does not go with is one line and status 2",
    arguments: [
      (["--layer", "best", "--layer", "layer3[-1]"], "no other layer"),
      (["--method", "best", "--method", "gradcam"], "no other method"),
      (["--layer", "best", "--aug-smooth"], "--aug-smooth"), (["--layer", "best", "--method", "dff"], "dff"),
      (["--layer", "best", "--save-raw", "never-written.npy"], "several sizes"),
      (["--layer", "best", "--signed"], "--signed"), (["--clip", "100"], "below 100"),
      (["--clip", "none"], "percentile"),
    ])
  func wrongUse(arguments: [String], fragment: String) throws {
    try CommandRun(["--arch", "demo_resnet", Self.scene] + arguments).expectFailure(2, fragment)
  }

  @Test("vitcam batch chooses nothing and says so before it starts")
  func batch() throws {
    let folder = try TemporaryFolder()
    try CommandRun(["batch", "--arch", "demo_resnet", "--layer", "best", Self.scene, "-o", folder.path("out")])
      .expectFailure(2, "vitcam batch cannot choose")
    #expect(folder.contents.isEmpty)
  }
}
