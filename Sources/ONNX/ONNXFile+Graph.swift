import LayerGraph

extension ONNXFile {
  /// Writes the model down, from the normalised picture (C×H×W) to what one of its outputs gives.
  ///
  /// - Parameter output: the output's name; the first one where left out.
  /// - Throws: `CheckpointError` that names the node.
  public func output(named output: String? = nil, for picture: Value, _ builder: GraphBuilder) throws -> Value {
    var importer = GraphImporter(self, builder: builder)
    return try importer.output(for: picture, named: output)
  }
}
