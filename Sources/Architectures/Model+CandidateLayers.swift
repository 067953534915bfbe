import LayerGraph

extension Model {
  /// The layers that are worth comparing where nobody knows which one to look at, from the picture to the score.
  ///
  /// What each block gives and, where it attends, what goes into its attention and its perceptron (`norm1`, `norm2`). Of
  /// networks that have more than `limit` of them, the last of each resolution and then the last ones count. Layers finer
  /// than a quarter of the picture, or on which the score cannot depend, are left out.
  ///
  /// - Parameter limit: how many at most.
  public func candidateLayers(atMost limit: Int = 24) -> [LayerPath] {
    let paths = namedCandidates(atMost: limit)
    return paths.isEmpty ? [recommendedLayer] : paths
  }

  /// The same; none where no layer has such a name.
  func namedCandidates(atMost limit: Int = 24) -> [LayerPath] {
    let inBlocks = mapLayers { Self.isBlock($0) || $0.hasSuffix(".norm1") || $0.hasSuffix(".norm2") }
    let chosen = inBlocks.count > 1 ? inBlocks : mapLayers { $0.split(separator: ".").count <= 2 }
    let lastOfResolution = Set(Dictionary(chosen.map { ($0.places, $0.node) }) { max($0, $1) }.values)
    let ranked = chosen.sorted { a, b in
      let (first, second) = (lastOfResolution.contains(a.node), lastOfResolution.contains(b.node))
      return first == second ? a.node > b.node : first
    }
    return ranked.prefix(limit).sorted { $0.node < $1.node }.map { LayerPath($0.name) }
  }

  /// Where the encoder of a segmentation or detector ends: of the coarsest maps the last one that has the most channels. What
  /// comes behind it repeats the scores; Seg-Grad-CAM (Vinogradova et al. 2020) looks here too. Nil where nothing is a map.
  var encoderEnd: LayerPath? {
    let named = mapLayers { name in
      let parts = name.split(separator: ".")
      return parts.count <= 2 || parts.last.flatMap { Int($0) } != nil
    }
    // Of a detector, what one scale of boxes is made of says nothing of the others.
    let heads = graph.lastWeightedNodes.map { graph.ancestors(of: [$0]) }
    let layers = named.filter { layer in heads.allSatisfy { $0.contains(layer.node) } }
    let coarsest = layers.map(\.places).min()
    let best = layers.filter { $0.places == coarsest }.max { a, b in
      let (first, second) = (channels(of: a), channels(of: b))
      return first == second ? (a.node, -a.name.count) < (b.node, -b.name.count) : first < second
    }
    return best.map { LayerPath($0.name) }
  }

  private func channels(of layer: MapLayer) -> Int { graph.nodes[layer.node].shape.count / layer.places }

  /// A layer that is a map of the picture.
  private struct MapLayer {
    let name: String
    let node: NodeID
    let places: Int
  }

  /// The layers of some names that are maps of the picture and on which the score depends, each node once.
  private func mapLayers(named isWanted: (String) -> Bool) -> [MapLayer] {
    var seen = Set<NodeID>()
    let onPath = graph.ancestors(of: [graph.output])
    return graph.orderedNames.compactMap { name in
      guard isWanted(name), let node = graph.names[name], node != graph.input, onPath.contains(node),
        let layout = layout(of: node)
      else { return nil }
      let places = layout.places(of: graph.nodes[node].shape)
      guard places > 1, places * 16 <= imageSize.count, gradientReachesPatches(of: node), seen.insert(node).inserted
      else { return nil }
      return MapLayer(name: name, node: node, places: places)
    }
  }

  /// Whether a name is that of an item of a sequence, such as `layer3.5`, `stages.2.blocks.1` or `features.4`, and not of
  /// something inside one.
  private static func isBlock(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    return parts.count > 1 && parts.last.flatMap { Int($0) } != nil
      && parts.dropFirst().allSatisfy { $0 == "blocks" || Int($0) != nil }
  }
}
