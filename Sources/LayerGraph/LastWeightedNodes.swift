extension Graph {
  /// The convolutions and linear layers behind which there are no others on the way to the output.
  public var lastWeightedNodes: [NodeID] {
    var (seen, found) = (Set<NodeID>(), [NodeID]())
    var waiting = [output]
    while let node = waiting.popLast() {
      guard seen.insert(node).inserted else { continue }
      if nodes[node].op is Convolution || nodes[node].op is Linear {
        found.append(node)
      } else {
        waiting += nodes[node].inputs
      }
    }
    return found
  }
}
