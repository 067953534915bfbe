import Explanations
import Foundation
import Images
import Tensors
import Testing

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Comparisons of models: page, numbers and pictures.
@Suite struct ComparisonTests {
  private let folder: TestFolder
  private var options: ComparisonOptions

  init() throws {
    folder = try TestFolder()
    options = try ComparisonOptions(models: ["demo_vit", "demo_resnet"].map(Self.choice))
    options.methods = ["gradcam", "layercam"]
    options.steps = 4
    options.showsTimings = false
  }

  private static func choice(_ name: String) throws -> ModelChoice {
    try ModelChoice(parsing: "\(name)=\(Demonstration.root)/Weights/\(name).safetensors")
  }

  private func run(_ name: String, _ options: ComparisonOptions, _ pictures: [String]) throws -> Comparison {
    try ComparisonRun(options, into: folder(name)).run(of: pictures)
  }

  @Test("A comparison has a map for each picture, target, model and method, and the same inputs give the same bytes")
  func whole() throws {
    var options = options
    options.truth = try GroundTruth(contentsOf: "\(Demonstration.root)/Weights/Scenes/scenes.json")
    let pictures = [Demonstration.scene(20), Demonstration.scene(0)]
    let comparison = try run("a", options, pictures)
    _ = try run("b", options, pictures)
    let files = try folder.files(in: "a")
    #expect(try folder.files(in: "b") == files)

    // Scene 20 has two objects, scene 0 one: three cases of two models and two methods.
    #expect(comparison.cases.count == 3)
    #expect(comparison.cases.allSatisfy { $0.maps.count == 4 && $0.agreement.count == 2 })
    #expect(comparison.cases.map(\.picture) == [pictures[0], pictures[0], pictures[1]])
    #expect(comparison.means.map(\.maps) == [3, 3, 3, 3])
    let maps = comparison.cases.flatMap(\.maps)
    #expect(maps.allSatisfy { files[$0.explanation.files[0]] != nil })
    #expect(Set(maps.map(\.explanation.files)).count == 12)
    #expect(files.count == 12 + 3)
    let names = Set(["pointing", "energy", "rank", "box-iou", "insertion", "deletion"])
    #expect(maps.allSatisfy { Set($0.measures.keys) == names && $0.milliseconds == nil })
    // The models look at the objects, which cover at most 15 % of these scenes: of as many most important pixels, that
    // share would lie on them by chance.
    #expect(comparison.means.allSatisfy { ($0.measures["rank"] ?? 0) > 0.25 }, "\(comparison.means)")
    for mean in comparison.means {
      let found = maps.filter { $0.model == mean.model && $0.explanation.method == mean.method }
      let pointing = found.compactMap { $0.measures["pointing"] }
      #expect(pointing.allSatisfy { $0 == 0 || $0 == 1 } && pointing.count == 3)
      #expect(mean.measures["pointing"] == pointing.reduce(0, +) / 3)
    }
    #expect(comparison.means.allSatisfy { ($0.measures["insertion"] ?? 0) > ($0.measures["deletion"] ?? 1) })
    try checkPage(files, comparison)
  }

  /// The page is well-formed, refers to nothing outside but the files beside it, and holds every map.
  private func checkPage(_ files: [String: Data], _ comparison: Comparison) throws {
    let data = try #require(files["index.html"])
    let reader = PageReader()
    let parser = XMLParser(data: data)
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError)) in line \(parser.lineNumber)")
    let page = String(decoding: data, as: UTF8.self)
    #expect(page.replacing("http://www.w3.org/1999/xhtml", with: "").firstRange(of: "//www") == nil)
    for scheme in ["http:", "https:", "@import", "<link", "<iframe"] {
      #expect(!page.replacing("http://www.w3.org/1999/xhtml", with: "").contains(scheme), "\(scheme)")
    }
    #expect(reader.sources.allSatisfy { $0.hasPrefix("data:image/png;base64,") })
    #expect(reader.sources.count == 12)
    let drawn = try comparison.cases.flatMap(\.maps).map { map in
      "data:image/png;base64," + Data(try map.plane.picture.encoded(as: .png)).base64EncodedString()
    }
    #expect(Set(drawn) == Set(reader.sources))
    #expect(page.components(separatedBy: "background-image: url(data:image/jpeg;base64,").count == 3)
    for link in reader.links where link != "maps/" { #expect(files[link] != nil, "\(link)") }
    #expect(reader.rows >= 4)
  }

  /// Collects what a page refers to.
  private final class PageReader: NSObject, XMLParserDelegate {
    var sources = [String]()
    var links = [String]()
    var rows = 0

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      if let source = attributes["src"] { sources.append(source) }
      if let link = attributes["href"] { links.append(link) }
      if name == "tr" { rows += 1 }
    }
  }

  @Test("The numbers file tells of models, predictions, maps and agreement")
  func numbers() throws {
    var options = options
    options.targets = ["top"]
    options.methods = ["gradcam"]
    options.steps = 0
    _ = try run("out", options, [Demonstration.scene(3)])
    let report = try #require(try JSONSerialization.jsonObject(with: folder.bytes("out/report.json")) as? [String: Any])
    let models = try #require(report["models"] as? [[String: Any]])
    #expect(models.map { $0["weights"] as? String } == ["demo_vit.safetensors", "demo_resnet.safetensors"])
    #expect(models.allSatisfy { $0["milliseconds_loading"] == nil })
    let pictures = try #require(report["pictures"] as? [[String: Any]])
    let predictions = try #require(pictures[0]["predictions"] as? [String: [[String: Any]]])
    #expect(predictions.mapValues(\.count) == ["demo_vit": 5, "demo_resnet": 5])
    let cases = try #require(report["cases"] as? [[String: Any]])
    let maps = try #require(cases[0]["maps"] as? [[String: Any]])
    let explanation = try #require(maps[0]["explanation"] as? [String: Any])
    #expect(explanation["grid"] as? [Int] == [12, 12])
    let agreement = try #require((cases[0]["agreement"] as? [[String: Any]])?.first)
    #expect(agreement["models"] as? [String] == ["demo_vit", "demo_resnet"])
    let spearman = try #require(agreement["spearman"] as? Double)
    #expect((-1...1).contains(spearman))
    #expect((report["means"] as? [[String: Any]])?.count == 2)
  }

  @Test("The files of concepts have their legend")
  func concepts() throws {
    var options = options
    options.targets = ["top"]
    options.methods = ["dff"]
    options.steps = 0
    _ = try run("out", options, [Demonstration.scene(3)])
    let files = try folder.files(in: "out").keys.filter { $0.contains("dff") && $0.hasSuffix(".png") }
    #expect(files.count == 2)
    for file in files {
      let drawing = try Image(contentsOf: folder("out/\(file)"))
      #expect(drawing.height > drawing.width, "\(file)")
    }
  }

  @Test("What cannot be read, loaded or explained is told, and the rest is compared")
  func failures() throws {
    var options = options
    options.models = try ModelChoice.distinct(options.models + [ModelChoice(parsing: "resnet50=\(folder("gone.pth"))")])
    options.steps = 0
    let corrupt = try folder.file("corrupt.png", "no picture")
    let comparison = try run("out", options, [Demonstration.scene(1), corrupt])
    #expect(comparison.models.map(\.name) == ["demo_vit", "demo_resnet"])
    #expect(comparison.failures.count == 2)
    #expect(comparison.failures[0].contains("corrupt.png") && comparison.failures[1].contains("gone.pth"))
    #expect(try folder.text("out/index.html").contains("gone.pth"))
  }

  @Test("Where nothing can be compared, the first failure is thrown and no page is written")
  func nothing() throws {
    let corrupt = try folder.file("corrupt.png", "no picture")
    #expect(throws: FileError.self) { try run("out", options, [corrupt]) }
    #expect(!Folder.isTaken(folder("out/index.html")))
  }

  @Test("Text from outside is escaped")
  func escaped() throws {
    var options = options
    options.steps = 0
    options.methods = ["gradcam"]
    let name = folder("a<b>&\"'c.png")
    try FileManager.default.copyItem(atPath: Demonstration.scene(2), toPath: name)
    _ = try run("out", options, [name])
    let page = try folder.text("out/index.html")
    #expect(page.contains("a&lt;b&gt;&amp;&quot;&#39;c.png") && !page.contains("a<b>"))
    #expect(XMLParser(data: try folder.bytes("out/index.html")).parse())
  }

  @Test("A model is chosen by name, with the file of its weights, and two of one architecture by their files")
  func choices() throws {
    let plain = try ModelChoice(parsing: "resnet50")
    #expect(plain.architecture == "resnet50" && plain.weights == nil)
    let models = try ModelChoice.distinct(
      ["resnet50=x/a.pth", "resnet50=x=b.pth"].map { try ModelChoice(parsing: $0) })
    #expect(models.map(\.name) == ["resnet50 a", "resnet50 x=b"])
    #expect(models[1].weights == "x=b.pth")
    #expect(throws: UsageError.self) { try ModelChoice.distinct([plain, plain]) }
    for text in ["", "=a.pth", "resnet50="] { #expect(throws: UsageError.self) { try ModelChoice(parsing: text) } }
  }

  @Test("Numbers have as many decimal places as asked for")
  func fixed() {
    #expect(Float(0.125).fixed(2) == "0.13")
    #expect(Float(-1.5).fixed(0) == "−2")
    #expect(Float(-0.001).fixed(2) == "0.00")
    #expect(Float(12).fixed(3) == "12.000")
    #expect(Float.nan.fixed(2) == "nan")
  }
}
