import Testing

@testable import VitCAMCommand

/// The subcommands beside explaining.
@Suite struct SubcommandTests {
  private func output(_ arguments: String...) throws -> String {
    let run = try CommandRun(arguments)
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    return run.output
  }

  @Test("Help answers on standard output, with examples")
  func help() throws {
    let general = try output("--help")
    #expect(general.contains("Examples:") && general.contains("vitcam help explain") && general.contains("layers"))
    let explain = try output("help", "explain")
    for option in ["--arch", "--weights", "--layer", "--reshape", "--method", "--target", "--json", "--threads"] {
      #expect(explain.contains(option))
    }
    #expect(try output("--version") == "0.1.0\n")
  }

  @Test("The layers are listed with shapes and the recommended one is marked")
  func layers() throws {
    let lines = try output("layers", "--arch", "demo_vit").split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("blocks.5.norm1  145×96") && $0.hasSuffix("recommended: blocks[-1].norm1") })
    #expect(lines.filter { $0.contains("recommended") }.count == 1)
    let maps = try output("layers", "--arch", "demo_vit", "--maps")
    #expect(!maps.contains("head") && maps.contains("blocks.0.attn"))
  }

  @Test("Architectures are listed and filtered")
  func architectures() throws {
    #expect(try output("architectures").contains("vit_base_patch16_224"))
    let some = try output("architectures", "demo")
    #expect(some.contains("demo_vit") && !some.contains("resnet50"))
  }

  @Test("A checkpoint is described, and what it fits is named")
  func weights() throws {
    let text = try output("weights", "Weights/demo_resnet.safetensors")
    #expect(text.contains("fits demo_resnet") && text.contains("architecture: demo_resnet"))
    #expect(try output("weights", "Weights/demo_resnet.safetensors", "--keys").contains("conv1.weight  64×3×7×7"))
    let other = try CommandRun(["weights", "Weights/demo_resnet.safetensors", "--arch", "resnet18"])
    #expect(other.status == 1 && other.output.contains("missing: layer1.1.conv1.weight"))
    try CommandRun(["weights", "no-such.pth"]).expectFailure(1, "no-such.pth")
  }

  @Test("The doctor measures a speed")
  func doctor() throws {
    let text = try output("doctor", "--threads", "1")
    #expect(text.contains("threads        1 of") && text.contains("GFLOP/s"))
  }

  @Test(
    "Numbers for people keep two digits",
    arguments: zip(
      [0.5678, 12.345, 0.0004321, 1, 0, 0.99, -0.031, 3e-9, .infinity] as [Float],
      ["0.57", "12.35", "0.00043", "1.0", "0.0", "0.99", "-0.031", "3e-09", "inf"]))
  func brief(number: Float, text: String) {
    #expect(number.brief == text)
  }
}
