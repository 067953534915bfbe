import Explanations
import Synchronization
import Tensors

/// Explains pictures that another program names or hands over line by line, and answers each with a line, in their order:
/// the pipe interface of Spark (`rdd.pipe`) and Hadoop.
///
/// | a line | is |
/// |---|---|
/// | `photos/cat.jpg` or `"photos/cat.jpg"` | the path of a picture |
/// | `{"path": "photos/cat.jpg"}` | the same; `label`, `target` and `id` may be added |
/// | `{"bytes": "iVBORw0KGgo..."}` | the picture itself, a file of any ``ReadableFormat``, in base64 |
///
/// An answer is an object with `predictions`, `explanations` and `files`, or with `error`; `id` and `picture` are as they
/// were. Files come in base64 with it: nothing is written anywhere.
public struct PictureStream: Sendable {
  private let explainer: BatchExplainer

  /// A stream that explains as the options say.
  ///
  /// - Throws: `TargetError` where the model has no such class.
  public init(_ explainer: Explainer, _ options: BatchOptions) throws {
    self.explainer = try BatchExplainer(explainer, options)
  }

  /// Answers lines until they end or a stop is asked for. Each answer is handed on at once.
  ///
  /// With a batch size above 1, as many lines are waited for before they are answered.
  ///
  /// - Parameters:
  ///   - input: the descriptor to read from.
  ///   - output: the descriptor to write to.
  ///   - workers: how many batches are explained at once, each on one thread.
  /// - Throws: `FileError` where one of them fails.
  public func run(
    input: Int32 = 0, output: Int32 = 1, workers: Workers = .available, stop: StopRequest = StopRequest()
  ) throws {
    let reader = Mutex(LineReader(descriptor: input, name: "standard input", stop: stop))
    let answers = AppendedFile(descriptor: output, name: "standard output")
    let pipeline = OrderedPipeline(
      stop: stop, next: { try reader.withLock { try lines($0) } },
      prepare: { lines in lines.map { StreamRequest($0, by: explainer) } }, work: { try answer($0) },
      deliver: { try answers.append($0) })
    try pipeline.run(workers: workers.count)
  }

  /// The next lines; nil at the end.
  private func lines(_ reader: LineReader) throws -> [[UInt8]]? {
    var lines = [[UInt8]]()
    while lines.count < explainer.options.batchSize, let line = try reader.next() { lines.append(line.bytes) }
    return lines.isEmpty ? nil : lines
  }

  private func answer(_ requests: [StreamRequest]) throws -> [UInt8] {
    var explained = explainer.explain(requests.compactMap(\.picture))[...]
    var answer = [UInt8]()
    for request in requests {
      let result = request.picture == nil ? nil : explained.popFirst()
      answer += try JSONLine.encoded(StreamAnswer(request, result, explainer.options)) + [UInt8(ascii: "\n")]
    }
    return answer
  }
}
