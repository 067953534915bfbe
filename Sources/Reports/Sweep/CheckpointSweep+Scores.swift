import Architectures
import Explanations
import Images
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension CheckpointSweep {
  /// A confusion table of more classes is not readable.
  private static let mostConfusedClasses = 40

  /// How well a checkpoint does.
  ///
  /// - Parameters:
  ///   - failures: to which pictures are added that cannot be read.
  ///   - progress: told before each picture how many are done.
  /// - Throws: what is wrong with the checkpoint; ``UsageError`` where its classes are not those of the labels, where its
  ///   outputs are not numbers, or where no picture can be read.
  func score(of path: String, failures: inout [String], progress: (Int) -> Void) throws -> CheckpointScore {
    progress(0)
    let model = try load(path)
    let classes = try labelled.classes(of: model)
    var answers = [(loss: Float, found: Int)?]()
    var (hits, near, time) = (0, 0, Duration.zero)
    let size = model.classCount <= Self.mostConfusedClasses ? model.classCount : 0
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: size), count: size)
    for (place, picture) in labelled.pictures.enumerated() {
      progress(place)
      guard let right = classes[picture.label], let image = image(of: picture.path, failures: &failures) else {
        answers.append(nil)
        continue
      }
      let input = try options.prepare(model.preprocessing, image)(image)
      let stopwatch = Stopwatch()
      let logits = try model.outputs(for: input)[0].scalars
      time += stopwatch.elapsed
      guard logits.allSatisfy(\.isFinite) else {
        throw UsageError("\(path): \(picture.path) gives outputs that are no numbers")
      }
      let best = Prediction.best(5, of: logits).map(\.index)
      hits += best[0] == right ? 1 : 0
      near += best.contains(right) ? 1 : 0
      if size > 0 { confusion[right][best[0]] += 1 }
      answers.append((Self.loss(of: right, logits, model.outputs), best[0]))
    }
    let known = answers.compactMap { $0 }
    guard !known.isEmpty else { throw UsageError("none of the \(answers.count) labelled pictures can be read") }
    return CheckpointScore(
      checkpoint: path, architecture: model.name, pictures: known.count, accuracy: Float(hits) / Float(known.count),
      topFive: Float(near) / Float(known.count), loss: known.map(\.loss).mean ?? 0,
      milliseconds: options.showsTimings ? (time / known.count).milliseconds : nil, confusion: confusion,
      answers: answers)
  }

  /// A picture; nil where it cannot be read, which is told once.
  private func image(of path: String, failures: inout [String]) -> Image? {
    do {
      return try Image(contentsOf: path)
    } catch {
      if !failures.contains("\(error)") { failures.append("\(error)") }
      return nil
    }
  }

  /// −log p of a class, without losing a small p to rounding.
  static func loss(of right: Int, _ logits: [Float], _ outputs: OutputKind) -> Float {
    if outputs == .probabilities { return -log(max(logits[right], 1e-30)) }
    let largest = logits.max() ?? 0
    let sum = logits.reduce(0) { $0 + exp(Double($1 - largest)) }
    return Float(log(sum)) + largest - logits[right]
  }
}
