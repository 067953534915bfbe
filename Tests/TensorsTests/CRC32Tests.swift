import Tensors
import Testing

@Suite struct CRC32Tests {
  @Test("The check value of the standard, and nothing's")
  func literals() {
    #expect(CRC32(Array("123456789".utf8)).description == "cbf43926")
    #expect(CRC32([UInt8]()).description == "00000000")
    #expect(CRC32(Array("The quick brown fox jumps over the lazy dog".utf8)).value == 0x414F_A339)
  }

  @Test("Pieces give what the whole gives")
  func pieces() {
    var checksum = CRC32()
    for piece in ["1234", "", "56789"] { Array(piece.utf8).withUnsafeBytes { checksum.append($0) } }
    #expect(checksum == CRC32(Array("123456789".utf8)))
  }
}
