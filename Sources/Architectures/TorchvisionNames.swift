import Checkpoints

/// torchvision's names for what a ``MobileTrunk`` is made of. It numbers the modules of a block in place of naming them, so
/// its names depend on the rows of the table.
struct TorchvisionNames {
  /// From its parameters to ours.
  private var keys: [(pattern: String, replacement: String)] = []
  /// Its layers, and what they are here.
  private var layers: [(name: String, ours: String)] = []

  /// What torchvision counts.
  enum Module {
    /// A convolution, its batch norm and perhaps an activation: 0, 1 and 2 of a container.
    case convolution(String, norm: String, isActivated: Bool)
    /// Squeeze-and-excitation.
    case squeeze

    /// Our name of what the module gives.
    var result: String {
      switch self {
      case .convolution(_, let norm, _): norm
      case .squeeze: "se"
      }
    }
  }

  /// Names the parameters of modules that are numbered, from `first` on, inside a container. `theirs` and `ours` are
  /// what stands in front of the number and of our names, and may have `{i}` in common.
  mutating func nameParameters(of modules: [Module], from first: Int = 0, in theirs: String, as ours: String) {
    for (index, module) in modules.enumerated() {
      let name = "\(theirs).\(first + index)"
      switch module {
      case .convolution(let convolution, let norm, _):
        keys.append(("\(name).0", ours + convolution))
        keys.append(("\(name).1", ours + norm))
      case .squeeze:
        keys.append(("\(name).fc1", ours + "se.conv_reduce"))
        keys.append(("\(name).fc2", ours + "se.conv_expand"))
      }
    }
  }

  /// Names the layers of these modules that do not follow from the parameters, and the container for what the last gives.
  mutating func nameLayers(of modules: [Module], from first: Int = 0, in theirs: String, as ours: String) {
    for (index, module) in modules.enumerated() {
      let name = "\(theirs).\(first + index)"
      switch module {
      case .convolution(_, let norm, let isActivated):
        nameLayer("\(name).1", as: ours + norm + (isActivated ? ".norm" : ""))
        if isActivated { nameLayer("\(name).2", as: "\(ours)\(norm).act") }
      case .squeeze:
        nameLayer("\(name).avgpool", as: ours + "se.squeeze")
        nameLayer("\(name).activation", as: ours + "se.act1")
        nameLayer("\(name).scale_activation", as: ours + "se.gate")
      }
      nameLayer(name, as: ours + module.result)
    }
  }

  /// Names both.
  mutating func name(_ modules: [Module], from first: Int = 0, in theirs: String, as ours: String) {
    nameParameters(of: modules, from: first, in: theirs, as: ours)
    nameLayers(of: modules, from: first, in: theirs, as: ours)
  }

  /// Names a layer.
  mutating func nameLayer(_ theirs: String, as ours: String) {
    layers.append((theirs, ours))
  }

  /// Names a module with its parameters.
  mutating func nameModule(_ theirs: String, as ours: String) {
    keys.append((theirs, ours))
  }

  /// The dialect of all that was named. torchvision's mobile networks begin alike.
  var dialect: Dialect {
    Dialect("torchvision", signature: "features.0.0.weight", KeyMap(keys), layers: layers)
  }
}

extension MobileRow {
  /// The modules of one of its blocks, in torchvision's order.
  var torchvisionModules: [TorchvisionNames.Module] {
    let squeeze: [TorchvisionNames.Module] = squeezes ? [.squeeze] : []
    switch block {
    case .convolution:
      return [.convolution("conv", norm: "bn1", isActivated: true)]
    case .separable:
      return [.convolution("conv_dw", norm: "bn1", isActivated: true)] + squeeze
        + [.convolution("conv_pw", norm: "bn2", isActivated: false)]
    case .inverted:
      return [
        .convolution("conv_pw", norm: "bn1", isActivated: true),
        .convolution("conv_dw", norm: "bn2", isActivated: true),
      ] + squeeze + [.convolution("conv_pwl", norm: "bn3", isActivated: false)]
    case .fused:
      return [
        .convolution("conv_exp", norm: "bn1", isActivated: true),
        .convolution("conv_pwl", norm: "bn2", isActivated: false),
      ]
    }
  }
}
