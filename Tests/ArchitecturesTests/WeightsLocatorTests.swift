import Architectures
import Foundation
import Testing

@Suite struct WeightsLocatorTests {
  @Test("Folders come in their order, and within a folder safetensors before PyTorch's files")
  func order() throws {
    let base = FileManager.default.temporaryDirectory.appending(path: "vitcam-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: base) }
    let folders = ["first", "second"].map { base.appending(path: $0).path }
    for folder in folders { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    let locator = WeightsLocator(folders: ["\(base.path)/none"] + folders)
    // Each file is better than all before it.
    for file in ["second/m.th", "second/m.safetensors", "first/m.pkl", "first/m.pth", "first/m.safetensors"] {
      try Data().write(to: base.appending(path: file))
      #expect(try locator.path(for: "m") == "\(base.path)/\(file)")
    }
    let error = #expect(throws: WeightsError.self) { try locator.path(for: "other") }
    for folder in folders { #expect(error?.description.contains(folder) == true) }
    #expect(error?.description.contains("--weights") == true)
  }

  @Test("Weights/ is looked at before any other folder")
  func standard() {
    #expect(WeightsLocator().folders.first == "Weights")
  }
}
