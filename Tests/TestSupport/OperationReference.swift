import Foundation
import LayerGraph
import Tensors
import Testing

/// One operation's operands, result and gradients as PyTorch computes them: a case of
/// `Tests/Fixtures/Operations/operations.safetensors`.
public struct OperationReference: Sendable, CustomTestStringConvertible {
  /// `OPERATION.CASE`.
  public let name: String

  /// What a test calls the case.
  public var testDescription: String { name }

  /// All cases of an operation.
  public static func cases(of operation: String) -> [OperationReference] {
    let names = Set(File.shared.tensors.keys.map { $0.split(separator: ".").prefix(2).joined(separator: ".") })
    return names.filter { $0.hasPrefix(operation + ".") }.sorted().map(OperationReference.init(name:))
  }

  /// A tensor of the case, such as `weight`; nil where it has none.
  public subscript(part: String) -> Tensor? { File.shared.tensors["\(name).\(part)"] }

  /// A tensor that the case has.
  public func tensor(_ part: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Tensor {
    try #require(self[part], "\(name) has no \(part)", sourceLocation: sourceLocation)
  }

  /// An option of the case, as text.
  public func option(_ option: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try #require(
      File.shared.options["\(name).\(option)"], "\(name) has no \(option)", sourceLocation: sourceLocation)
  }

  /// An option that is a number.
  public func number(_ option: String) throws -> Float {
    try #require(Float(self.option(option)))
  }

  /// An option that has a vertical and a horizontal part.
  public func extent(_ option: String) throws -> Extent {
    let numbers = try self.option(option).split(separator: ",").compactMap { Int($0) }
    try #require(numbers.count == 2)
    return Extent(height: numbers[0], width: numbers[1])
  }

  /// Expects an op to give the reference's result and gradients, on one thread and on several.
  public func expectAgreement(
    of op: any Op, operands: [String] = ["input"], tolerance: Tolerance = .relative(1e-5),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let inputs = try operands.map { try tensor($0) }
    let expected = try tensor("output")
    let shape = try op.outputShape(for: inputs.map(\.shape.perSample))
    #expect(shape == expected.shape.perSample, sourceLocation: sourceLocation)
    for count in [1, 3] {
      try Workers.$current.withValue(Workers(count: count)) {
        let output = op.forward(inputs)
        expectClose(output, expected, tolerance: tolerance, "\(name).output", sourceLocation: sourceLocation)
        let gradients = op.backward(try tensor("outputGradient"), inputs: inputs, output: output)
        for (operand, gradient) in zip(operands, gradients) {
          expectClose(
            gradient, try tensor("\(operand)Gradient"), tolerance: tolerance, "\(name).\(operand)Gradient",
            sourceLocation: sourceLocation)
        }
      }
    }
  }

  /// The file. It is our own, so that what does not hold stops the tests.
  private struct File: Sendable {
    static let shared = File(path: Fixtures.path("Operations/operations.safetensors"))

    let tensors: [String: Tensor]
    let options: [String: String]

    init(path: String) {
      guard let data = FileManager.default.contents(atPath: path), data.count > 8 else {
        preconditionFailure("cannot read \(path)")
      }
      let bytes = [UInt8](data)
      let start = 8 + (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
      guard let header = try? JSONSerialization.jsonObject(with: data[8..<start]) as? [String: [String: Any]] else {
        preconditionFailure("no header in \(path)")
      }
      options = header["__metadata__"] as? [String: String] ?? [:]
      tensors = header.compactMapValues { entry in
        guard let extents = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int] else { return nil }
        return bytes.withUnsafeBytes { bytes in
          let count = (offsets[1] - offsets[0]) / 4
          let scalars = (0..<count).map { index in
            Float(
              bitPattern: UInt32(
                littleEndian: bytes.loadUnaligned(fromByteOffset: start + offsets[0] + 4 * index, as: UInt32.self)))
          }
          return Tensor(scalars, shape: Shape(extents))
        }
      }
    }
  }
}
