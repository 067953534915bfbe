"""Writes what the project ships beside its models.

    export.py scenes FOLDER                    24 held-out scenes, their object masks and scenes.json
    export.py weights NAME IN.safetensors OUT.safetensors    the same tensors, with the model's metadata

The metadata (safetensors' own map from string to string) is where vitcam reads the architecture, the class names and
the preprocessing from. Needs the packages in requirements.txt.
"""
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.torch import load_file, save_file

import scenes

# The scenes were drawn as 24 with one object, then 24 with two; the first 12 of either kind are shipped.
DRAWN, SHIPPED = 24, 12


def metadata(name):
    """What a checkpoint says about itself, all strings."""
    return {
        "architecture": f"demo_{name}",
        "classes": ",".join(scenes.CLASSES),
        "mean": "0.5,0.5,0.5",
        "std": "0.5,0.5,0.5",
        "image_size": str(scenes.SIZE),
    }


def save_weights(name, tensors, path):
    """Writes tensors (contiguous, as they are) with the model's metadata."""
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, path, metadata=metadata(name))


def write_scene(folder, name, picture, masks):
    """Writes one picture and a mask per object; returns its entry of scenes.json."""
    Image.fromarray(picture).save(folder / f"{name}.png", optimize=True)
    objects = []
    for index, mask in masks.items():
        rows, columns = np.nonzero(mask > .5)
        mask_name = f"{name}-{scenes.CLASSES[index]}.png"
        Image.fromarray((mask * 255).astype(np.uint8)).save(folder / mask_name, optimize=True)
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        objects.append({"class": index, "label": scenes.CLASSES[index], "mask": mask_name, "box": [int(edge) for edge in box]})
    return {"file": f"{name}.png", "objects": objects}


def export_scenes(folder):
    """Draws the held-out scenes and keeps the first ones of either kind, numbered from 00."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    listing = []
    for wanted in (1, 2):
        for drawn in range(DRAWN):
            picture, masks = scenes.scene_with(rng, wanted)
            if drawn < SHIPPED:
                listing.append(write_scene(folder, f"scene-{len(listing):02d}", picture, masks))
    (folder / "scenes.json").write_text(json.dumps({"classes": scenes.CLASSES, "scenes": listing}, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "scenes":
        export_scenes(sys.argv[2])
    else:
        _, _, name, source, target = sys.argv
        save_weights(name, load_file(source), target)
