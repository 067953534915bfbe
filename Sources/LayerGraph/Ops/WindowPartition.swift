import Tensors

/// A map H×W×C as windows × tokens × C.
struct WindowPartition: Op {
  let windows: WindowGrid

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.rank == 3, shape[0] == windows.grid.height, shape[1] == windows.grid.width else {
      throw ShapeError("expected \(windows.grid.height)×\(windows.grid.width)×C to cut into windows, found \(shape)")
    }
    return [windows.count, windows.area, shape[2]]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    windows.cut(inputs[0])
  }

  /// ∂y, joined: every place of the map is in one window.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [windows.joined(gradient)]
  }
}

/// Windows × tokens × C as the map H×W×C that they were cut from.
struct WindowReversal: Op {
  let windows: WindowGrid

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.rank == 3, shape[0] == windows.count, shape[1] == windows.area else {
      throw ShapeError("expected \(windows.count)×\(windows.area)×C to join, found \(shape)")
    }
    return [windows.grid.height, windows.grid.width, shape[2]]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    windows.joined(inputs[0])
  }

  /// ∂y, cut; zero for padding.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [windows.cut(gradient)]
  }
}

extension GraphBuilder {
  /// A map H×W×C as windows × tokens × C.
  public func cut(_ name: String, _ x: Value, into windows: WindowGrid) -> Value {
    append(name, WindowPartition(windows: windows), [x])
  }

  /// Windows × tokens × C as the map H×W×C that they were cut from.
  public func joined(_ name: String, _ x: Value, from windows: WindowGrid) -> Value {
    append(name, WindowReversal(windows: windows), [x])
  }
}
