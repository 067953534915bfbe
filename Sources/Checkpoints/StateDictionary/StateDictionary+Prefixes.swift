extension StateDictionary {
  /// Names that programs put in front of all keys when they wrap a model. `encoder.` is not among them, because models
  /// use it themselves.
  private static let wrappers = [
    "module", "_orig_mod", "_forward_module", "model", "base_model", "backbone", "net", "network", "cnn", "resnet",
  ]
  /// How many keys may lack a prefix that the others share: a head beside a backbone, a counter beside an average.
  private static let mostExceptions = 6
  /// How many wrappers may lie around each other; a name of thousands is no model's.
  private static let mostWrappers = 8

  /// Without the counters that batch normalisation and weight averaging keep, which no model computes with.
  func withoutTrainingCounters() -> StateDictionary {
    removing { $0 == "n_averaged" || $0 == "num_batches_tracked" || $0.hasSuffix(".num_batches_tracked") }
  }

  /// Without tensors that have no elements: no bytes stand behind the extents of such a shape, and no
  /// model computes with it.
  public func withoutEmptyTensors() -> StateDictionary {
    let empty = names.filter { shape(of: $0)?.count == 0 }
    guard let first = empty.first else { return self }
    var result = removing { shape(of: $0)?.count == 0 }
    let others = empty.count > 1 ? " and \(empty.count - 1) more are" : " is"
    result.notes.append("key \(first.quoted)\(others) skipped: no elements")
    return result
  }

  /// Without the prefixes of wrappers, one after the other, where all or nearly all keys share them.
  func withoutCommonPrefixes() -> StateDictionary {
    var result = self
    for _ in 0..<Self.mostWrappers {
      guard let prefix = result.commonPrefix(),
        let shorter = try? result.renamed({ $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 })
      else { break }
      let affected = result.names.count { $0.hasPrefix(prefix) }
      result = shorter
      result.notes.append("prefix \(prefix.quoted) removed from \(affected) of \(names.count) keys")
    }
    return result
  }

  /// A wrapper's prefix that the keys share.
  private func commonPrefix() -> String? {
    guard !names.isEmpty else { return nil }
    return Self.wrappers.lazy.map { $0 + "." }.first { prefix in
      let exceptions = names.count { !$0.hasPrefix(prefix) }
      return exceptions == 0 || exceptions <= Self.mostExceptions && exceptions * 10 <= names.count
    }
  }
}
