import Explanations

/// What maps are called: in the names of their files, and in words above a drawing.
public enum MapName {
  /// The part of a file name that tells a map from the picture's others: `tabby.gradcam`,
  /// `probability-of-tabby.layercam`.
  public static func fileName(of explanation: Explanation) -> String {
    "\(fileName(of: explanation.title)).\(explanation.method)"
  }

  /// A text as a part of a file name: its words with hyphens between them, at most 60 characters and 80 bytes, so that
  /// the whole name stays below the 255 bytes that file systems allow.
  static func fileName(of text: String) -> String {
    var name = text.prefix(60).split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    while name.utf8.count > 80 { name.removeLast() }
    return name
  }

  /// `star 0.98 · gradcam · layer3[-1]`: of a class its probability, of any other target the score.
  ///
  /// - Parameter probabilities: of all classes, see ``Prediction/probabilities(of:outputs:)``.
  public static func caption(of explanation: Explanation, probabilities: [Float]?) -> String {
    let plainClass = explanation.classIndex.flatMap {
      ScoreTarget.logit($0).description == explanation.target ? $0 : nil
    }
    let number = plainClass.flatMap { probabilities?[$0] } ?? explanation.score
    let layers = explanation.layers.joined(separator: ", ")
    return "\(explanation.title) \(number.brief) · \(explanation.method) · \(layers)"
  }
}
