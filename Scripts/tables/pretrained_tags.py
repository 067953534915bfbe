#!/usr/bin/env python3
"""pretrained_tags.py VITCAM: writes what pictures go through for each published set of weights of a model that VITCAM knows:
timm's tags, the default one first, and torchvision's. Needs `pip install timm torchvision`; nothing is downloaded."""
import os
import subprocess
import sys

import timm  # noqa: F401  (registers the models)
import torchvision
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD, IMAGENET_INCEPTION_MEAN, IMAGENET_INCEPTION_STD
from timm.data import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD
from timm.models import _registry

COLORS = {
    (IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD): "imagenet",
    (IMAGENET_INCEPTION_MEAN, IMAGENET_INCEPTION_STD): "half",
    (OPENAI_CLIP_MEAN, OPENAI_CLIP_STD): "clip",
    ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)): "none",
    ((0.48235, 0.45882, 0.40784), (1 / 255, 1 / 255, 1 / 255)): "caffe",
}


def line(name, tag, size, fit, filter, mean, std):
    return f"{name} {tag} {size} {fit} {filter} {COLORS[tuple(mean), tuple(std)]}"


def timm_lines(name):
    configurations = _registry._model_default_cfgs.get(name)
    for tag in configurations.tags if configurations else []:
        c = configurations.cfgs[tag]
        channels, height, width = c.input_size
        assert channels == 3 and height == width, (name, tag)
        assert c.crop_mode == "center" or (c.crop_mode == "squash" and c.crop_pct == 1), (name, tag)
        if tag:
            fit = "squash" if c.crop_mode == "squash" else f"{c.crop_pct:g}"
            yield line(name, tag, height, fit, c.interpolation, c.mean, c.std)


def torchvision_lines(name):
    if name not in torchvision.models.list_models(module=torchvision.models):
        return
    for weights in torchvision.models.get_model_weights(name):
        t = weights.transforms()
        (size,), (resized,) = t.crop_size, t.resize_size
        # Readers of the share round its reciprocal down; where rounding the share would lose a pixel, it is a bit smaller.
        share = f"{size / resized:.6g}"
        if int(size / float(share)) != resized:
            share = f"{size / resized - 5e-6:.6g}"
        assert int(size / float(share)) == resized
        yield line(name, weights.name, size, share, t.interpolation.value, t.mean, t.std)


listed = subprocess.run([sys.argv[1], "architectures"], capture_output=True, text=True, check=True).stdout
names = [text.split()[0] for text in listed.splitlines() if text.startswith("  ")]
lines = [text for name in names for text in [*timm_lines(name), *torchvision_lines(name)]]
path = os.path.join(os.path.dirname(__file__), "../../Sources/Architectures/Pretrained/PretrainedTags.swift")
with open(path, "w") as file:
    file.write('''/// What pictures go through for each set of weights that timm (lower case, the default one first) or torchvision (upper
/// case) has published: model, tag, size, share of the crop, filter, mean and standard deviation.
///
/// Written by `Scripts/tables/pretrained_tags.py`; not to be edited.
enum PretrainedTags {
  static let table = """
''')
    file.writelines(f"    {text}\n" for text in lines)
    file.write('    """\n}\n')
print(len(names), "models,", len(lines), "tags")
