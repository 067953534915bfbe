#!/usr/bin/env python3
"""Makes the pictures of this folder and `expected.json`: what Pillow and tifffile read from them.
Needs pillow, numpy, tifffile, imagecodecs. Run it in this folder.

Samples in the JSON file are base64, rows first, channels interleaved, in the type that is named beside them.
"""
import base64, json, struct

import numpy as np
import tifffile
from PIL import Image, ImageOps

expected = []
random = np.random.default_rng(16)
H, W = 7, 11


def scene(channels):
    """Values in 0...1: gradients, an edge and noise."""
    y, x, c = np.mgrid[0:H, 0:W, 0:channels]
    values = 0.5 + 0.4 * np.sin(0.5 * x + c) * np.cos(0.4 * y - c)
    values[2:5, 3:8] = 0.9 - 0.35 * c[2:5, 3:8]
    return np.clip(values + 0.05 * random.standard_normal(values.shape), 0, 1)


def expect(file, samples, low=0, high=255):
    """Records what decoding gives: height × width × channels, and the values that mean black and white."""
    samples = np.ascontiguousarray(samples).reshape(*samples.shape[:2], -1)
    expected.append(dict(
        file=file, height=samples.shape[0], width=samples.shape[1], channels=samples.shape[2], low=low, high=high,
        type=samples.dtype.name, samples=base64.b64encode(samples.tobytes()).decode()))


def expect_pillow(file, mode="RGB"):
    expect(file, np.asarray(ImageOps.exif_transpose(Image.open(file)).convert(mode)))


# ------------------------------------------------------------------------------------------------------------ WebP

color = Image.fromarray(np.uint8(scene(3) * 255))
alpha = Image.fromarray(np.uint8(scene(4) * 255), "RGBA")
exif = Image.Exif()
exif[0x0112] = 6
color.save("lossy.webp", quality=80)
color.save("lossless.webp", lossless=True)
alpha.save("lossy-alpha.webp", quality=80)
alpha.save("lossless-alpha.webp", lossless=True, exact=True)
color.save("turned.webp", lossless=True, exif=exif)
color.save("moving.webp", save_all=True, append_images=[color.rotate(180)], lossless=True)  # refused
for name in ("lossy", "lossless", "lossy-alpha", "lossless-alpha", "turned"):
    expect_pillow(f"{name}.webp")

# ------------------------------------------------------------------------------------------------------------ TIFF


def stored(bits, channels, kind="u"):
    """The scene in integers of so many bits."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind == "i" else (0, 2**bits - 1)
    size = next(size for size in (8, 16, 32) if size >= bits)
    return np.round(low + scene(channels) * (high - low)).astype(f"{kind}{size // 8}")


def tiff(name, array, **more):
    tifffile.imwrite(f"{name}.tif", array, metadata=None, software=False, **more)


def expect_tiff(name, low, high, array=None):
    """What tifffile reads, whose numbers become floats where they are signed or have more than 16 bits."""
    read = tifffile.imread(f"{name}.tif")
    if array is not None:
        assert np.array_equal(read, array)
    expect(f"{name}.tif", read if read.dtype in (np.uint8, np.uint16) else read.astype(np.float32), low, high)


def packed(name, rows, bits):
    """A file of one strip with bits that tifffile does not write."""
    entries = [(256, 4, W), (257, 4, H), (258, 3, bits), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 4, H),
               (279, 4, rows.size)]
    data = b"II*\0" + struct.pack("<I", 8 + rows.size + rows.size % 2) + rows.tobytes() + b"\0" * (rows.size % 2)
    data += struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", tag, kind, 1, v) for tag, kind, v in entries)
    open(f"{name}.tif", "wb").write(data + bytes(4))


for bits in (1, 2, 4):
    gray = stored(bits, 1)[..., 0]
    places = np.unpackbits(gray[..., None], axis=2)[..., 8 - bits:].reshape(H, -1)
    packed(f"gray{bits}", np.packbits(places, axis=1), bits)
    expect_pillow(f"gray{bits}.tif", "L")
gray24 = stored(24, 1)[..., 0]
packed("unsigned24", gray24.astype("<u4")[..., None].view(np.uint8)[..., :3], 24)
expect("unsigned24.tif", gray24.astype(np.float32), 0, 2**24 - 1)
for bits in (8, 16, 32):
    for kind, word in (("u", "unsigned"), ("i", "signed")):
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind == "i" else (0, 2**bits - 1)
        gray = stored(bits, 1, kind)[..., 0]
        tiff(f"{word}{bits}", gray, byteorder="<" if kind == "u" else ">")
        expect_tiff(f"{word}{bits}", low, high, gray)
gray12 = stored(12, 1)[..., 0]
tiff("unsigned12", gray12, bitspersample=12)
expect("unsigned12.tif", gray12, 0, 4095)
for bits in (16, 32, 64):
    values = scene(1)[..., 0].astype(f"f{bits // 8}")
    tiff(f"float{bits}", values, byteorder=">" if bits == 64 else "<")
    expect_tiff(f"float{bits}", 0, 1, values)
values = (scene(1)[..., 0] * 3000 - 1000).astype(np.float32)
tiff("float-predicted", values, compression="deflate", predictor=3)
expect_tiff("float-predicted", float(values.min()), float(values.max()), values)
white = stored(8, 1)[..., 0]
tiff("white8", white, photometric="miniswhite")
expect("white8.tif", 255 - white)
white = stored(16, 1)[..., 0]
tiff("white16", white, photometric="miniswhite")
expect("white16.tif", 65535 - white, 0, 65535)

color = stored(8, 3)
deep = stored(16, 4)
for name, array, more in (
    ("rgb8", color, dict(compression="lzw", predictor=True, rowsperstrip=2)),
    ("planar8", np.moveaxis(color, 2, 0), dict(planarconfig="separate", rowsperstrip=3, compression="packbits")),
    ("tiled8", color, dict(tile=(16, 16), compression="deflate")),
    ("zstd8", color, dict(compression="zstd")),
    ("big8", color, dict(bigtiff=True)),
):
    tiff(name, array, photometric="rgb", **more)
    expect(f"{name}.tif", color)
tiff("rgba16", deep, photometric="rgb", extrasamples=["unassalpha"], byteorder=">")
expect("rgba16.tif", deep[..., :3], 0, 65535)
tiff("tiled-planar16", np.moveaxis(deep, 2, 0), photometric="rgb", planarconfig="separate", tile=(16, 16),
     extrasamples=["unspecified"])
expect("tiled-planar16.tif", deep[..., :3], 0, 65535)
tiff("channels5", stored(8, 5), photometric="minisblack", planarconfig="contig")
expect("channels5.tif", tifffile.imread("channels5.tif")[..., 0])
numbers = np.uint8(scene(1)[..., 0] * 15)
palette = random.integers(0, 65536, (3, 256)).astype(np.uint16)
tiff("palette8", numbers, photometric="palette", colormap=palette)
expect_pillow("palette8.tif")
Image.fromarray(stored(8, 4), "CMYK").save("cmyk8.tif", compression="tiff_lzw")
expect_pillow("cmyk8.tif")
Image.fromarray(color).save("jpeg.tif", compression="jpeg", quality=80)
expect_pillow("jpeg.tif")
Image.fromarray(np.uint8(scene(1)[..., 0] > 0.5) * 255).convert("1").save("fax.tif", compression="group4")
expect_pillow("fax.tif", "L")
for orientation in (2, 6):
    tiff(f"turned{orientation}", color, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
    expect_pillow(f"turned{orientation}.tif")
with tifffile.TiffWriter("pages.tif") as pages:
    for page in range(3):
        array = stored(8, 1)[..., 0] if page != 1 else stored(16, 1)[:3, :4, 0]
        pages.write(array, metadata=None, software=False)
        expect(f"pages.tif[{page}]", array, 0, 255 if page != 1 else 65535)
lab = stored(8, 3)
tiff("lab8", lab, photometric="cielab")  # refused

json.dump(expected, open("expected.json", "w"), indent=1)
