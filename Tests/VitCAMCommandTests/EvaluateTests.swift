import Foundation
import Testing

/// `vitcam evaluate`.
@Suite struct EvaluateTests {
  @Test("Pictures with marks are ranked: a table on standard output, every map in the files")
  func marked() throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun([
      "evaluate", "--arch", "demo_resnet", "--truth", "Weights/Scenes/scenes.json", "--method", "layercam",
      "--layer", "layer3[-1]", "--measure", "localization", "--measure", "cost", "--csv", folder.path("maps.csv"),
      "--json", folder.path("maps.json"), "Weights/Scenes/scene-12.png", "Weights/Scenes/scene-13.png",
    ])
    #expect(run.status == 0, "\(run.error)")
    #expect(run.output.hasPrefix("demo_resnet, 2 pictures, 4 maps each\n"))
    #expect(run.output.contains("pointing: share of maps whose maximum lies inside"))
    #expect(run.output.contains("gaussian *"))
    let lines = try String(contentsOf: folder.url("maps.csv"), encoding: .utf8).split(separator: "\n")
    #expect(lines.filter { !$0.hasPrefix("#") }.count == 1 + 4 * 3)
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.url("maps.json"))) as? [[String: Any]]
    #expect((json?.first?["maps"] as? [Any])?.count == 12)
  }

  @Test("A picture that cannot be read is reported, the rest is measured")
  func partial() throws {
    let folder = try TemporaryFolder()
    let damaged = try folder.file("a.png", [1, 2, 3])
    let run = try CommandRun([
      "evaluate", "--arch", "demo_resnet", "--method", "gradcam", "--measure", "curves", "--steps", "2", damaged,
      "Weights/Scenes/scene-00.png",
    ])
    #expect(run.status == 1)
    run.expectOneErrorLine(["a.png"], #_sourceLocation)
    #expect(run.output.contains("1 pictures, 1 maps each"))
  }

  @Test(
    "Checkpoints are tried on labelled pictures: a table with the best one marked, a page, and what could not be read")
  func checkpoints() throws {
    let folder = try TemporaryFolder()
    let weights = try [UInt8](Data(contentsOf: CommandRun.root.appending(path: "Weights/demo_resnet.safetensors")))
    _ = try folder.file("m-1.safetensors", Array(weights.prefix(5000)))
    _ = try folder.file("m-2.safetensors", weights)
    let scene = CommandRun.root.appending(path: "Weights/Scenes/scene-00.png").path
    let list = try folder.file("list.csv", Array("path,label\n\(scene),crescent\n".utf8))
    let run = try CommandRun([
      "evaluate", "--checkpoints", folder.path("m-*.safetensors"), "--no-timings", list, "-o", folder.path("out"),
    ])
    #expect(run.status == 1)
    run.expectOneErrorLine(["m-1.safetensors", "truncated"], #_sourceLocation)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 3 && lines[1].hasPrefix("*  m-2.safetensors     1.000"), "\(run.output)")
    #expect(lines.last == "\(folder.path("out"))/index.html")
    for name in ["index.html", "report.json", "checkpoints.csv"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("out/\(name)")))
    }
  }

  @Test(
    "Wrong use is one line and status 2",
    arguments: [
      ([], "--demo"), (["--demo", "a.png"], "--demo"), (["a.png", "--steps", "1", "--arch", "demo_vit"], "2 to 4096"),
      (["a.png", "--measure", "beauty", "--arch", "demo_vit"], "curves, road"),
      (["a.png", "--arch", "demo_vit", "--truth", "Package.swift"], "COCO"),
      (["Weights/Scenes/scene-00.png", "--arch", "demo_vit", "--method", "none"], "not known"),
      (["Weights/Scenes/scene-00.png", "--arch", "demo_vit", "--csv", "Weights"], "is a folder"),
      (["Weights/Scenes", "--checkpoints", "Weights"], "--output"),
      (["--checkpoints", "Weights", "-o", "out"], "one folder"),
      (["a.png", "--worst", "3", "--arch", "demo_vit"], "go with --checkpoints"),
      (["Weights/Scenes", "--checkpoints", "Weights/*.pth", "-o", "/tmp/none/out"], "folder for each class"),
    ])
  func wrongUse(arguments: [String], fragment: String) throws {
    try CommandRun(["evaluate"] + arguments).expectFailure(2, fragment)
  }
}
