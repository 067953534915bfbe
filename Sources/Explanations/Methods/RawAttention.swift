import LayerGraph
import Tensors

/// What the classifier's tokens attend to at one block: the class token's row of the attention map, or the mean of all rows
/// where the classifier takes the mean of all patches. It never depends on the class.
public struct RawAttention: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "attention"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "the attention of one block, whatever the class"

  /// The number of the block among all that attend, from 0 on; negative numbers count from the end.
  public let block: Int
  /// The number of a head, from 0 on; nil for all of them, fused.
  public let head: Int?
  /// How all heads become one.
  public let headFusion: HeadFusion

  /// The attention of a block, by default the last one's, and of a head, by default the mean of all.
  public init(block: Int = -1, head: Int? = nil, headFusion: HeadFusion = .mean) {
    self.block = block
    self.head = head
    self.headFusion = headFusion
  }

  /// See ``ExplanationMethod/title``.
  public var title: String {
    Self.name + (block == -1 ? "" : "-block\(block)") + (head.map { "-head\($0)" } ?? "")
      + (head == nil && headFusion != .mean ? "-\(headFusion.rawValue)" : "")
  }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [] }

  /// See ``ExplanationMethod/nodes(for:)``.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    let flow = try AttentionFlow(explainer.model, for: Self.name)
    let node = flow.layers[try number(in: flow)].node
    let heads = explainer.model.graph.nodes[node].shape[-3]
    if let head, !(0..<heads).contains(head) {
      let range = heads == 1 ? "1 head, 0" : "\(heads) heads, 0 to \(heads - 1)"
      throw MethodError(Self.name, "head \(head): block \(block) has \(range)")
    }
    return [node]
  }

  private func number(in flow: AttentionFlow) throws(MethodError) -> Int {
    let count = flow.layers.count
    let number = block < 0 ? count + block : block
    guard flow.layers.indices.contains(number) else {
      throw MethodError(
        Self.name,
        "block \(block): the model has \(count) that attend, 0 to \(count - 1), or -\(count) to -1 from the end")
    }
    return number
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let flow = try AttentionFlow(evidence.model, for: Self.name)
    let layer = flow.layers[try number(in: flow)]
    return evidence.once("maps") {
      evidence.attentionMaps { picture in
        let heads = evidence.attention(layer, picture: picture)
        let attention = TokenAttention(head.map { heads.head($0) } ?? headFusion(heads), layout: layer.layout)
        return AttentionFlow.map(attention.passedOn(flow.readout(at: layer.layout)), layer.layout)
      }
    }
  }
}

extension Tensor {
  /// One head of windows × heads × queries × keys.
  fileprivate func head(_ number: Int) -> Tensor {
    let size = shape[2] * shape[3]
    return Tensor(unfilled: [shape[0], shape[2], shape[3]]) { result in
      withScalars { heads in
        for window in 0..<shape[0] {
          (result.base + window * size).update(
            from: heads.base + (window * shape[1] + number) * size, count: size)
        }
      }
    }
  }
}
