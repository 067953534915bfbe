import Images
import ONNX

extension ONNXFile {
  /// What pictures go through in ultralytics' models, which leave the normalisation out, and what is said of it; nil for other
  /// models.
  func ultralyticsPreprocessing(size: ImageSize) -> (preprocessing: Preprocessing, note: String)? {
    guard metadata["author"] == "Ultralytics" else { return nil }
    let isCropped = metadata["task"] == "classify"
    let preprocessing = Preprocessing(
      size: size, fit: isCropped ? .crop(fraction: 1) : .squash, interpolation: .bilinear, mean: [0, 0, 0],
      standardDeviation: [1, 1, 1])
    let note = "pictures are prepared as ultralytics does it"
    return (preprocessing, isCropped ? note : note + ", but squeezed to a square and not padded")
  }

  /// The names of the classes as ultralytics notes them, `{0: 'person', 1: 'bicycle'}`; nil where there are none.
  var classNames: [String]? { metadata["names"].flatMap { Self.names(in: Array($0)) } }

  /// The names of a Python dictionary from numbers to texts; nil where it is none, or its numbers do not count from 0.
  private static func names(in text: [Character]) -> [String]? {
    var names = [String]()
    var place = 0
    while let quote = text[place...].firstIndex(where: { $0 == "'" || $0 == "\"" }) {
      let number = text[place..<quote].filter(\.isNumber)
      guard Int(String(number)) == names.count else { return nil }
      var name = ""
      var end = quote + 1
      while end < text.count, text[end] != text[quote] {
        if text[end] == "\\" { end += 1 }
        if end < text.count { name.append(text[end]) }
        end += 1
      }
      guard end < text.count else { return nil }
      names.append(name)
      place = end + 1
    }
    return names.isEmpty ? nil : names
  }
}
