import Foundation
import Images
import Tensors
import TestSupport
import Testing

@Suite("Channels")
struct ChannelTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let channels, height, width: Int
    let filter: String
    let sum: Double
    let values: [Float]

    var testDescription: String { "\(channels) channels, \(height)×\(width), \(filter)" }
  }

  static let cases =
    (try? JSONDecoder().decode([Case].self, from: Data(contentsOf: fixtures.appending(path: "channels.json")))) ?? []

  /// The picture of `channels.py`: colors and alpha by a formula.
  static let picture: Image = {
    let size = ImageSize(height: 13, width: 17)
    func samples(_ channels: Range<Int>) -> [UInt8] {
      (0..<size.count).flatMap { pixel in channels.map { UInt8((pixel * 4 + $0) * 7919 % 251) } }
    }
    return Image(size: size, channels: 3, samples: .bytes(samples(0..<3)), alpha: .bytes(samples(3..<4)))
  }()

  @Test(
    "A picture with alpha becomes gray, gray and alpha, RGB or RGBA as Pillow and torchvision do it", arguments: cases)
  func pillow(expected: Case) throws {
    let preprocessing = Preprocessing(
      size: ImageSize(height: expected.height, width: expected.width), fit: .squash,
      interpolation: try #require(Interpolation(rawValue: expected.filter)),
      mean: (0..<expected.channels).map { 0.1 * Float($0 + 1) },
      standardDeviation: (0..<expected.channels).map { 0.2 + 0.1 * Float($0) })
    let tensor = try preprocessing(Self.picture)
    #expect(tensor.shape == [1, expected.channels, expected.height, expected.width])
    let values = tensor.scalars
    #expect(abs(values.reduce(0) { $0 + Double($1) } - expected.sum) < 2e-3)
    let step = max(1, values.count / 9)
    let chosen = stride(from: 0, to: values.count, by: step).map { values[$0] }
    #expect(chosen.count == expected.values.count)
    for (value, wanted) in zip(chosen, expected.values) { #expect(abs(value - wanted) < 2e-5) }
  }

  @Test("There are cases for one to four channels")
  func count() {
    #expect(Set(Self.cases.map(\.channels)) == [1, 2, 3, 4])
  }

  @Test("A picture without alpha is refused where alpha is wanted, and any picture where more channels are")
  func refusals() throws {
    let plain = Image(size: ImageSize(square: 2), channels: 1, samples: .bytes([0, 1, 2, 3]))
    for (channels, picture) in [(2, plain), (4, plain), (5, Self.picture)] {
      let preprocessing = Preprocessing(size: ImageSize(square: 2)).adapted(toChannels: channels)
      #expect(preprocessing.channelCount == channels)
      #expect(throws: ImageError.self) { try preprocessing(picture) }
    }
  }

  @Test("Another number of channels keeps what is known of red, green and blue")
  func adapted() {
    let own = Preprocessing(
      size: ImageSize(square: 2), mean: [0.25, 0.5, 0.75], standardDeviation: [0.25, 0.25, 0.25])
    #expect(own.adapted(toChannels: 3) == own)
    #expect(own.adapted(toChannels: 1).mean == [0.5])
    #expect(own.adapted(toChannels: 5).mean == [0.25, 0.5, 0.75, 0.5, 0.5])
    #expect(own.adapted(toChannels: 1).adapted(toChannels: 3).mean == [0.5, 0.5, 0.5])
  }
}
