// swift-tools-version: 6.1
import PackageDescription

// One-way floors: a target depends only on targets listed above it.
let package = Package(
  name: "VitCAM",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "VitCAM", targets: ["VitCAM"]),
    .executable(name: "vitcam", targets: ["VitCAMCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.0.0"),
  ],
  targets: [
    // Floor 0: system libraries.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CWebP", pkgConfig: "libwebp",
      providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
    .systemLibrary(
      name: "CTIFF", pkgConfig: "libtiff-4",
      providers: [.apt(["libtiff-dev"]), .brew(["libtiff"])]),
    .systemLibrary(
      name: "CGIF", providers: [.apt(["libgif-dev"]), .brew(["giflib"])]),

    // Floor 1: vectorised element-wise kernels in C.
    .target(name: "CKernels"),
    // Libraries of picture formats behind functions that do not jump.
    // giflib has no file for pkg-config everywhere.
    .target(
      name: "CImageCodecs", dependencies: ["CPNG", "CJPEG", "CWebP", "CTIFF", "CGIF"],
      linkerSettings: [.linkedLibrary("gif")]),

    // Floor 2: tensors, matrix multiplication, parallel loops, .npy.
    .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"]),

    // Floor 3: ops, graphs and how they run.
    .target(name: "LayerGraph", dependencies: ["Tensors", "CKernels"]),

    // Floor 4: files in and out.
    .target(name: "Checkpoints", dependencies: ["Tensors"]),
    .target(name: "Images", dependencies: ["Tensors", "CImageCodecs"]),

    // Floor 5: exported models, and those that have a page.
    .target(name: "ONNX", dependencies: ["LayerGraph", "Checkpoints"]),
    .target(name: "Architectures", dependencies: ["ONNX", "LayerGraph", "Checkpoints", "Images"]),

    // Floor 6: methods.
    .target(name: "Explanations", dependencies: ["Architectures"]),

    // Floor 7: many pictures, and what is told of them. The page's parts are in the binary, so that it needs no files.
    .target(
      name: "Reports",
      dependencies: ["Explanations", .product(name: "Mustache", package: "swift-mustache")],
      resources: [
        .embedInCode("Page/page.css"), .embedInCode("Page/page.js"), .embedInCode("Page/comparison.mustache"),
        .embedInCode("Page/sweep.mustache"), .embedInCode("Page/head.mustache"),
        .embedInCode("Page/failures.mustache"), .embedInCode("Page/drawing.mustache"),
        .embedInCode("Page/measure-heads.mustache"), .embedInCode("Page/measure-notes.mustache"),
        .embedInCode("Page/values.mustache"), .embedInCode("Page/matrices.mustache"),
        .embedInCode("Page/script.mustache"),
      ]),

    // Floor 8: what a user of the library imports.
    .target(name: "VitCAM", dependencies: ["Reports"]),

    // Floor 9: the command.
    .executableTarget(
      name: "VitCAMCommand",
      dependencies: [
        "VitCAM", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests mirror the floors.
    .target(name: "TestSupport", dependencies: ["LayerGraph"], path: "Tests/TestSupport"),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport"]),
    .testTarget(name: "LayerGraphTests", dependencies: ["LayerGraph", "TestSupport"]),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints", "TestSupport"]),
    .testTarget(name: "ImagesTests", dependencies: ["Images", "TestSupport"]),
    .testTarget(name: "ONNXTests", dependencies: ["ONNX", "TestSupport"]),
    .testTarget(name: "ArchitecturesTests", dependencies: ["Architectures", "TestSupport"]),
    .testTarget(name: "ExplanationsTests", dependencies: ["Explanations", "TestSupport"]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "TestSupport"]),
    .testTarget(name: "VitCAMCommandTests", dependencies: ["VitCAM", "VitCAMCommand", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
