#!/usr/bin/env python3
"""Makes the pictures of this folder and `expected.json`: what Pillow and tifffile read from them.
Needs pillow, numpy, tifffile, imagecodecs. Run it in this folder.

Samples in the JSON file are base64, rows first, channels interleaved, in the type that is named beside them.
"""
import base64, json

import numpy as np
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

json.dump(expected, open("expected.json", "w"), indent=1)
