#!/usr/bin/env python3
"""Makes bitmaps.json: tiny BMP, GIF and PNM files with the samples that Pillow reads from them.

    make_bitmaps.py            needs numpy, Pillow
"""
import base64
import io
import json
import os
import struct

import numpy as np
from PIL import Image

rng = np.random.default_rng(16)
height, width = 5, 7
color = rng.integers(0, 256, (height, width, 3), np.uint8)
gray = rng.integers(0, 256, (height, width), np.uint8)
cases = {}


def add(name, data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    deep = picture.mode in ("I", "I;16", "I;16B", "F")
    samples = np.asarray(picture if deep else picture.convert("RGB"))
    cases[name] = dict(file=base64.b64encode(data).decode(), size=[picture.height, picture.width], deep=deep,
                       samples=[float(v) for v in samples.ravel()] if deep else samples.ravel().tolist())


def saved(name, picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    add(name, file.getvalue())


def bitmap(bits, compression, data, extra=b"", top_down=False, palette=b""):
    start = 54 + len(extra) + len(palette)
    return (struct.pack("<2sIHHI", b"BM", start + len(data), 0, 0, start)
            + struct.pack("<IiiHHIIiiII", 40, width, -height if top_down else height, 1, bits, compression, len(data), 0, 0,
                          len(palette) // 4, 0) + extra + palette + data)


saved("gray.bmp", Image.fromarray(gray), "BMP")
saved("one-bit.bmp", Image.fromarray(gray > 128), "BMP")
saved("palette.bmp", Image.fromarray(color).quantize(9), "BMP")
saved("color.bmp", Image.fromarray(color), "BMP")
saved("alpha.bmp", Image.fromarray(np.dstack([color, gray])), "BMP")
rows = rng.integers(0, 65536, (height, 8), np.uint16)
add("fields565.bmp", bitmap(16, 3, rows.tobytes(), struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
add("fields555.bmp", bitmap(16, 0, rows.tobytes(), top_down=True))
palette = b"".join(bytes([*v, 0]) for v in rng.integers(0, 256, (16, 3), np.uint8).tolist())
runs = bytes([3, 5, 0, 4, 1, 2, 3, 4, 0, 0, 7, 9, 0, 0, 2, 1, 0, 2, 1, 1, 3, 8, 0, 0, 7, 15, 0, 1])
add("run-length.bmp", bitmap(8, 1, runs, palette=palette))
add("four-bit.bmp", bitmap(4, 0, rng.integers(0, 256, (height, 4), np.uint8).tobytes(), palette=palette))

saved("palette.gif", Image.fromarray(color).quantize(16), "GIF", interlace=0)
saved("interlaced.gif", Image.fromarray(np.tile(color, (4, 1, 1))).quantize(16), "GIF", interlace=1)
saved("gray.gif", Image.fromarray(gray), "GIF")

saved("color.ppm", Image.fromarray(color), "PPM")
saved("gray.pgm", Image.fromarray(gray), "PPM")
saved("one-bit.pbm", Image.fromarray(gray > 128), "PPM")
saved("deep.pgm", Image.fromarray(gray.astype(np.uint16) * 251), "PPM")
add("text.ppm", b"P3 # made by hand\n2 2\n100\n0 50 100  1 2 3\n99 98 97 33 66 # more\n100\n")
add("text.pbm", b"P1\n7 2\n1010101 0 1 0 1 1 1 0\n")
add("maximum.pgm", b"P5 3 2 100\n" + bytes([0, 1, 50, 99, 100, 33]))
floats = rng.uniform(0, 1, (height, width)).astype("<f4")
add("floats.pfm", b"Pf\n7 5\n-1.0\n" + floats.tobytes())

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "bitmaps.json"), "w") as file:
    file.write(json.dumps(cases).replace('}, "', '},\n"') + "\n")
print(len(cases), "pictures")
