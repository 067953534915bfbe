#!/usr/bin/env python3
"""Writes channels.json: what Pillow and torchvision make of a small picture with alpha for models of 1, 2, 3 and 4 channels."""
import json, os
import numpy as np
import torchvision.transforms as T
from PIL import Image

HEIGHT, WIDTH = 13, 17


def sample(index):
    """The same formula stands in ChannelTests.swift."""
    return index * 7919 % 251


pixels = np.array([sample(i) for i in range(HEIGHT * WIDTH * 4)], "uint8").reshape(HEIGHT, WIDTH, 4)
picture = Image.fromarray(pixels, "RGBA")
cases = []
for mode, channels in [("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4)]:
    for size in [(HEIGHT, WIDTH), (6, 7)]:
        for filter in ["bilinear", "bicubic"]:
            mean = [0.1 * (c + 1) for c in range(channels)]
            std = [0.2 + 0.1 * c for c in range(channels)]
            transform = T.Compose([
                T.Resize(size, interpolation=T.InterpolationMode(filter)), T.ToTensor(), T.Normalize(mean, std)])
            values = transform(picture.convert(mode)).numpy().ravel()
            # A few places and the sum say whether all are right.
            cases.append(dict(
                channels=channels, height=size[0], width=size[1], filter=filter,
                sum=round(float(values.astype("float64").sum()), 3),
                values=[round(float(v), 5) for v in values[:: max(1, len(values) // 9)]]))
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "channels.json"), "w") as file:
    json.dump(cases, file, separators=(",", ":"))
