#!/usr/bin/env python3
"""Makes measures.safetensors: what the measures of Sources/Explanations/Measures give for the same maps by the reference.

    make_measures.py        (torch, timm, grad-cam, scipy, pillow, safetensors)

Pictures are three shipped scenes, models two of the demonstration models, maps two layers' worth of 8-bit noise, so that
they have ties and agree to the last bit here and there.

ROAD and the drop in confidence are pytorch-grad-cam's (its noise switched off: it follows from nothing). Deletion and
insertion follow RISE's paper and its authors' kernel (`gaussian_filter` on 11 x 11, zero padding, trapezoid), equal
pixels in row order. Spearman is SciPy's; the structural similarity is computed from Wang et al.'s equation 13.
"""
from pathlib import Path
import sys

import numpy as np
import timm
import torch
from PIL import Image
from pytorch_grad_cam.metrics import arcc, cam_mult_image, road
from pytorch_grad_cam.metrics.perturbation_confidence import (
    PerturbationConfidenceMetric, RemoveLeastRelevantFirst, RemoveMostRelevantFirst)
from pytorch_grad_cam.utils.model_targets import ClassifierOutputSoftmaxTarget
from safetensors.numpy import save_file
from safetensors.torch import load_file
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr
from torch.nn import functional

FOLDER = Path(__file__).parent
WEIGHTS = FOLDER.parents[2] / "Weights"
sys.path.insert(0, str(WEIGHTS / "Training"))
from train import MODELS  # noqa: E402

SCENES = [("scene-03", 9), ("scene-12", 8), ("scene-20", 5)]
PERCENTILES = [10, 50, 90]


def picture(scene):
    pixels = np.asarray(Image.open(WEIGHTS / "Scenes" / f"{scene}.png").convert("RGB"), dtype=np.float32)
    return torch.from_numpy((pixels / 255 - .5) / .5).permute(2, 0, 1)[None]


def heatmap(seed):
    """A smooth random map of 256 levels, from 0 to 255."""
    rough = np.random.default_rng(seed).random((96, 96))
    smooth = gaussian_filter(rough, 6)
    smooth = np.maximum(smooth - np.median(smooth), 0)
    return np.round(smooth / smooth.max() * 255).astype(np.uint8)


def kernel(size=11, sigma=5):
    dirac = np.zeros((size, size))
    dirac[size // 2, size // 2] = 1
    plane = torch.from_numpy(gaussian_filter(dirac, sigma).astype(np.float32))
    return plane.expand(3, 1, size, size)


def curve(model, start, end, saliency, index, steps):
    """The softmax of the class while the pixels of one picture give way to those of another, most important first."""
    order = np.argsort(-saliency.ravel(), kind="stable")
    step = -(-order.size // steps)
    scores, mixed = [], start.clone()
    for k in range(-(-order.size // step) + 1):
        if k:
            chosen = order[(k - 1) * step:k * step]
            mixed.view(3, -1)[:, chosen] = end.view(3, -1)[:, chosen]
        with torch.no_grad():
            scores.append(float(model(mixed).softmax(1)[0, index]))
    return np.array(scores, dtype=np.float32)


def road_changes(model, x, saliency, index, kind):
    targets = [ClassifierOutputSoftmaxTarget(index)]
    metrics = [PerturbationConfidenceMetric(kind(p, road.NoisyLinearImputer(noise=0))) for p in PERCENTILES]
    return np.array([metric(x, saliency[None], targets, model)[0] for metric in metrics], dtype=np.float32)


def similarity(a, b):
    """Wang et al. 2004, equation 13, with their Gaussian window, over whole windows."""
    def mean(x):
        return gaussian_filter(x, 1.5, truncate=3.5, mode="constant")[5:-5, 5:-5]
    ma, mb, c1, c2 = mean(a), mean(b), .01 ** 2, .03 ** 2
    va, vb, cov = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    return np.mean((2 * ma * mb + c1) * (2 * cov + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2)))


def main():
    torch.set_num_threads(1)
    store = {}
    maps = [heatmap(seed) for seed in range(len(SCENES))]
    for seed, levels in enumerate(maps):
        store[f"map/{seed}"] = levels
    for name in ("resnet", "vit"):
        model = MODELS[name]().eval()
        model.load_state_dict(load_file(WEIGHTS / f"demo_{name}.safetensors"))
        for (scene, index), levels in zip(SCENES, maps):
            x, saliency, key = picture(scene), levels.astype(np.float32) / 255, f"{name}/{scene}"
            blurred = functional.conv2d(x, kernel(), padding=5, groups=3)
            store[f"{key}/deletion"] = curve(model, x, torch.zeros_like(x), saliency, index, 24)
            store[f"{key}/insertion"] = curve(model, blurred, x, saliency, index, 24)
            store[f"{key}/morf"] = road_changes(model, x, saliency, index, RemoveMostRelevantFirst)
            store[f"{key}/lerf"] = road_changes(model, x, saliency, index, RemoveLeastRelevantFirst)
            targets = [ClassifierOutputSoftmaxTarget(index)]
            store[f"{key}/drop"] = cam_mult_image.DropInConfidence()(x, saliency[None], targets, model)
            store[f"{key}/increase"] = cam_mult_image.IncreaseInConfidence()(x, saliency[None], targets, model)
    x = picture(SCENES[0][0])
    store["blurred"] = functional.conv2d(x, kernel(), padding=5, groups=3)[0, :, ::8, ::8].numpy()
    keep = torch.from_numpy(np.float32(maps[0] < np.percentile(maps[0], 60)))
    store["imputed"] = road.NoisyLinearImputer(noise=0)(x[0], keep)[:, ::6, ::6].numpy()
    a, b = (levels.astype(np.float32) / 255 for levels in maps[:2])
    numbers = [spearmanr(a.ravel(), b.ravel()).statistic, similarity(a.astype(float), b.astype(float)),
               (1 + arcc.batch_pearson_coherency(a[None], b[None])[0]) / 2, float(np.abs(a).mean())]
    store["agreement"] = np.array(numbers, dtype=np.float32)
    save_file({key: np.ascontiguousarray(value) for key, value in store.items()}, FOLDER / "measures.safetensors",
              {"scenes": ",".join(f"{scene}:{index}" for scene, index in SCENES), "percentiles": "10,50,90"})


if __name__ == "__main__":
    main()
