extension StateDictionary {
  /// Names that programs put in front of all keys when they wrap a model. `encoder.` is not among them, because models
  /// use it themselves.
  private static let wrappers = ["module", "_orig_mod", "model", "backbone", "net", "network"]
  /// How many keys may lack a prefix that the others share: a head beside a backbone, a counter beside an average.
  private static let mostExceptions = 6

  /// Without the counters that batch normalisation and weight averaging keep, which no model computes with.
  func withoutTrainingCounters() -> StateDictionary {
    removing { $0 == "n_averaged" || $0 == "num_batches_tracked" || $0.hasSuffix(".num_batches_tracked") }
  }

  /// Without the prefixes of wrappers, one after the other, where all or nearly all keys share them.
  func withoutCommonPrefixes() -> StateDictionary {
    var result = self
    while let prefix = result.commonPrefix(),
      let shorter = try? result.renamed({ $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 })
    {
      let affected = result.names.count { $0.hasPrefix(prefix) }
      result = shorter
      result.notes.append("prefix \(prefix.quoted) removed from \(affected) of \(names.count) keys")
    }
    return result
  }

  /// A wrapper's prefix that the keys share. Removing it shortens keys, so that this ends.
  private func commonPrefix() -> String? {
    Self.wrappers.lazy.map { $0 + "." }.first { prefix in
      let exceptions = names.count { !$0.hasPrefix(prefix) }
      return exceptions == 0 && !names.isEmpty
        || exceptions <= Self.mostExceptions && exceptions * 10 <= names.count
    }
  }
}
