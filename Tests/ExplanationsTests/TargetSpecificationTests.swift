import Explanations
import Images
import Testing

@Suite struct TargetSpecificationTests {
  private static let labels = ["covid-19", "flu", "tabby, tabby cat", "x-ray", "7"]
  private static let logits: [Float] = [1, 4, 2, 5, 3]

  private func targets(_ text: String, labels: [String]? = labels) throws -> [String] {
    let specification = try TargetSpecification(parsing: text, classCount: 5, labels: labels)
    let targets = try specification.targets(logits: Self.logits, in: PictureFrame(whole: ImageSize(square: 8)))
    #expect(targets.count == specification.count)
    return targets.map(\.description)
  }

  @Test(
    "A class is a number or a label, in any case, by any of its names",
    arguments: [
      ("0", "logit 0"), ("FLU", "logit 1"), ("tabby cat", "logit 2"), ("tabby", "logit 2"),
      ("tabby, tabby cat", "logit 2"), ("covid-19", "logit 0"), ("7", "logit 4"), ("p:x-ray", "probability of 3"),
      ("p:1", "probability of 1"), ("odds:flu", "log-odds of 1"), ("sigmoid:0", "sigmoid of 0"),
      ("not:tabby", "- logit 2"), ("out:3", "output 3"),
    ])
  func oneClass(text: String, expected: String) throws {
    #expect(try targets(text) == [expected])
  }

  @Test(
    "A contrast finds the hyphen between two classes, whose labels may have hyphens",
    arguments: [
      ("1-3", "logit 1 - logit 3"), ("covid-19-flu", "logit 0 - logit 1"), ("flu-covid-19", "logit 1 - logit 0"),
      ("covid-19-x-ray", "logit 0 - logit 3"), ("flu-2", "logit 1 - logit 2"),
    ])
  func contrast(text: String, expected: String) throws {
    #expect(try targets(text) == [expected])
  }

  @Test("The best classes are taken from the outputs, at most all of them")
  func best() throws {
    #expect(try targets("top") == ["logit 3"])
    #expect(try targets("top2") == ["logit 3", "logit 1"])
    #expect(try targets("top99").count == 5)
    #expect(TargetSpecification.top == (try TargetSpecification(parsing: "top1", classCount: 5)))
  }

  @Test(
    "Anything else is refused in one line",
    arguments: [
      "5", "-1", "q:1", "not:", "odds:9", "like:", "9-1", "1-9", "p:9", "p:", "", "-", "top0", "top-1", "flue",
      "covid-20", "99999999999999999999",
    ])
  func refused(text: String) {
    for labels in [Self.labels, nil] {
      let error = #expect(throws: TargetError.self) { try targets(text, labels: labels) }
      #expect(error?.description.hasPrefix("target ") == true)
    }
  }

  @Test("A name of several classes is refused with their numbers")
  func ambiguous() {
    for names in [["crane", "jay", "crane", "a", "b"], ["crane, a", "jay", "bird, crane", "a", "b"]] {
      let error = #expect(throws: TargetError.self) { try targets("crane", labels: names) }
      #expect(error?.description.contains("2 classes; choose by number: 0, 2") == true)
    }
  }

  @Test("Near labels are proposed; without labels the option is")
  func advice() {
    let near = #expect(throws: TargetError.self) { try targets("flue") }
    #expect(near?.description.contains("near it: flu") == true)
    let names = ["education", "tabby, tabby cat", "catamount", "tiger cat", "dog"]
    let containing = #expect(throws: TargetError.self) { try targets("cat", labels: names) }
    #expect(containing?.description.contains("4 contain it: tabby cat, tiger cat, catamount, education") == true)
    #expect(
      #expect(throws: TargetError.self) { try targets("p:cat", labels: names) }?.description.contains("tiger") == true)
    let unlabelled = #expect(throws: TargetError.self) { try targets("flu", labels: nil) }
    #expect(unlabelled?.description.contains("0 to 4") == true)
    #expect(unlabelled?.description.contains("--labels") == true)
  }
}
