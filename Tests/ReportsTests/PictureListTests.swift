import Foundation
import Images
import Testing

@testable import Reports

/// Folders, patterns and lists.
@Suite struct PictureListTests {
  private func paths(_ list: PictureList) throws -> [String] {
    let reader = list.reader()
    var paths = [String]()
    while let picture = try reader.next() {
      #expect(picture.place == paths.count)
      paths.append(picture.path)
    }
    return paths
  }

  @Test("A folder stands for the pictures at any depth, by name, without hidden files, results and loops")
  func folder() throws {
    let folder = try TestFolder()
    for name in [
      "b.png", "a/2.JPG", "a/1.jpeg", "a/deep/x.png", ".hidden.png", "notes.txt", "out/map.png", "c.png/d.png",
    ] {
      try folder.file(name, "")
    }
    try FileManager.default.createDirectory(atPath: folder("empty"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: folder("a/loop"), withDestinationPath: folder.path)
    let list = PictureList([folder.path], excluding: folder("out/"))
    #expect(try paths(list) == ["a/1.jpeg", "a/2.JPG", "a/deep/x.png", "b.png", "c.png/d.png"].map { folder($0) })
  }

  @Test("Arguments follow one another: patterns, lists, pictures")
  func mixture() throws {
    let folder = try TestFolder()
    for name in ["1.png", "2.png", "10.png", "x.jpg"] { try folder.file(name, "") }
    let list = try folder.file("list.csv", "path\ngone.png\n")
    #expect(
      try paths(PictureList([folder("x.jpg"), folder("[12]*.png"), list, folder("x.jpg")]))
        == ["x.jpg", "1.png", "10.png", "2.png", "gone.png", "x.jpg"].map { folder($0) })
  }

  @Test("A part of a list without pictures is refused by its name")
  func empty() throws {
    let folder = try TestFolder()
    let list = PictureList([try folder.file("a.png", ""), folder("*.jpg")])
    let error = #expect(throws: UsageError.self) { try paths(list) }
    #expect(error?.description == "\(folder("*.jpg")): expected \(ReadableFormat.names) pictures, found none")
  }

  @Test("A list's identity changes with paths, labels and targets, and with their order")
  func identity() throws {
    let folder = try TestFolder()
    func identity(_ rows: String) throws -> PictureList.Identity {
      try PictureList([try folder.file("list.csv", "path,label,target\n\(rows)")]).identity()
    }
    let first = try identity("/a.png,x,1\n/b.png,,\n")
    #expect(first.pictures == 2)
    #expect(try identity("/a.png,x,1\n/b.png,,\n") == first)
    for rows in ["/b.png,,\n/a.png,x,1\n", "/a.png,1,x\n/b.png,,\n", "/a.png,x,1\n/b.png,y,\n", "/a.png,x,1\n"] {
      #expect(try identity(rows) != first)
    }
  }
}
