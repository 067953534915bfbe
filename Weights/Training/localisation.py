"""Measures how well the reference (pytorch-grad-cam) points at the named object with these models.

    localisation.py NAME...        for example: localisation.py vit resnet

For each object of 40 two-object scenes that no model has seen (seed 77): does the map's maximum lie in the object's
mask, and which share of the map's mass does? Maps are at the picture's resolution, as the reference returns them.
"""
import sys
from pathlib import Path

import numpy as np
import timm
import torch
from pytorch_grad_cam import GradCAM, GradCAMElementWise, GradCAMPlusPlus, HiResCAM, LayerCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from safetensors.torch import load_file

import scenes
from train import MODELS, normalised

METHODS = {"gradcam": GradCAM, "hirescam": HiResCAM, "layercam": LayerCAM, "gradcam++": GradCAMPlusPlus,
           "elementwise": GradCAMElementWise}


def from_tokens(x):
    """B x (1 + 144) x C -> B x C x 12 x 12."""
    return x[:, 1:].reshape(len(x), 12, 12, -1).permute(0, 3, 1, 2)


def channels_first(x):
    """B x H x W x C -> B x C x H x W."""
    return x.permute(0, 3, 1, 2)


def from_square(x):
    """B x (H*H) x C -> B x C x H x H."""
    side = int(x.shape[1] ** .5)
    return x.reshape(len(x), side, side, -1).permute(0, 3, 1, 2)


# Per model: how a layer's tokens become a map, and the layers to look at.
LAYERS = {
    "vit": (from_tokens, {f"blocks[{i}].norm1": lambda model, i=i: model.blocks[i].norm1 for i in (-1, -2, -3)}),
    "resnet": (None, {"layer4[-1]": lambda model: model.layer4[-1], "layer3[-1]": lambda model: model.layer3[-1]}),
    "swin": (channels_first, {"layers[-1].blocks[-1].norm1": lambda model: model.layers[-1].blocks[-1].norm1,
                              "layers[-1].blocks[-2].norm1": lambda model: model.layers[-1].blocks[-2].norm1}),
    "pvt_v2": (from_square, {"stages[-1].blocks[-1].norm1": lambda model: model.stages[-1].blocks[-1].norm1}),
}


def localisation(model, layer, reshape, method, pictures, masks):
    """Share of maximums inside the object's mask, and the mean share of the mass, over all named objects."""
    hits, masses = [], []
    with METHODS[method](model=model, target_layers=[layer], reshape_transform=reshape) as explain:
        for picture, objects in zip(pictures, masks):
            for index, mask in objects.items():
                heat = explain(input_tensor=picture[None].clone(), targets=[ClassifierOutputTarget(index)])[0]
                inside = mask > .5
                hits.append(bool(inside.flat[heat.argmax()]) and bool(heat.max() > 0))
                masses.append(float(heat[inside].sum() / heat.sum()) if heat.sum() > 0 else 0.0)
    return np.mean(hits), np.mean(masses)


def main(names):
    torch.set_num_threads(2)
    timm.layers.set_fused_attn(False)
    rng = np.random.default_rng(77)
    drawn = [scenes.scene_with(rng, 2) for _ in range(40)]
    pictures = normalised(torch.from_numpy(np.stack([picture for picture, _ in drawn])))
    masks = [objects for _, objects in drawn]
    print("| model, layer | " + " | ".join(METHODS) + " |\n" + "|---" * (len(METHODS) + 1) + "|")
    for name in names:
        model = MODELS[name]().eval()
        model.load_state_dict(load_file(Path(__file__).parents[1] / f"demo_{name}.safetensors"))
        reshape, layers = LAYERS[name]
        for label, find in layers.items():
            cells = []
            for method in METHODS:
                hit, mass = localisation(model, find(model), reshape, method, pictures, masks)
                cells.append(f"{hit:.2f}/{mass:.2f}".replace("0.", "."))
            print(f"| {name} {label} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
