import Foundation
import Images
import Tensors
import Testing

/// What the command writes and prints.
@Suite struct ExplainTests {
  private static let scene = "Weights/Scenes/scene-20.png"
  private static let model = ["--arch", "demo_resnet"]

  private func succeed(_ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) throws -> CommandRun {
    let run = try CommandRun(Self.model + arguments)
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)", sourceLocation: sourceLocation)
    return run
  }

  @Test("Pictures are named after picture, target and method, and none hides another")
  func names() throws {
    let folder = try TemporaryFolder()
    let scene = [UInt8](try Data(contentsOf: CommandRun.root.appending(path: Self.scene)))
    let twin = try folder.file("scene-20.png", scene)
    let targets = ["5", "ring", "p:ring", "ring-hexagon"].flatMap { ["--target", $0] }
    _ = try succeed([Self.scene, twin, "--method", "layercam", "-o", folder.path("out")] + targets)
    let expected = ["probability-of-ring", "ring", "ring-rather-than-hexagon"].flatMap { target in
      (target == "ring" ? ["", "-2", "-3", "-4"] : ["", "-2"]).map { "out/scene-20.\(target).layercam\($0).png" }
    }
    #expect(Set(folder.contents) == Set(expected + ["out", "scene-20.png"]))
  }

  @Test("A folder that a file is to be written to is made")
  func newFolder() throws {
    let folder = try TemporaryFolder()
    _ = try succeed([Self.scene, "-o", folder.path("new/a.png"), "--save-heatmap", folder.path("maps/a.npy")])
    #expect(folder.contents == ["maps", "maps/a.npy", "new", "new/a.png"])
  }

  @Test("12 bits in a file of 16 are said to be nearly black, unless a window shows them")
  func faint() throws {
    let folder = try TemporaryFolder()
    let samples = (0..<96 * 96).map { UInt16($0 % 4096) }
    let image = Image(size: ImageSize(square: 96), channels: 1, samples: .words(samples))
    try image.write(to: folder.path("faint.png"))
    let run = try CommandRun(Self.model + [folder.path("faint.png"), "-o", folder.path("a.png")])
    #expect(run.status == 0 && run.error.contains("--window 0,4095"), "\(run.error)")
    _ = try succeed([folder.path("faint.png"), "--window", "auto", "-o", folder.path("a.png")])
  }

  @Test("--profile says where the time went, on standard error")
  func profile() throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun(Self.model + [Self.scene, "--method", "gradcam", "--profile", "-o", folder.path("a.png")])
    #expect(run.status == 0)
    #expect(run.error.contains("milliseconds") && run.error.contains("ChannelsLastConvolution forward"))
    #expect(run.error.contains("costliest steps") && run.error.contains("(ChannelsLastConvolution) forward"))
  }

  @Test("Every style, color map and enlargement is drawn", arguments: HeatmapRenderer.Style.allCases)
  func styles(style: HeatmapRenderer.Style) throws {
    let folder = try TemporaryFolder()
    let colors = ColorMap.allCases.map(\.rawValue)[HeatmapRenderer.Style.allCases.firstIndex(of: style) ?? 0]
    _ = try succeed(
      [
        Self.scene, "--style", style.rawValue, "--colormap", colors, "--upsampling", "nearest", "-o",
        folder.path("a.png"),
      ])
    let drawing = try Image(contentsOf: folder.path("a.png"))
    #expect(drawing.channels == 3)
    #expect(drawing.height >= 384)
  }

  @Test("The name's ending chooses between PNG and JPEG")
  func format() throws {
    let folder = try TemporaryFolder()
    for (name, magic) in [("a.jpg", [0xFF, 0xD8] as [UInt8]), ("a.JPEG", [0xFF, 0xD8]), ("a.png", [0x89, 0x50])] {
      _ = try succeed([Self.scene, "-o", folder.path(name)])
      #expect(try Data(contentsOf: folder.url(name)).starts(with: magic))
    }
  }

  @Test("--json prints one object for each picture with the documented keys, and nothing else")
  func json() throws {
    let folder = try TemporaryFolder()
    let run = try succeed([
      Self.scene, "Weights/Scenes/scene-00.png", "--json", "--show", "--target", "top2", "--target", "0-1", "-o",
      folder.path("out"),
    ])
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 2)
    for line in lines {
      let report = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(
        Set(report.keys) == [
          "picture", "architecture", "weights", "image_size", "preprocessing", "predictions", "explanations",
          "milliseconds",
        ])
      let preprocessing = try #require(report["preprocessing"] as? [String: Any])
      #expect(
        preprocessing["mean"] as? [Double] == [0.5, 0.5, 0.5] && preprocessing["std"] as? [Double] == [0.5, 0.5, 0.5])
      #expect(preprocessing["resize"] as? String == "squash" && preprocessing["crop_pct"] == nil)
      #expect(preprocessing["interpolation"] as? String == "bicubic")
      let predictions = try #require(report["predictions"] as? [[String: Any]])
      #expect(predictions.count == 5)
      #expect(predictions.allSatisfy { Set($0.keys) == ["index", "label", "logit", "probability"] })
      let probabilities = predictions.compactMap { $0["probability"] as? Double }
      #expect(probabilities.count == 5 && probabilities == probabilities.sorted(by: >))
      let explanations = try #require(report["explanations"] as? [[String: Any]])
      #expect(explanations.count == 3)
      for map in explanations {
        #expect(
          Set(map.keys) == [
            "method", "layer", "grid", "reshape", "target", "signed", "completeness", "diagnostics", "files",
          ])
        let target = try #require(map["target"] as? [String: Any])
        #expect(Set(target.keys) == ["index", "label", "score", "probability"])
        #expect(map["grid"] as? [Int] == [96, 96])
        let files = try #require(map["files"] as? [String])
        #expect(files.allSatisfy { FileManager.default.fileExists(atPath: $0) })
      }
      let milliseconds = try #require(report["milliseconds"] as? [String: Any])
      #expect(Set(milliseconds.keys) == ["load", "decode", "forward", "backward", "map", "write"])
    }
  }

  @Test("Arrays hold pictures outermost, then targets, then methods")
  func arrays() throws {
    let folder = try TemporaryFolder()
    let scenes = [Self.scene, "Weights/Scenes/scene-00.png"]
    let methods = ["gradcam", "layercam"]
    func run(_ scenes: [String], _ targets: [String], _ methods: [String], _ name: String) throws -> Tensor {
      _ = try succeed(
        scenes + targets.flatMap { ["--target", $0] } + methods.flatMap { ["--method", $0] } + [
          "-o", folder.path("out"), "--save-heatmap", folder.path(name), "--save-raw", folder.path("raw.npy"),
          "--save-logits", folder.path("logits.npy"),
        ])
      return try Tensor(npy: folder.path(name))
    }
    let all = try run(scenes, ["ring", "hexagon"], methods, "all.npy")
    #expect(all.shape == [8, 96, 96])
    #expect(try Tensor(npy: folder.path("raw.npy")).shape == [8, 12, 12])
    #expect(try Tensor(npy: folder.path("logits.npy")).shape == [2, 10])
    for (place, choice) in [(1, (0, "ring", 1)), (2, (0, "hexagon", 0)), (7, (1, "hexagon", 1))] {
      let single = try run([scenes[choice.0]], [choice.1], [methods[choice.2]], "single.npy")
      #expect(all[place].scalars == single[0].scalars)
    }
  }

  @Test("With --signed heatmaps are from -1 to 1, and what is positive is the heatmap without it")
  func signed() throws {
    let folder = try TemporaryFolder()
    func run(_ options: [String]) throws -> Tensor {
      _ = try succeed(
        [Self.scene, "--target", "hexagon", "-o", folder.path("a.png"), "--save-heatmap", folder.path("a.npy")]
          + options)
      return try Tensor(npy: folder.path("a.npy"))
    }
    let (plain, signed) = (try run([]), try run(["--signed"]))
    let (lowest, highest) = (signed.scalars.min() ?? 0, signed.scalars.max() ?? 0)
    #expect(lowest >= -1 && lowest < -0.05 && highest <= 1)
    #expect(abs(max(-lowest, highest) - 1) < 1e-5)
    #expect(zip(plain.scalars, signed.scalars).allSatisfy { abs($0 - max(0, $1) / highest) < 1e-5 })
  }

  @Test("An array of preprocessed pictures gives what the picture gives")
  func tensor() throws {
    let folder = try TemporaryFolder()
    let half: [Float] = [0.5, 0.5, 0.5]
    let preprocessing = Preprocessing(
      size: ImageSize(square: 96), fit: .squash, mean: half, standardDeviation: half)
    let picture = try Image(contentsOf: CommandRun.root.appending(path: Self.scene).path)
    try preprocessing(picture).write(npy: folder.path("x.npy"))
    _ = try succeed([
      "--tensor", folder.path("x.npy"), "-o", folder.path("out"), "--save-heatmap", folder.path("a.npy"),
    ])
    _ = try succeed([Self.scene, "-o", folder.path("out"), "--save-heatmap", folder.path("b.npy")])
    #expect(try Tensor(npy: folder.path("a.npy")).scalars == Tensor(npy: folder.path("b.npy")).scalars)
    #expect(folder.contents.contains { $0.hasPrefix("out/x-0.") })
  }

  @Test("A single thread gives the same map")
  func threads() throws {
    let folder = try TemporaryFolder()
    for threads in ["1", "2"] {
      _ = try succeed([
        Self.scene, "--threads", threads, "-o", folder.path("out"), "--save-heatmap", folder.path(threads),
      ])
    }
    let (one, two) = (try Tensor(npy: folder.path("1")).scalars, try Tensor(npy: folder.path("2")).scalars)
    #expect(zip(one, two).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("Labels from a file name the classes")
  func labels() throws {
    let folder = try TemporaryFolder()
    let names = (0..<10).map { "Klasse \($0), anders" }.joined(separator: "\r\n") + "\n"
    let file = try folder.file("labels.txt", Array(names.utf8))
    let run = try succeed([Self.scene, "--labels", file, "--target", "klasse 5", "-o", folder.path("out")])
    #expect(run.output.contains("Klasse 5 by relevance at input"))
    #expect(folder.contents == ["labels.txt", "out", "out/scene-20.Klasse-5.relevance.png"])
  }

  @Test("Words say the prediction; --show adds the picture in colored blocks")
  func words() throws {
    let folder = try TemporaryFolder()
    let words = try succeed(["Weights/Scenes/scene-00.png", "-o", folder.path("a.png")]).output
    #expect(words.hasPrefix("Weights/Scenes/scene-00.png: crescent 0.99"))
    #expect(words.contains("  crescent by relevance at input: \(folder.path("a.png"))\n"))
    #expect(!words.contains("\u{1b}"))
    #expect(try succeed(["Weights/Scenes/scene-00.png", "-o", folder.path("a.png"), "--show"]).output.contains("▀"))
  }

  @Test("Drawing on the whole picture keeps its proportions where the model saw a crop")
  func whole() throws {
    let folder = try TemporaryFolder()
    let picture = Image(
      size: ImageSize(height: 400, width: 800), channels: 1, samples: .bytes([UInt8](repeating: 90, count: 320_000)))
    try picture.write(to: folder.path("wide.png"))
    let crop = [folder.path("wide.png"), "--resize", "crop", "--crop-pct", "1", "-o", folder.path("map.png")]
    _ = try succeed(crop)
    let seen = try Image(contentsOf: folder.path("map.png")).size
    #expect(seen.height == seen.width)
    _ = try succeed(crop + ["--whole"])
    #expect(try Image(contentsOf: folder.path("map.png")).size == ImageSize(height: 400, width: 800))
  }

  @Test("A window changes what the model sees of a 16-bit radiograph")
  func window() throws {
    let folder = try TemporaryFolder()
    let samples = (0..<96 * 96).map { UInt16($0 % 96 * 20) }
    let picture = Image(size: ImageSize(square: 96), channels: 1, samples: .words(samples))
    try picture.write(to: folder.path("scan.png"))
    var logits = [[Float]]()
    for window in [[], ["--window", "0,1900"], ["--window", "auto"]] {
      let file = folder.path("logits.npy")
      _ = try succeed([folder.path("scan.png"), "-o", folder.path("map.png"), "--save-logits", file] + window)
      logits.append(try Tensor(npy: file).scalars)
    }
    #expect(logits[0] != logits[1])
    #expect(logits[1] == logits[2])
  }

  @Test(
    "A windowed radiograph is drawn through its window once, with and without --whole", arguments: [[], ["--whole"]])
  func windowedDrawing(whole: [String]) throws {
    let folder = try TemporaryFolder()
    let samples = (0..<96 * 96).map { UInt16($0 % 96 * 20) }
    let picture = Image(size: ImageSize(square: 96), channels: 1, samples: .words(samples))
    try picture.write(to: folder.path("scan.png"))
    _ = try succeed(
      [folder.path("scan.png"), "--window", "0,1900", "--alpha", "0", "-o", folder.path("map.png")] + whole)
    guard case .bytes(let drawn) = try Image(contentsOf: folder.path("map.png")).samples else { return }
    // A ramp from black to white is half gray in the mean.
    #expect(abs(drawn.reduce(0) { $0 + Int($1) } / drawn.count - 127) <= 1)
  }

  @Test("The size of the input follows from the grid, or is given")
  func imageSize() throws {
    let folder = try TemporaryFolder()
    let maps = folder.path("maps.npy")
    for (arguments, shape) in [
      (["--reshape", "14x14-1"], [1, 112, 112] as Shape), (["--image-size", "64x128"], [1, 64, 128]),
      ([], [1, 96, 96]),
    ] {
      let run = try CommandRun(
        ["--arch", "demo_vit", Self.scene, "-o", folder.path("a.png"), "--save-heatmap", maps] + arguments)
      #expect(run.status == 0, "\(run.error)")
      #expect(try Tensor(npy: maps).shape == shape)
    }
  }

  @Test("A pattern reshapes tokens as the grid does")
  func pattern() throws {
    let folder = try TemporaryFolder()
    let layer = ["--layer", "patch_embed", "-o", folder.path("a.png"), "--save-raw", folder.path("raw.npy")]
    var maps = [[Float]]()
    for reshape in [["--reshape", "12x12"], ["--reshape", "b (h w) c -> b c h w", "--axis", "h=12"]] {
      let run = try CommandRun(["--arch", "demo_vit", Self.scene] + reshape + layer)
      #expect(run.status == 0, "\(run.error)")
      maps.append(try Tensor(npy: folder.path("raw.npy")).scalars)
    }
    #expect(maps[0] == maps[1])
  }

  @Test("Concepts have a picture with a legend, and their classes in the report")
  func concepts() throws {
    let folder = try TemporaryFolder()
    let run = try succeed([Self.scene, "--method", "dff", "--json", "-o", folder.path("a.png")])
    let report = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let maps = try #require(report["explanations"] as? [[String: Any]])
    let concepts = try #require(maps[0]["concepts"] as? [[String: Any]])
    #expect(concepts.count == 5 && concepts.allSatisfy { Set($0.keys) == ["share", "predictions"] })
    // The legend makes the picture higher than it is wide.
    let drawing = try Image(contentsOf: folder.path("a.png"))
    #expect(drawing.height > drawing.width)
    _ = try succeed([Self.scene, "--method", "dff", "--style", "overlay", "-o", folder.path("b.png")])
    let overlay = try Image(contentsOf: folder.path("b.png"))
    #expect(overlay.height == overlay.width)
  }

  @Test("Smoothing is in the method's name")
  func smoothing() throws {
    let folder = try TemporaryFolder()
    _ = try succeed([Self.scene, "--aug-smooth", "--eigen-smooth", "-o", folder.path("out")])
    #expect(folder.contents.contains { $0.contains("gradcam-eigen-smooth-aug-smooth") })
  }
}
