/// What a pickle describes. Whatever has contents is a place in a ``PickleGraph``, so that shared and self-referencing
/// containers are themselves again, and a value of any depth is released without recursion.
enum PickleValue: Sendable {
  case none
  case boolean(Bool)
  case integer(Int)
  /// An integer beyond 64 bits: where its digits lie in the pickle's bytes.
  case wideInteger(Range<Int>)
  case real(Double)
  case string(String)
  /// Where the bytes lie in the pickle's bytes.
  case bytes(Range<Int>)
  /// A class or function: a place in ``PickleGraph/globals``. Never looked up, never called.
  case global(Int)
  /// Places in ``PickleGraph/sequences``.
  case tuple(Int)
  case list(Int)
  case set(Int)
  /// A place in ``PickleGraph/dictionaries``.
  case dictionary(Int)
  /// A value of a class that is not known: a place in ``PickleGraph/objects``.
  case object(Int)
  /// A place in ``PickleGraph/storages``.
  case storage(Int)
  /// A place in ``PickleGraph/tensors``.
  case tensor(Int)

  /// The text, when it is one.
  var text: String? {
    if case .string(let text) = self { text } else { nil }
  }
}

/// The name of a Python class or function.
struct PickleGlobal: Sendable, Hashable {
  let module: String
  let name: String
}

/// A key and its value in a dictionary.
struct PickleItem: Sendable {
  let key: PickleValue
  let value: PickleValue
}

/// A value of a class that is not known, or the result of a call that was not made.
struct PickleObject: Sendable {
  /// The class, or the function that would have been called.
  let global: PickleValue
  let arguments: PickleValue
  /// What `__setstate__` would have been given; as a rule the attributes.
  var state = PickleValue.none
  /// What a subclass of a dictionary holds.
  var items: [PickleItem] = []
}

/// A storage that a tensor of a pickle refers to.
struct PickleStorage: Sendable {
  /// Where the bytes are.
  enum Origin: Sendable {
    /// In the file around the pickle, under this key.
    case key(String)
    /// In the pickle itself.
    case bytes(ByteRegion)
  }

  let origin: Origin
  /// PyTorch's name of the storage class (`FloatStorage`).
  let typeName: String
  /// A view of the storage, as PyTorch before 0.4 had it, in elements.
  var view: Range<Int>?
}

/// A tensor as a pickle describes it. The numbers are unchecked.
struct PickleTensor: Sendable {
  /// A place in ``PickleGraph/storages``.
  let storage: Int
  /// Nil when the elements are of a type that is not read.
  let elementType: ElementType?
  /// PyTorch's name of the element type or storage class, for messages.
  let typeName: String
  let offset: Int
  let extents: [Int]
  let strides: [Int]
}

/// Everything that one pickle describes.
struct PickleGraph: Sendable {
  var root = PickleValue.none
  /// Where the pickle ended: the offset after its last instruction.
  var end = 0
  var globals: [PickleGlobal] = []
  var sequences: [[PickleValue]] = []
  var dictionaries: [[PickleItem]] = []
  var objects: [PickleObject] = []
  var storages: [PickleStorage] = []
  var tensors: [PickleTensor] = []

  /// The elements of a tuple, list or set.
  func elements(of value: PickleValue) -> [PickleValue]? {
    switch value {
    case .tuple(let id), .list(let id), .set(let id): sequences[id]
    default: nil
    }
  }

  /// The integers of a tuple or list that holds nothing else and has at most `limit` elements.
  func integers(of value: PickleValue, limit: Int) -> [Int]? {
    guard let elements = elements(of: value), elements.count <= limit else { return nil }
    var integers: [Int] = []
    for element in elements {
      guard case .integer(let integer) = element else { return nil }
      integers.append(integer)
    }
    return integers
  }

  /// The class or function that a value names.
  func global(_ value: PickleValue) -> PickleGlobal? {
    if case .global(let id) = value { globals[id] } else { nil }
  }

  mutating func add(elements: [PickleValue]) -> Int {
    sequences.append(elements)
    return sequences.count - 1
  }

  mutating func add(items: [PickleItem]) -> PickleValue {
    dictionaries.append(items)
    return .dictionary(dictionaries.count - 1)
  }

  mutating func add(_ global: PickleGlobal) -> PickleValue {
    globals.append(global)
    return .global(globals.count - 1)
  }

  mutating func add(_ object: PickleObject) -> PickleValue {
    objects.append(object)
    return .object(objects.count - 1)
  }

  mutating func add(_ storage: PickleStorage) -> PickleValue {
    storages.append(storage)
    return .storage(storages.count - 1)
  }

  mutating func add(_ tensor: PickleTensor) -> PickleValue {
    tensors.append(tensor)
    return .tensor(tensors.count - 1)
  }
}
