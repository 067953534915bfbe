#!/usr/bin/env python3
"""Writes the names of ImageNet-1k's classes, as WordNet has them, from timm's tables: needs `pip install timm`."""
import os

from timm.data import ImageNetInfo

info = ImageNetInfo()
names = [info.index_to_description(index) for index in range(1000)]
assert len(names) == 1000 and all('"' not in name and "\\" not in name for name in names)
path = os.path.join(os.path.dirname(__file__), "../../Sources/Architectures/Labels/ImageNetClasses.swift")
with open(path, "w") as file:
    file.write('''/// The names of ImageNet-1k's 1000 classes: WordNet's, in the order of the outputs.
///
/// Written by `Scripts/tables/imagenet_classes.py`; not to be edited.
enum ImageNetClasses {
  /// The names of a class, with commas between them.
  static let names = text.split(separator: "\\n").map(String.init)

  private static let text = """
''')
    file.writelines(f"    {name}\n" for name in names)
    file.write('    """\n}\n')
