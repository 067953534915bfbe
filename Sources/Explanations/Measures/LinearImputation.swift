import Images
import Tensors

/// Noisy linear imputation (Rong et al. 2022, ROAD, section 4.2): a pixel that was taken away becomes the weighted mean of
/// its eight neighbours, 1/6 of each that shares a side and 1/12 of each that shares a corner, known or themselves taken
/// away; and a little noise on top, so that the shape of what is missing tells less.
///
/// The neighbours' weights are those inside the picture, scaled to sum up to 1. For n missing pixels this is a system of n
/// linear equations, symmetric and positive definite, solved by conjugate gradients.
public struct LinearImputation: Sendable {
  /// The standard deviation of the noise, in units of the normalised input.
  public let noise: Float
  /// What the noise follows from.
  public let seed: UInt64

  /// An imputation with noise that is always the same for the same seed.
  public init(noise: Float = 0.01, seed: UInt64 = 0) {
    self.noise = noise
    self.seed = seed
  }

  /// Fills the missing pixels of a picture in place.
  ///
  /// - Parameters:
  ///   - picture: C×H×W.
  ///   - missing: for each pixel, row by row, whether it is to be made up. Where all are, all become 0.
  func fill(_ picture: UnsafeMutableBufferPointer<Float>, size: ImageSize, missing: [Bool]) {
    let system = ImputationSystem(size: size, missing: missing)
    var generator = NormalNumbers(seed: seed)
    for start in stride(from: 0, to: picture.count, by: size.count) {
      let plane = UnsafeMutableBufferPointer(rebasing: picture[start..<start + size.count])
      system.solve(plane)
      guard noise > 0 else { continue }
      for pixel in missing.indices where missing[pixel] { plane[pixel] += noise * generator.next() }
    }
  }
}

/// The equations (D − W) x = b of the missing pixels, laid out as the picture is with a border of one pixel around it, so
/// that every pixel has its eight neighbours. Values of known pixels and of the border are 0 in all vectors.
private struct ImputationSystem {
  private let size: ImageSize
  /// The columns of a row with its border.
  private let stride: Int
  /// 1 where a pixel is missing, else 0.
  private let unknown: [Float]
  /// The sum of the weights of the neighbours inside the picture.
  private let diagonal: [Float]

  private static let side: Float = 1 / 6
  private static let corner: Float = 1 / 12

  init(size: ImageSize, missing: [Bool]) {
    self.size = size
    stride = size.width + 2
    var unknown = [Float](repeating: 0, count: (size.height + 2) * stride)
    var inside = unknown
    for row in 0..<size.height {
      for column in 0..<size.width {
        let place = (row + 1) * stride + column + 1
        inside[place] = 1
        unknown[place] = missing[row * size.width + column] ? 1 : 0
      }
    }
    self.unknown = unknown
    var sums = [Float](repeating: 0, count: inside.count)
    Self.addNeighbours(of: inside, to: &sums, stride: stride, rows: size.height)
    diagonal = sums
  }

  /// Adds, at each pixel of the picture, the weighted sum of the eight around it.
  private static func addNeighbours(of x: [Float], to result: inout [Float], stride: Int, rows: Int) {
    x.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { result in
        for row in 1...rows {
          for place in row * stride + 1..<(row + 1) * stride - 1 {
            let sides = x[place - 1] + x[place + 1] + x[place - stride] + x[place + stride]
            let corners =
              x[place - stride - 1] + x[place - stride + 1] + x[place + stride - 1] + x[place + stride + 1]
            result[place] += side * sides + corner * corners
          }
        }
      }
    }
  }

  /// y = (D − W) x at the missing pixels; 0 elsewhere.
  private func apply(_ x: [Float], _ y: inout [Float]) {
    for place in y.indices { y[place] = 0 }
    Self.addNeighbours(of: x, to: &y, stride: stride, rows: size.height)
    for place in y.indices { y[place] = unknown[place] * (diagonal[place] * x[place] - y[place]) }
  }

  private func dot(_ a: [Float], _ b: [Float]) -> Double {
    var sum = 0.0
    for place in a.indices { sum += Double(a[place]) * Double(b[place]) }
    return sum
  }

  /// Replaces the missing pixels of a plane, by conjugate gradients (Hestenes and Stiefel 1952) from the mean of the known
  /// ones on.
  func solve(_ plane: UnsafeMutableBufferPointer<Float>) {
    var known = [Float](repeating: 0, count: unknown.count)
    forEachPixel { pixel, place in known[place] = (1 - unknown[place]) * plane[pixel] }
    let count = size.count - unknown.count { $0 == 1 }
    let mean = count > 0 ? known.reduce(0, +) / Float(count) : 0
    var x = unknown.map { $0 * mean }
    var residual = [Float](repeating: 0, count: unknown.count)
    Self.addNeighbours(of: known, to: &residual, stride: stride, rows: size.height)
    for place in residual.indices { residual[place] *= unknown[place] }
    let scale = dot(residual, residual)
    var product = residual
    apply(x, &product)
    for place in residual.indices { residual[place] -= product[place] }
    var direction = residual
    var square = dot(residual, residual)
    // Ten times as many steps as the longest way through the picture are never needed: a guard against rounding.
    for _ in 0..<20 * size.longerSide where square > 1e-13 * scale {
      apply(direction, &product)
      let curvature = dot(direction, product)
      guard curvature > 0 else { break }
      let step = Float(square / curvature)
      for place in x.indices {
        x[place] += step * direction[place]
        residual[place] -= step * product[place]
      }
      let next = dot(residual, residual)
      let ratio = Float(next / square)
      for place in direction.indices { direction[place] = residual[place] + ratio * direction[place] }
      square = next
    }
    forEachPixel { pixel, place in if unknown[place] == 1 { plane[pixel] = x[place] } }
  }

  private func forEachPixel(_ body: (_ pixel: Int, _ place: Int) -> Void) {
    for row in 0..<size.height {
      for column in 0..<size.width { body(row * size.width + column, (row + 1) * stride + column + 1) }
    }
  }
}
