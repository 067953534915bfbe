#!/usr/bin/env python3
"""Compares the vitcam command with make_cam.py's references on trained weights, and prints the rows of Docs/parity.md.

For each model the methods' raw maps, from the same preprocessed tensor: the largest difference, relative to the largest
magnitude of the reference's map. It keeps nothing.

    python compare_cam.py VITCAM [--vit FILE] [--mobilenet FILE] [--photo FILE] [--demo NAME...]

FILE of --vit: timm's vit_tiny_patch16_224; of --mobilenet: timm's mobilenetv2_100 with pad_type='same'.
"""
import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytorch_grad_cam
import timm
import torch
from PIL import Image
from safetensors.torch import load_file

import make_cam
from demonstration import WEIGHTS
from make_cam import FAST, SMOOTHED, SUBJECTS, TRANSFORMER_BIASES, Subject, ZeroLayer, raw_map, tokens

UNSIGNED = ("eigencam", "eigengradcam")


def photo(path: str, size: int = 224, crop: float = 0.9) -> torch.Tensor:
    """A picture, its shorter side resized, the middle cut out, with mean and deviation 0.5."""
    image = Image.open(path).convert("RGB")
    scale = int(size / crop) / min(image.size)
    image = image.resize([round(side * scale) for side in image.size], Image.BICUBIC)
    left, top = (image.width - size) // 2, (image.height - size) // 2
    pixels = np.asarray(image.crop((left, top, left + size, top + size)), dtype=np.float32)
    return torch.from_numpy((pixels / 255 - 0.5) / 0.5).permute(2, 0, 1)[None].contiguous()


def references(subject: Subject, x: torch.Tensor, target: int) -> dict[str, np.ndarray]:
    """The raw maps of every method."""
    maps = {name: raw_map(kind, subject, x, target) for name, kind in FAST.items()}
    maps["finercam"] = raw_map(pytorch_grad_cam.FinerCAM, subject, x, target, target_idx=target)
    maps["ablationcam"] = raw_map(
        pytorch_grad_cam.AblationCAM, subject, x, target, ablation_layer=ZeroLayer(subject.channel_axis))
    maps["scorecam"] = raw_map(pytorch_grad_cam.ScoreCAM, subject, x, target, batch_size=16)
    maps["reciprocam"] = make_cam.reciprocam(subject, x, target)
    if subject.keeps_first or subject.channel_axis == 1:
        maps["fullgrad"] = make_cam.full_gradients(subject, x, target)
    if subject.averaged:
        maps["cam"] = make_cam.original_cam(subject, x, target)
    for name in SMOOTHED:
        maps[f"{name}-eigen-smooth"] = raw_map(FAST[name], subject, x, target, eigen_smooth=True)
    return maps


def found(command: str, subject: Subject, weights: Path, x: torch.Tensor, target: int, method: str) -> np.ndarray:
    """vitcam's raw map."""
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/x.npy", x.numpy())
        smoothed = method.removesuffix("-eigen-smooth")
        options = ["--eigen-smooth"] if smoothed != method else []
        subprocess.run(
            [command, "--arch", subject.architecture, "--weights", str(weights), "--tensor", f"{folder}/x.npy",
             "--layer", subject.layer, "--method", smoothed, "--target", str(target), "--save-raw", f"{folder}/raw.npy",
             "-o", f"{folder}/map.png", *options], check=True, stdout=subprocess.DEVNULL)
        return np.load(f"{folder}/raw.npy")[0]


def compare(command: str, subject: Subject, weights: Path, x: torch.Tensor, target: int) -> None:
    """Prints a line for each method."""
    for method, expected in references(subject, x, target).items():
        ours = found(command, subject, weights, x, target, method)
        if ours.shape != expected.shape:
            ours = ours[3::8, 3::8]
        if method == "ablationcam" and (ours * expected).sum() < 0:  # of a negative score
            expected = -expected
        if method == "reciprocam":  # vitcam's map begins at the lowest score
            expected, ours = expected - expected.min(), ours - ours.min()
        if (method in UNSIGNED or method.endswith("-eigen-smooth")) and (ours * expected).sum() < 0:
            expected = -expected
        worst = np.abs(ours - expected).max() / np.abs(expected).max()
        print(f"{subject.name} {subject.layer} {target} {method} {worst:.1e}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", metavar="VITCAM")
    parser.add_argument("--vit", metavar="FILE")
    parser.add_argument("--mobilenet", metavar="FILE")
    parser.add_argument("--photo", metavar="FILE")
    parser.add_argument("--demo", nargs="*", default=[], metavar="NAME")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    timm.layers.set_fused_attn(False)  # the fused form has no second derivative
    if arguments.vit:
        name = "vit_tiny_patch16_224"
        model = timm.create_model(name)
        model.load_state_dict(load_file(arguments.vit))
        x = photo(arguments.photo)
        with torch.no_grad():
            best = model.eval()(x)[0].argsort(descending=True)[:2].tolist()
        for layer, target in zip(("blocks[-1].norm1", "blocks[-3].norm1"), best):
            subject = Subject(
                name, name, model, layer, x, [target], tokens(14, 1), 2, keeps_first=True, biased=TRANSFORMER_BIASES)
            compare(arguments.command, subject, Path(arguments.vit), x, target)
    if arguments.mobilenet:
        name = "mobilenetv2_100"
        model = timm.create_model(name, pad_type="same")
        model.load_state_dict(load_file(arguments.mobilenet))
        x = photo(arguments.photo, crop=0.875)
        with torch.no_grad():
            best = model.eval()(x)[0].argsort(descending=True)[:2].tolist()
        for layer, target in zip(("blocks[-1]", "blocks[4]"), best):
            subject = Subject(
                name, f"{name}_same", model, layer, x, [target], None, 1, averaged="bn2", classifier="classifier")
            compare(arguments.command, subject, Path(arguments.mobilenet), x, target)
    for name in arguments.demo:
        subject = SUBJECTS[name]()
        for target in subject.targets:
            compare(arguments.command, subject, WEIGHTS / f"{name}.safetensors", subject.x[:1], target)


if __name__ == "__main__":
    main()
