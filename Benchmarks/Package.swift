// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that VitCAM does not depend on what only measurements need.
let package = Package(
  name: "VitCAMBenchmarks",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "vitcam-benchmarks", targets: ["VitCAMBenchmarks"])],
  dependencies: [
    .package(name: "VitCAM", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
  ],
  targets: [
    .executableTarget(
      name: "VitCAMBenchmarks",
      dependencies: [
        .product(name: "VitCAM", package: "VitCAM"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
