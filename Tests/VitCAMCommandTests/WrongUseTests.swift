import Foundation
import Tensors
import Testing

/// Options that cannot be met: status 2, one line that says what would do, and nothing is left behind.
@Suite struct WrongUseTests {
  private static let scene = "Weights/Scenes/scene-20.png"

  private func expectRefused(
    _ arguments: [String], saying fragments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun(
      arguments + [Self.scene, "-o", folder.path("out"), "--save-raw", folder.path("raw.npy")])
    #expect(run.status == 2, "\(run.error)", sourceLocation: sourceLocation)
    #expect(run.output.isEmpty, sourceLocation: sourceLocation)
    run.expectOneErrorLine(fragments, sourceLocation)
    #expect(folder.contents.isEmpty, sourceLocation: sourceLocation)
  }

  @Test(
    "What the parser refuses is one line and status 2",
    arguments: [
      ["--no-such-option"], ["--style", "foo"], ["--alpha", "2"], ["--gamma", "0"], ["--threads", "0"],
      ["--std", "0"], ["--image-size", "0"], ["--image-size", "axb"], ["--window", "3"],
      ["--crop-pct", "0"], ["--resize", "squash", "--crop-pct", "0.9"], ["--tensor", "a.npy"], ["--target"],
      ["--axis", "h"], ["--discard-ratio", "1"], ["--head-fusion", "sum"], ["--samples", "0"], ["--block"],
      ["--seed", "-1"],
    ])
  func parser(arguments: [String]) throws {
    try expectRefused(["--arch", "demo_resnet"] + arguments, saying: "vitcam --help")
  }

  @Test("Without a picture, wrong use is reported; other subcommands answer alike")
  func nothingToDo() throws {
    try CommandRun([]).expectFailure(2, "--tensor FILE")
    try CommandRun(["layers", "--no-such-option"]).expectFailure(2, "--no-such-option")
    try CommandRun(["weights"]).expectFailure(2, "file")
    try CommandRun(["doctor", "--threads", "0"]).expectFailure(2, "1 to 1024")
    try CommandRun(["layers"]).expectFailure(2, "--arch")
  }

  @Test(
    "A layer that does not exist is answered with near names",
    arguments: [
      ("layer9", "layer4"), ("layer3[5]", "layer3.0"), ("layer3[", "layer path"), ("", "layer path"),
    ])
  func layer(path: String, near: String) throws {
    try expectRefused(["--arch", "demo_resnet", "--layer", path], saying: "'\(path)'", near)
  }

  @Test(
    "A layer behind the last attention is refused and another one proposed",
    arguments: [
      "blocks[-1]", "blocks[-1].mlp", "norm",
    ])
  func unreachable(path: String) throws {
    try expectRefused(["--arch", "demo_vit", "--layer", path], saying: path, "blocks[-1].norm1")
  }

  @Test("An attention that does not exist is answered with those that do")
  func attention() throws {
    let method = ["--method", "attention"]
    try expectRefused(["--arch", "demo_vit", "--head", "3"] + method, saying: "head 3", "0 to 2")
    try expectRefused(["--arch", "demo_vit", "--block", "-7"] + method, saying: "block -7", "-6 to -1")
    try expectRefused(["--arch", "demo_resnet", "--method", "rollout"], saying: "demo_resnet", "gradcam")
  }

  @Test("A reshape that does not fit is answered with the grids that would")
  func reshape() throws {
    let vit = ["--arch", "demo_vit", "--image-size", "96"]
    try expectRefused(vit + ["--reshape", "12x12"], saying: "145", "12x12-1")
    try expectRefused(vit + ["--reshape", "14x14-1"], saying: "12x12-1")
    try expectRefused(vit + ["--reshape", "none"], saying: "145×96")
    try expectRefused(vit + ["--reshape", "b (h w) c -> b c h w", "--axis", "h=12"], saying: "145")
    try expectRefused(vit + ["--reshape", "b (h w c", "--axis", "h=12"], saying: "b (h w c")
    try expectRefused(vit + ["--reshape", "12by12"], saying: "14x14-1")
    try expectRefused(["--arch", "demo_resnet", "--reshape", "12x12-1"], saying: "'none' or 'auto'")
    try expectRefused(vit + ["--layer", "head"], saying: "no map of the picture")
  }

  @Test("Inputs that no memory holds are refused")
  func size() throws {
    let picture = "Weights/Scenes/scene-00.png"
    try CommandRun(["--arch", "demo_vit", "--reshape", "4096x4096", picture]).expectFailure(
      2, "what would fit: 12x12-1")
    try CommandRun(["--arch", "demo_vit", "--image-size", "4096", picture]).expectFailure(1, "too large")
  }

  @Test("A class that does not exist is answered with those that do")
  func target() throws {
    for text in ["10", "-1-3", "p:10", "3-10"] {
      try expectRefused(["--arch", "demo_resnet", "--target=\(text)"], saying: "target")
    }
    try expectRefused(["--arch", "demo_resnet", "--target", "starr"], saying: "'starr'", "star")
    try expectRefused(["--arch", "demo_resnet", "--classes", "3"], saying: "10 classes")
  }

  @Test(
    "Options of the field's scripts are answered with ours, and so are numbers and names that read like something else",
    arguments: [
      (["--image-path", "a.png"], "picture.png"), (["--use-cuda"], "processor"), (["--aug_smooth"], "--aug-smooth"),
      (["--eigen_smooth"], "--eigen-smooth"), (["--target-category=3"], "--target"),
      (["--checkpoint", "a"], "--weights"),
      (["-dash.png"], "./-dash.png"), (["--mean", "0.5", "0.6", "0.7"], "0.5,0.5,0.5"),
      (["--mean", "123.675,116.28,103.53"], "--mean 0.485,0.456,0.406"),
      (["--std", "58.395,57.12,57.375"], "0.229,0.224"),
    ])
  func foreign(arguments: [String], answer: String) throws {
    try expectRefused(["--arch", "demo_resnet"] + arguments, saying: answer)
  }

  @Test("Unknown methods and architectures are answered with near ones")
  func names() throws {
    try expectRefused(["--arch", "demo_resnet", "--method", "gradcamm"], saying: "gradcam++", "layercam")
    try expectRefused(["--arch", "resnet51"], saying: "resnet50")
  }

  @Test("A method that does not fit the model is refused with what to take")
  func misfit() throws {
    try expectRefused(["--arch", "demo_vit", "--method", "cam"], saying: "demo_vit", "take gradcam")
    try expectRefused(["--arch", "demo_resnet", "--method", "eigencam", "--eigen-smooth"], saying: "eigencam")
  }

  @Test("An output that cannot be written is reported before anything is explained")
  func output() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("file", [])
    let model = ["--arch", "demo_resnet"]
    let maps = folder.path("maps.npy")
    let unwritable = [
      ["-o", file], ["-o", "\(file)/map.png"], ["-o", "\(file)/folder/"], ["-o", folder.path("map.gif")],
      ["-o", folder.path("map.png"), "--save-heatmap", "\(file)/maps.npy"],
      ["-o", folder.path("map.png"), "--save-heatmap", folder.url.path],
      ["-o", folder.path("map.png"), "--target", "top2"],
      ["-o", folder.path("map.png"), "Weights/Scenes/scene-01.png"],
      ["-o", folder.path("out"), "--save-raw", maps, "--layer", "layer2[-1]", "--layer", "layer1[-1]"],
    ]
    for arguments in unwritable {
      try CommandRun(model + [Self.scene] + arguments).expectFailure(2)
    }
    #expect(folder.contents == ["file"])
  }

  @Test("The picture that is explained is never overwritten")
  func overwriting() throws {
    let folder = try TemporaryFolder()
    let picture = [UInt8](try Data(contentsOf: CommandRun.root.appending(path: Self.scene)))
    let path = try folder.file("scene.png", picture)
    try CommandRun(["--arch", "demo_resnet", path, "-o", path]).expectFailure(2, "overwrite")
    #expect(try Data(contentsOf: folder.url("scene.png")) == Data(picture))
  }

  @Test("An array of another shape is refused with the shape that is expected")
  func tensor() throws {
    let folder = try TemporaryFolder()
    let cases: [(shape: Shape, expected: String)] = [
      ([3, 96, 96], "N×C×H×W"), ([0, 3, 96, 96], "N×C×H×W"), ([1, 1, 64, 96], "N×3×64×96"),
      ([1, 5, 96, 96], "N×3×96×96"),
    ]
    for (shape, expected) in cases {
      try Tensor(repeating: 0, shape: shape).write(npy: folder.path("x.npy"))
      try CommandRun(["--arch", "demo_resnet", "--tensor", folder.path("x.npy"), "-o", folder.path("out")])
        .expectFailure(2, "x.npy", expected)
    }
    try Tensor(repeating: 0, shape: [1, 3, 64, 96]).write(npy: folder.path("x.npy"))
    try CommandRun([
      "--arch", "demo_resnet", "--image-size", "96", "--tensor", folder.path("x.npy"), "-o", folder.path("out"),
    ]).expectFailure(2, "x.npy", "N×3×96×96")
    _ = try folder.file("x.npy", [1, 2, 3])
    try CommandRun(["--arch", "demo_resnet", "--tensor", folder.path("x.npy")]).expectFailure(1, "x.npy")
    #expect(folder.contents == ["x.npy"])
  }

  @Test("As many means and deviations as channels, or one")
  func channels() throws {
    for arguments in [["--mean", "0.1,0.2"], ["--std", "0.1,0.2,0.3,0.4"]] {
      try expectRefused(["--arch", "demo_resnet"] + arguments, saying: arguments[0], "3")
    }
  }

  @Test("Labels of another number are refused")
  func labels() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("labels.txt", Array("cat\ndog\n".utf8))
    try CommandRun(["--arch", "demo_resnet", "--labels", file, Self.scene])
      .expectFailure(1, "labels.txt", "expected 10", "found 2")
  }
}
