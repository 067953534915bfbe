import Checkpoints
import Images

/// A model as the configuration in its folder describes it: what it is made of, what pictures go through, and what its
/// classes are called.
struct FolderModel {
  /// The model.
  let description: ModelDescription
  /// The file with the names of the classes; nil where it names none.
  let labels: String?
  /// What was taken from where, in one or two lines.
  let notes: [String]

  /// - Parameters:
  ///   - folder: the folder.
  ///   - checkpoint: the weights in it.
  ///   - named: the architecture that the user named; it goes before the configuration's.
  /// - Returns: nil where no configuration describes the model.
  /// - Throws: `CheckpointError` where one does that is not known here, or contradicts itself.
  init?(_ folder: CheckpointFolder, checkpoint: StateDictionary, named: ModelDescription?) throws {
    let file = folder.path(of: "config.json")
    guard let entries = try CheckpointFolder.entries(of: file) else { return nil }
    let prepared = try PreprocessorConfig(beside: folder.path(of: "model"))
    var config = HubConfiguration(
      file: file, entries: entries, family: entries["model_type"]?.text ?? "", weights: checkpoint)
    var description: ModelDescription
    if let named {
      description = named
    } else if let timm = try ModelDescription.timm(&config) {
      description = timm
    } else if !config.family.isEmpty {
      description = try ModelDescription.huggingFace(&config)
    } else {
      return nil
    }
    let size = try prepared?.size ?? config.imageSize() ?? description.preprocessing.size
    if let prepared {
      description.preprocessing = try prepared.preprocessing(size: size)
      description.preprocessingSource = prepared.path
    } else {
      description.preprocessing.size = size
      description.preprocessingNote =
        "\(folder.path) has no preprocessor_config.json: pictures go through \(description.preprocessing.inWords); --mean, --std, --resize and --image-size change it"
    }
    if named == nil { description.configuration = file }
    self.description = description
    let labels = Self.namesClasses(entries) ? file : nil
    var notes: [String] = []
    if named == nil {
      let sizes = config.taken.isEmpty ? "" : " with " + config.taken.joined(separator: ", ")
      let names = labels == nil ? "" : ", and the names of its classes"
      notes.append("\(file): \(description.name)\(sizes)\(names)")
    }
    if let prepared {
      notes.append("\(prepared.path): \(description.preprocessing.inWords)")
      notes += prepared.notes
    }
    (self.labels, self.notes) = (labels, notes)
  }

  /// Whether a configuration says what the classes are called. Hugging Face's `LABEL_0` is no name.
  private static func namesClasses(_ entries: [String: JSONValue]) -> Bool {
    for key in ["id2label", "label_names"] {
      switch entries[key] {
      case .array(let names)?: if !names.isEmpty { return true }
      case .object(let names)? where !names.isEmpty:
        return !names.allSatisfy { key, value in value == .string("LABEL_\(key)") }
      default: continue
      }
    }
    return false
  }
}

extension HubConfiguration {
  /// The side of the pictures that it names; nil where it names none.
  fileprivate mutating func imageSize() throws(CheckpointError) -> ImageSize? {
    guard has("image_size"), let entry = entries["image_size"] else { return nil }
    let sides: [JSONValue]
    if case .array(let values) = entry { sides = values } else { sides = [entry, entry] }
    let numbers = sides.compactMap(\.integer).filter { (1...4096).contains($0) }
    guard numbers.count == 2, sides.count == 2 else {
      throw error("image_size: expected a side of 1 to 4096, found \(entry.shown)")
    }
    return ImageSize(height: numbers[0], width: numbers[1])
  }
}

extension Model {
  /// Takes over what a folder says of a model beside its weights.
  ///
  /// - Throws: ``LabelsError`` where it names another number of classes than the weights have.
  mutating func adopt(_ folder: FolderModel) throws {
    notes = folder.notes + notes
    if let labels = folder.labels, outputs.areScoresOfClasses {
      self.labels = try Labels.read(labels, count: classCount)
    }
  }
}
