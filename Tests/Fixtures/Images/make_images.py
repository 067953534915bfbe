#!/usr/bin/env python3
"""Makes the pictures of this folder and `expected.json`: what Pillow, OpenCV, timm, matplotlib and pytorch-grad-cam make
of them. Needs pillow, numpy, opencv-python, timm, torchvision, matplotlib, grad-cam. Run it in this folder.

Arrays in the JSON file are base64: uint8, little-endian uint16 or float32, rows first, channels interleaved (tensors:
planes). The PNG files are written by the encoder below, because Pillow writes neither Adam7 nor every depth; Pillow
reads them back as a check wherever it keeps their precision.
"""
import base64, io, json, math, struct, zlib

import cv2
import numpy as np
from PIL import Image, ImageOps

expected = {"pictures": [], "resizes": [], "tensors": [], "maps": [], "colorMaps": {}, "overlays": []}


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def scene(height, width, channels, seed=1):
    """Values in 0...1 with gradients, edges and noise."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for c in range(channels):
        plane = 0.5 + 0.3 * np.sin(0.25 * x + c) * np.cos(0.19 * y - c)
        plane[(x - width * 0.4) ** 2 + (y - height * 0.5) ** 2 < (0.3 * height) ** 2] = [0.95, 0.1, 0.4][c]
        planes.append(plane + 0.08 * random.standard_normal(plane.shape))
    return np.clip(np.stack(planes, axis=-1), 0, 1)


# ------------------------------------------------------------------------------------------------------------- PNG

def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def scanlines(samples, bits):
    """samples: height × width × channels -> packed scanlines, each behind filter type 0 (none)."""
    out = b""
    for row in samples:
        flat = row.reshape(-1)
        if bits == 16:
            data = flat.astype(">u2").tobytes()
        elif bits == 8:
            data = flat.astype(np.uint8).tobytes()
        else:
            places = np.unpackbits(flat.astype(np.uint8)[:, None], axis=1)[:, 8 - bits:]
            data = np.packbits(places.reshape(-1)).tobytes()
        out += b"\0" + data
    return out


def png(path, samples, bits, color, interlaced=False, extra=()):
    height, width = samples.shape[:2]
    if interlaced:
        data = b""
        for y0, x0, dy, dx in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
            part = samples[y0::dy, x0::dx]
            if part.size:
                data += scanlines(part, bits)
    else:
        data = scanlines(samples, bits)
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, int(interlaced))
    body = chunk(b"IHDR", header) + b"".join(chunk(n, d) for n, d in extra) + chunk(b"IDAT", zlib.compress(data, 9))
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b""))


def picture(path, samples, check=True):
    """Records what decoding has to give: height × width × channels, uint8 or uint16."""
    bits = samples.dtype.itemsize * 8
    if check:
        seen = np.asarray(Image.open(path).convert("RGB"))
        want = samples if samples.shape[2] == 3 else np.repeat(samples, 3, axis=2)
        assert np.array_equal(seen, want), path
    expected["pictures"].append(dict(
        file=path, height=samples.shape[0], width=samples.shape[1], channels=samples.shape[2], bits=bits,
        samples=text(samples)))


GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
H, W = 13, 19
for bits in (1, 2, 4, 8, 16):
    top = 2**bits - 1
    gray = np.round(scene(H, W, 1) * top).astype(np.uint16 if bits == 16 else np.uint8)
    whole = gray if bits >= 8 else (gray.astype(int) * 255 // top).astype(np.uint8)
    png(f"gray{bits}.png", gray, bits, GRAY)
    picture(f"gray{bits}.png", whole, check=bits != 16)
    png(f"gray{bits}-interlaced.png", gray, bits, GRAY, interlaced=True)
    picture(f"gray{bits}-interlaced.png", whole, check=bits != 16)
    if bits >= 8:
        color = np.round(scene(H, W, 3) * top).astype(gray.dtype)
        alpha = np.round(scene(H, W, 1, seed=2) * top).astype(gray.dtype)
        for name, kind, stored, kept in (
            ("rgb", RGB, color, color),
            ("rgba", RGBA, np.concatenate([color, alpha], axis=2), color),
            ("gray-alpha", GRAY_ALPHA, np.concatenate([gray, alpha], axis=2), gray),
        ):
            png(f"{name}{bits}.png", stored, bits, kind, interlaced=name == "rgba")
            picture(f"{name}{bits}.png", kept, check=bits == 8)
    if bits <= 8:
        count = min(2**bits, 200)
        palette = np.random.default_rng(3).integers(0, 256, (count, 3)).astype(np.uint8)
        index = np.round(scene(H, W, 1) * (count - 1)).astype(np.uint8)
        extra = [(b"PLTE", palette.tobytes()), (b"tRNS", bytes(range(min(count, 9))))]
        png(f"palette{bits}.png", index, bits, PALETTE, extra=extra, interlaced=bits == 4)
        picture(f"palette{bits}.png", palette[index[..., 0]])

gray = np.round(scene(H, W, 1) * 255).astype(np.uint8)
png("gray-transparent.png", gray, 8, GRAY, extra=[(b"tRNS", struct.pack(">H", int(gray[3, 3, 0])))])
picture("gray-transparent.png", gray)
Image.fromarray(np.round(scene(33, 41, 3) * 255).astype(np.uint8)).save("filtered.png")  # with all filter types
picture("filtered.png", np.asarray(Image.open("filtered.png")))
one = np.array([[[200, 30, 60]]], np.uint8)
png("one-pixel.png", one, 8, RGB)
picture("one-pixel.png", one)
strip = np.round(scene(1, 67, 3) * 255).astype(np.uint8)
png("strip.png", strip, 8, RGB, interlaced=True)
picture("strip.png", strip)
bomb = struct.pack(">IIBBBBB", 40000, 40000, 16, RGBA, 0, 0, 0)
open("bomb.png", "wb").write(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bomb) + chunk(b"IDAT", zlib.compress(bytes(9999), 9)) + chunk(b"IEND", b""))

# ------------------------------------------------------------------------------------------------------------ JPEG


def jpeg(path, upright=False):
    seen = Image.open(path)
    seen = ImageOps.exif_transpose(seen) if upright else seen
    array = np.asarray(seen.convert("RGB") if seen.mode != "L" else seen)
    picture(path, array.reshape(*array.shape[:2], -1), check=False)


color = Image.fromarray(np.round(scene(37, 53, 3) * 255).astype(np.uint8))
color.save("rgb.jpg", quality=90)
color.save("rgb444.jpg", quality=90, subsampling=0)
color.save("progressive.jpg", quality=90, progressive=True)
color.convert("L").save("gray.jpg", quality=90)
color.convert("CMYK").save("cmyk.jpg", quality=90)
data = bytearray(open("cmyk.jpg", "rb").read())
adobe = data.index(b"Adobe")
assert data[adobe + 11] == 0
data[adobe + 11] = 2  # the same numbers, now meant as YCCK
open("ycck.jpg", "wb").write(data)
Image.fromarray(one).save("one-pixel.jpg", quality=90)
for name in ("rgb", "rgb444", "progressive", "gray", "cmyk", "ycck", "one-pixel"):
    jpeg(f"{name}.jpg")
small = Image.fromarray(np.round(scene(16, 24, 3) * 255).astype(np.uint8))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x010F] = "maker"
    exif[0x0112] = orientation
    exif.endian = "<" if orientation % 2 else ">"
    small.save(f"orientation{orientation}.jpg", quality=90, exif=exif.tobytes())
    jpeg(f"orientation{orientation}.jpg", upright=True)

# ---------------------------------------------------------------------------------------------------------- Resize

FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
for file in ("rgb.jpg", "gray8.png"):
    for size in ((9, 13), (7, 30), (16, 80), (60, 11), (50, 44), (1, 1), (37, 20)):
        for name, method in FILTERS.items():
            array = np.asarray(Image.open(file).resize(size[::-1], method))
            expected["resizes"].append(dict(
                file=file, height=size[0], width=size[1], interpolation=name, samples=text(array)))

# --------------------------------------------------------------------------------------------------- Preprocessing


def tensor(file, size, interpolation, fraction, image=None, **more):
    from timm.data import create_transform
    transform = create_transform(
        (3, *size), interpolation=interpolation, crop_pct=fraction, crop_mode="squash" if more.get("squash") else "center")
    image = image or Image.open(file).convert("RGB")
    values = transform(image).numpy()
    expected["tensors"].append(dict(
        file=file, height=size[0], width=size[1], interpolation=interpolation, fraction=fraction,
        squash=more.get("squash", False), values=text(values.astype(np.float32))))


tensor("rgb.jpg", (16, 16), "bicubic", 0.875)
tensor("rgb.jpg", (16, 16), "bilinear", 0.875)
tensor("rgb.jpg", (17, 17), "bicubic", 0.9)
tensor("rgb.jpg", (40, 40), "bicubic", 1.0)
tensor("rgb.jpg", (12, 20), "bicubic", 0.95)
tensor("rgb.jpg", (25, 10), "bilinear", 0.9)
tensor("rgb.jpg", (20, 20), "bicubic", 1.3)
tensor("rgb.jpg", (19, 11), "bicubic", 1.25)
tensor("rgb.jpg", (4, 4), "bicubic", 1.1)
tensor("rgb.jpg", (16, 24), "bicubic", 1.0, squash=True)
tensor("gray8.png", (16, 16), "bicubic", 0.875)
tensor("strip.png", (8, 8), "bilinear", 1.0)
tensor("one-pixel.png", (8, 8), "bicubic", 0.875)

# Float throughout, from 16 bits: Pillow's mode F has no rounding between the passes.
wide = np.round(scene(H, W, 1) * 65535).astype(np.float32)[..., 0] / 65535
for window in (None, (20000, 45000)):
    plane = wide if window is None else np.clip((wide * 65535 - window[0]) / (window[1] - window[0]), 0, 1)
    plane = np.asarray(Image.fromarray(plane.astype(np.float32)).resize((13, 10), Image.Resampling.BICUBIC)).clip(0, 1)
    mean, std = (np.array(v, np.float32)[:, None, None] for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    expected["tensors"].append(dict(
        file="gray16.png", height=10, width=13, interpolation="bicubic", fraction=1, squash=True, window=window,
        values=text(((plane[None] - mean) / std).astype(np.float32))))

# ------------------------------------------------------------------------------------------------------------ Maps

MAPS = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}
heat = np.random.default_rng(5).random((5, 7), dtype=np.float32)
for size in ((40, 33), (5, 7), (3, 2), (14, 21), (1, 50)):
    for name, method in MAPS.items():
        expected["maps"].append(dict(
            height=size[0], width=size[1], interpolation=name, map=text(heat),
            values=text(cv2.resize(heat, size[::-1], interpolation=method))))

# ---------------------------------------------------------------------------------------------------------- Colors

import matplotlib

ramp = np.arange(256, dtype=np.uint8)
expected["colorMaps"]["jet"] = text(cv2.cvtColor(cv2.applyColorMap(ramp, cv2.COLORMAP_JET), cv2.COLOR_BGR2RGB))
for name in ("viridis", "turbo", "inferno", "gray", "coolwarm"):
    expected["colorMaps"][name] = text(matplotlib.colormaps[name](ramp, bytes=True)[:, :3])

from pytorch_grad_cam.utils.image import show_cam_on_image

view = np.asarray(color)[:30, :40]
heat = cv2.resize(heat, (40, 30))
heat = (heat - heat.min()) / (heat.max() - heat.min())
for weight in (0.5, 0.7):
    expected["overlays"].append(dict(
        height=30, width=40, picture=text(view), map=text(heat), imageWeight=weight,
        samples=text(show_cam_on_image(np.float32(view) / 255, heat, use_rgb=True, image_weight=weight))))

json.dump(expected, open("expected.json", "w"), indent=1)
