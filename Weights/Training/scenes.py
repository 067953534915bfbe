"""Rendered scenes with exact object masks: the data of the demonstration models.

A scene is a 96x96 RGB picture: a gray textured ground, up to three gray distractor bars, and one or two objects in
saturated colors. An object is one of ten shapes, 28 to 53 pixels wide, turned by up to 25 degrees. Color says nothing
about the class; only shape does. Two objects of one scene never share a class and do not overlap.
"""
import colorsys
import math

import numpy as np
from PIL import Image, ImageDraw

SIZE = 96
CLASSES = ["circle", "square", "triangle", "star", "cross", "ring", "crescent", "heart", "hexagon", "arrow"]


def _polygon(corners, inner=None):
    count = corners * 2 if inner else corners
    points = []
    for i in range(count):
        radius = inner if inner and i % 2 else 1.0
        angle = -math.pi / 2 + 2 * math.pi * i / count
        points.append((radius * math.cos(angle), radius * math.sin(angle)))
    return points


def shape_mask(name, size, degrees):
    """Coverage of one shape in [0, 1], size x size, drawn four times larger and reduced."""
    n = size * 4
    image = Image.new("L", (n, n), 0)
    draw = ImageDraw.Draw(image)

    def fill(points):
        draw.polygon([(n / 2 * (1 + 0.95 * x), n / 2 * (1 + 0.95 * y)) for x, y in points], fill=255)

    def disk(left, top, right, bottom, value=255):
        draw.ellipse([n * left, n * top, n * right, n * bottom], fill=value)

    if name == "circle":
        disk(.04, .04, .96, .96)
    elif name == "square":
        draw.rectangle([n * .12, n * .12, n * .88, n * .88], fill=255)
    elif name == "triangle":
        fill(_polygon(3))
    elif name == "star":
        fill(_polygon(5, inner=.42))
    elif name == "cross":
        draw.rectangle([n * .36, n * .05, n * .64, n * .95], fill=255)
        draw.rectangle([n * .05, n * .36, n * .95, n * .64], fill=255)
    elif name == "ring":
        disk(.04, .04, .96, .96)
        disk(.28, .28, .72, .72, 0)
    elif name == "crescent":
        disk(.04, .04, .96, .96)
        disk(.34, -.02, 1.14, .78, 0)
    elif name == "heart":
        t = np.linspace(0, 2 * math.pi, 80)
        x = 16 * np.sin(t) ** 3 / 17
        y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 17
        fill(list(zip(x, y)))
    elif name == "hexagon":
        fill(_polygon(6))
    elif name == "arrow":
        fill([(0, -1), (.8, -.1), (.3, -.1), (.3, 1), (-.3, 1), (-.3, -.1), (-.8, -.1)])
    turned = image.rotate(degrees, resample=Image.BILINEAR)
    return np.asarray(turned.resize((size, size), Image.LANCZOS), dtype=np.float32) / 255


def texture(rng):
    """A gray ground of one of three kinds (clouds, stripes, noise) with a faint tint, SIZE x SIZE x 3 in [0, 1]."""
    first = np.clip(rng.uniform(.1, .9) + rng.uniform(-.04, .04, 3), 0, 1)
    kind = rng.integers(0, 3)
    if kind == 0:
        coarse = rng.uniform(0, 255, (rng.integers(3, 12),) * 2).astype(np.uint8)
        mix = np.asarray(Image.fromarray(coarse).resize((SIZE, SIZE), Image.BICUBIC), dtype=np.float32) / 255
    elif kind == 1:
        y, x = np.mgrid[:SIZE, :SIZE]
        angle = rng.uniform(0, math.pi)
        mix = .5 + .5 * np.sin((x * math.cos(angle) + y * math.sin(angle)) * rng.uniform(.1, .6) + rng.uniform(0, 6))
    else:
        mix = rng.uniform(0, 1, (SIZE, SIZE))
    second = np.clip(rng.uniform(.1, .9) + rng.uniform(-.04, .04, 3), 0, 1)
    return (first * (1 - mix[..., None]) + second * mix[..., None]).astype(np.float32)


def scene(rng, objects=None):
    """Returns (picture uint8 96x96x3, {class index: mask float32 96x96})."""
    picture = texture(rng) * .8 + .1
    objects = objects or (1 if rng.uniform() < .6 else 2)
    chosen = rng.choice(len(CLASSES), objects, replace=False)
    for _ in range(rng.integers(0, 4)):
        x, y = rng.integers(0, SIZE, 2)
        width, height = rng.integers(2, 20, 2)
        picture[y:y + height, x:x + width] = rng.uniform(0, 1)
    masks, placed = {}, []
    for index in chosen:
        for _ in range(50):
            size = int(rng.integers(28, 54))
            x, y = rng.integers(0, SIZE - size, 2)
            cx, cy = x + size / 2, y + size / 2
            if all(abs(cx - a) > (size + b) / 2 or abs(cy - c) > (size + b) / 2 for a, c, b in placed):
                break
        else:
            continue
        placed.append((cx, cy, size))
        coverage = shape_mask(CLASSES[index], size, rng.uniform(-25, 25))
        color = np.array(colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(.65, 1), rng.uniform(.55, 1)))
        filling = color * .88 + texture(rng)[:size, :size] * .12
        here = (slice(y, y + size), slice(x, x + size))
        picture[here] = picture[here] * (1 - coverage[..., None]) + filling * coverage[..., None]
        masks[int(index)] = np.zeros((SIZE, SIZE), np.float32)
        masks[int(index)][here] = coverage
    picture = np.clip(picture + rng.normal(0, .03, picture.shape), 0, 1)
    return (picture * 255).astype(np.uint8), masks


def scene_with(rng, objects):
    """A scene with exactly this many objects (the second one does not always find room)."""
    while True:
        picture, masks = scene(rng, objects)
        if len(masks) == objects:
            return picture, masks


def dataset(count, seed, with_class_map=False):
    """Pictures uint8 N x 96 x 96 x 3 and multi-hot labels float32 N x 10.

    With a class map, also uint8 N x 96 x 96: 0 where nothing is, class index + 1 where an object covers the pixel.
    """
    rng = np.random.default_rng(seed)
    pictures = np.zeros((count, SIZE, SIZE, 3), np.uint8)
    labels = np.zeros((count, len(CLASSES)), np.float32)
    class_maps = np.zeros((count if with_class_map else 0, SIZE, SIZE), np.uint8)
    for i in range(count):
        pictures[i], masks = scene(rng)
        labels[i, list(masks)] = 1
        if with_class_map:
            for index, mask in masks.items():
                class_maps[i][mask > .5] = index + 1
    return (pictures, labels, class_maps) if with_class_map else (pictures, labels)
