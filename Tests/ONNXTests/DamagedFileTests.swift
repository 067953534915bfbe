import Checkpoints
import Foundation
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import ONNX

@Suite("Damaged and hostile ONNX files")
struct DamagedFileTests {
  @Test("A file cut off anywhere is refused in one line, or holds all that is read")
  func truncated() throws {
    let bytes = Array(try #require(FileManager.default.contents(atPath: Fixtures.path("ONNX/windows.tracer.onnx"))))
    for count in stride(from: 0, to: bytes.count, by: 37) {
      refuseOrRun(Array(bytes[..<count]))
    }
  }

  @Test("A flipped byte never traps")
  func flipped() throws {
    let bytes = Array(
      try #require(FileManager.default.contents(atPath: Fixtures.path("ONNX/convolutions.tracer.onnx"))))
    for place in stride(from: 0, to: bytes.count, by: 7) {
      var damaged = bytes
      damaged[place] ^= 0x40 | UInt8(place & 0x3F)
      refuseOrRun(damaged)
    }
  }

  @Test(
    "Extents that no memory holds, or that are negative, are refused before anything is read",
    arguments: [[1 << 40, 1 << 40], [-1, 4], [1 << 62, 0], [1 << 30, 4]])
  func extents(extents: [Int]) throws {
    let tensor = message(extents.map { varint(1, UInt64(bitPattern: Int64($0))) } + [varint(2, 1), text(8, "w")])
    expectRefusal(model(nodes: [node("Add", ["x", "w"], ["y"])], initializers: [tensor]), naming: "'w'")
  }

  @Test("A size that a shape asks for is refused where no table holds it")
  func largeShapes() throws {
    let shape = message([varint(1, 1), varint(2, 7), packed(7, [1 << 40]), text(8, "s")])
    let nodes = [node("ConstantOfShape", ["s"], ["c"]), node("Add", ["x", "c"], ["y"])]
    expectRefusal(model(nodes: nodes, initializers: [shape]), naming: "ConstantOfShape")
  }

  @Test("Nodes in a circle, and what nothing gives, are named")
  func circles() throws {
    expectRefusal(
      model(nodes: [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])]),
      naming: "circle")
    expectRefusal(model(nodes: [node("Add", ["x", "nowhere"], ["y"])]), naming: "'nowhere'")
  }

  @Test("Operators that are not known are all named at once")
  func unknown() throws {
    let nodes = [node("NonMaxSuppression", ["x"], ["a"]), node("Nonsense", ["a"], ["b"]), node("Relu", ["b"], ["y"])]
    expectRefusal(model(nodes: nodes), naming: "'NonMaxSuppression' (1")
    expectRefusal(model(nodes: nodes), naming: "'Nonsense' (1")
  }

  @Test("Data outside of the model's folder is refused", arguments: ["/etc/passwd", "../secret", "a/../../b"])
  func outside(location: String) throws {
    let entry = message([text(1, "location"), text(2, location)])
    let tensor = message([varint(1, 4), varint(2, 1), text(8, "w"), field(13, entry), varint(14, 1)])
    expectRefusal(model(nodes: [node("Add", ["x", "w"], ["y"])], initializers: [tensor]), naming: "outside")
  }

  @Test("Ten thousand nested graphs and functions that call themselves end in one line")
  func nesting() throws {
    var graph = message([])
    for _ in 0..<10_000 {
      let branch = message([text(1, "then_branch"), field(6, graph)])
      graph = message([field(1, message([text(1, "c"), text(2, "y"), text(4, "If"), field(5, branch)]))])
    }
    let shape = message([varint(1, 1), varint(2, 7), packed(7, [1]), text(8, "c")])
    let outer = message([
      text(1, "c"), text(2, "y"), text(4, "If"), field(5, message([text(1, "then_branch"), field(6, graph)])),
    ])
    expectRefusal(model(nodes: [outer], initializers: [shape]), naming: "")
    let call = message([text(1, "a"), text(2, "b"), text(4, "Own"), text(7, "d")])
    let function = message([text(1, "Own"), text(4, "a"), text(5, "b"), field(7, call), text(10, "d")])
    let caller = message([text(1, "x"), text(2, "y"), text(4, "Own"), text(7, "d")])
    expectRefusal(model(nodes: [caller]) + field(25, function), naming: "too deeply")
  }

  // MARK: Messages

  private func field(_ key: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    number(key << 3 | 2) + number(UInt64(bytes.count)) + bytes
  }
  private func text(_ key: UInt64, _ text: String) -> [UInt8] { field(key, Array(text.utf8)) }
  private func varint(_ key: UInt64, _ value: UInt64) -> [UInt8] { number(key << 3) + number(value) }
  private func packed(_ key: UInt64, _ values: [UInt64]) -> [UInt8] { field(key, values.flatMap(number)) }
  private func message(_ fields: [[UInt8]]) -> [UInt8] { fields.flatMap { $0 } }

  private func number(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    repeat {
      bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  private func node(_ operation: String, _ inputs: [String], _ outputs: [String]) -> [UInt8] {
    message(inputs.map { text(1, $0) } + outputs.map { text(2, $0) } + [text(4, operation)])
  }

  private func model(nodes: [[UInt8]], initializers: [[UInt8]] = []) -> [UInt8] {
    let graph = message(
      nodes.map { field(1, $0) } + initializers.map { field(5, $0) } + [
        field(11, text(1, "x")), field(12, text(1, "y")),
      ])
    return field(7, graph) + field(8, varint(2, 18))
  }

  // MARK: Expectations

  private func run(_ bytes: [UInt8]) throws {
    let file = try ONNXFile(ByteRegion(file: "model.onnx", copying: bytes))
    let builder = GraphBuilder(parameters: [String: Tensor]())
    let picture = builder.input([3, 16, 16])
    let graph = try builder.graph(output: file.output(for: picture, builder))
    _ = try graph.run(Tensor(repeating: 0.5, shape: [1, 3, 16, 16]))
  }

  private func refuseOrRun(_ bytes: [UInt8]) {
    do { try run(bytes) } catch { #expect(isOneLine("\(error)")) }
  }

  private func expectRefusal(_ bytes: [UInt8], naming part: String, sourceLocation: SourceLocation = #_sourceLocation) {
    do {
      try run(bytes)
      Issue.record("it was not refused", sourceLocation: sourceLocation)
    } catch {
      #expect(isOneLine("\(error)"), sourceLocation: sourceLocation)
      #expect(part.isEmpty || "\(error)".contains(part), "\(error)", sourceLocation: sourceLocation)
    }
  }

  private func isOneLine(_ text: String) -> Bool {
    !text.isEmpty && !text.contains { $0.isNewline } && text.utf8.count < 2000
  }
}
