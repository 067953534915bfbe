#!/usr/bin/env python3
"""Makes pixels.safetensors: the methods of pixels by Captum, on the demonstration models and two scenes.

RISE is written from the paper's equation 3, guided backpropagation through GELU from its rule; Captum has neither. Noise and
masks are those of VitCAM: functions of a seed and a place in splitmix64's stream, written down here once more.

Tensors are named MODEL/METHOD, 2×16×16: every sixth row and column from the second on. Targets are 5 and 2.
"""
import numpy as np
import torch
from captum.attr import (GuidedBackprop, GuidedGradCam, InputXGradient, IntegratedGradients, Occlusion, Saliency)
from torch import nn

from demonstration import scene, trained
from make_parity import FOLDER, safetensors

SCENES, TARGETS = ("scene-20.png", "scene-12.png"), (5, 2)
STEPS, SAMPLES, NOISE, MASKS, CELLS = 10, 4, 0.15, 40, 7
SIDE, STEP = 20, 12


# MARK: Chance

def uniforms(seed: int, first: int, count: int) -> np.ndarray:
    """The values of a stream from a place on, between 0 and 1."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(first + 1, first + count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(12)).astype(np.float64) + 0.5) / 2**52


def noisy(x: torch.Tensor, sample: int) -> torch.Tensor:
    pairs = uniforms(7, 2 * sample * x.numel(), 2 * x.numel()).reshape(-1, 2)
    normal = np.sqrt(-2 * np.log(pairs[:, 0])) * np.cos(2 * np.pi * pairs[:, 1])
    deviation = NOISE * float(x.max() - x.min())
    return x + torch.from_numpy((deviation * normal).astype(np.float32)).reshape(x.shape)


def mask(number: int, size: int) -> torch.Tensor:
    """RISE, section 3.2: a small grid, enlarged by a cell more than the picture, and cut out."""
    chance = uniforms(7, number * (CELLS * CELLS + 2), CELLS * CELLS + 2)
    grid = torch.from_numpy((chance[:-2] < 0.5).astype(np.float32)).reshape(1, 1, CELLS, CELLS)
    side = -(-size // CELLS)
    large = nn.functional.interpolate(grid, size=((CELLS + 1) * side,) * 2, mode="bilinear", align_corners=False)[0, 0]
    top, left = (int(value * side) for value in chance[-2:])
    return large[top:top + size, left:left + size]


# MARK: What Captum does not have

class GuidedGELU(nn.Module):
    """GELU whose gradient goes back where it is positive and where the input is."""

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            return nn.functional.gelu(x)

        @staticmethod
        def backward(context, gradient):
            x = context.saved_tensors[0].detach().requires_grad_()
            with torch.enable_grad():
                derivative, = torch.autograd.grad(nn.functional.gelu(x).sum(), x)
            return gradient.clamp(min=0) * derivative * (x > 0)

    def forward(self, x):
        return self.Function.apply(x)


def guided_transformer(name: str, x: torch.Tensor, target: int) -> torch.Tensor:
    model = trained(name)
    for block in model.blocks:
        block.mlp.act = GuidedGELU()
    x = x.clone().requires_grad_()
    return torch.autograd.grad(model(x)[0, target], x)[0]


def rise(model, x: torch.Tensor, target: int) -> torch.Tensor:
    """Equation 3 with the mean of the masks themselves in place of the expected one, less the mean score."""
    masks = torch.stack([mask(number, x.shape[-1]) for number in range(MASKS)])
    with torch.no_grad():
        scores = torch.stack([model(x * one)[0, target] for one in masks])
    return (scores[:, None, None] * masks).sum(0) / masks.sum(0) - scores.mean()


# MARK: Maps

def contributions(attribution: torch.Tensor) -> torch.Tensor:
    return attribution.detach()[0].sum(0)


def magnitudes(attribution: torch.Tensor) -> torch.Tensor:
    return attribution.detach()[0].abs().sum(0)


def explain(name: str, x: torch.Tensor, target: int) -> dict[str, torch.Tensor]:
    model = trained(name)
    for part in model.modules():
        if isinstance(part, nn.ReLU):
            part.inplace = False
    gradients = [Saliency(model).attribute(noisy(x, sample).requires_grad_(), target=target, abs=False)
                 for sample in range(SAMPLES)]
    maps = {
        "inputxgradient": contributions(InputXGradient(model).attribute(x.clone().requires_grad_(), target=target)),
        "integratedgradients": contributions(IntegratedGradients(model).attribute(
            x, target=target, n_steps=STEPS, method="riemann_middle")),
        "smoothgrad": magnitudes(sum(gradients) / SAMPLES),
        "occlusion": Occlusion(model).attribute(
            x, (3, SIDE, SIDE), strides=(3, STEP, STEP), target=target)[0, 0].detach(),
        "rise": rise(model, x, target),
    }
    if name == "demo_resnet":
        maps["guidedbackprop"] = magnitudes(
            GuidedBackprop(model).attribute(x.clone().requires_grad_(), target=target))
        maps["guidedgradcam"] = magnitudes(GuidedGradCam(model, model.layer4[-1]).attribute(
            x.clone().requires_grad_(), target=target, interpolate_mode="bilinear"))
    else:
        maps["guidedbackprop"] = magnitudes(guided_transformer(name, x, target))
    return maps


def main():
    torch.set_num_threads(1)
    store = {}
    for name in ("demo_resnet", "demo_vit"):
        maps = [explain(name, scene(picture), target) for picture, target in zip(SCENES, TARGETS)]
        for method in maps[0]:
            store[f"{name}/{method}"] = torch.stack([one[method] for one in maps])[:, 1::6, 1::6].numpy()
            print(name, method, float(maps[0][method].min()), float(maps[0][method].max()))
    content = safetensors(store, {})
    (FOLDER / "pixels.safetensors").write_bytes(content)
    print(len(content), "bytes")


if __name__ == "__main__":
    main()
