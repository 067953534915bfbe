import Testing

@testable import Reports

@Suite struct ShardTests {
  @Test("Shards cover a list once, in order, and begin at whole batches")
  func places() {
    for (pictures, batchSize, count) in [(1000, 8, 4), (7, 8, 3), (0, 8, 2), (17, 1, 5), (100, 8, 100)] {
      var next = 0
      for shard in Shard.all(of: count) {
        let places = shard.places(of: pictures, batchSize: batchSize)
        #expect(places.lowerBound == next)
        #expect(places.lowerBound % batchSize == 0 || places.lowerBound == pictures)
        next = places.upperBound
      }
      #expect(next == pictures)
    }
    #expect(Shard.all(of: 4).map { $0.places(of: 1000, batchSize: 8) } == [0..<248, 248..<496, 496..<744, 744..<1000])
  }

  @Test("A shard's text is its index, from 0, and the count")
  func text() throws {
    #expect(try Shard(parsing: "2/8").description == "2/8")
    for text in ["", "2", "2/", "/8", "-1/8", "a/8", "1/0", "1/2/3", "1/99999999999999999999"] {
      #expect(throws: UsageError.self, "\(text)") { try Shard(parsing: text) }
    }
    let error = #expect(throws: UsageError.self) { try Shard(parsing: "4/4") }
    #expect(error?.description == "shard '4/4': shards are counted from 0; the last of 4 is 3/4")
  }
}
