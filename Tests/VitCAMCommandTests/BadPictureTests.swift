import Foundation
import TestSupport
import Tensors
import Testing

/// Pictures that cannot be explained, and unusual ones that can.
@Suite struct BadPictureTests {
  private static let model = ["--arch", "demo_resnet"]

  private func expectRefused(
    _ bytes: [UInt8], named name: String, saying fragment: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = try TemporaryFolder()
    let picture = try folder.file(name, bytes)
    let run = try CommandRun(
      Self.model + [picture, "-o", folder.path("out"), "--save-heatmap", folder.path("maps.npy")])
    run.expectFailure(1, name, fragment, sourceLocation: sourceLocation)
    #expect(folder.contents == [name], sourceLocation: sourceLocation)
  }

  private func fixture(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("Images/\(name)"))))
  }

  @Test(
    "Empty, random and foreign files are no pictures",
    arguments: [("", "empty"), ("noise", "something else"), ("GIF89a", "GIF")])
  func noPicture(content: String, fragment: String) throws {
    try expectRefused(Array(content.utf8), named: "scan.png", saying: fragment)
  }

  @Test("Half of a picture is refused", arguments: ["rgb.jpg", "progressive.jpg", "rgb8.png", "rgb16.png"])
  func half(name: String) throws {
    let bytes = try fixture(name)
    try expectRefused(Array(bytes.prefix(bytes.count / 2)), named: name, saying: "cut short")
  }

  @Test("A PNG of 40000×40000 in a few bytes is refused")
  func bomb() throws {
    try expectRefused(try fixture("bomb.png"), named: "bomb.png", saying: "40000")
  }

  @Test("A picture that is not there and a folder without pictures are named")
  func missing() throws {
    try CommandRun(Self.model + ["no-such.png"]).expectFailure(1, "no-such.png")
    let folder = try TemporaryFolder()
    try CommandRun(Self.model + [folder.url.path]).expectFailure(2, "folder without PNG, JPEG")
  }

  @Test(
    "Pictures of one pixel, of 16 bits, gray, CMYK and interlaced work",
    arguments: ["one-pixel.png", "one-pixel.jpg", "gray16.png", "gray1.png", "cmyk.jpg", "rgba16.png", "strip.png"])
  func unusual(name: String) throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun(Self.model + [Fixtures.path("Images/\(name)"), "-o", folder.path("map.png")])
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    #expect(folder.contents == ["map.png"])
  }

  @Test("Of several pictures the good ones are explained though one is corrupt")
  func oneOfSeveral() throws {
    let folder = try TemporaryFolder()
    let corrupt = try folder.file("corrupt.png", try fixture("rgb8.png").dropLast(40))
    let scenes = ["Weights/Scenes/scene-00.png", corrupt, "Weights/Scenes/scene-01.png"]
    let maps = folder.path("maps.npy")
    let run = try CommandRun(
      Self.model + scenes + ["-o", folder.path("out"), "--save-heatmap", maps])
    #expect(run.status == 1)
    run.expectOneErrorLine(["corrupt.png"], #_sourceLocation)
    #expect(run.output.split(separator: "\n").count == 4)
    #expect(
      folder.contents == [
        "corrupt.png", "maps.npy", "out", "out/scene-00.crescent.relevance.png", "out/scene-01.heart.relevance.png",
      ])
    #expect(try Tensor(npy: maps).shape == [2, 96, 96])
  }
}
