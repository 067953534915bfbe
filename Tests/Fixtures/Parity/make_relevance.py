#!/usr/bin/env python3
"""Makes relevance_NAME.safetensors: relevance at the input, raw, of models with deterministic weights and input.

`pip install zennit` (0.5.1) beside what make_parity.py needs; `python make_relevance.py [NAME...]`.

Convolutional networks: zennit's composites by their names here (`epsilon-plus-flat`), with its canonizers for batch norm and
residual additions, and one of this file's for MobileNetV2, which zennit has none for. Relevance starts as the logit.

Models that attend, ConvNeXt, EfficientNet: the rules written down once more for PyTorch, from the papers' equations, as changes
of its own backward pass: `recommended` (halved attention, constant norms and gates, gamma ½ in the layers listed as behind an
activation) and `conservative` (constant attention maps, norms and gates).

Tensors are named for the rule set, every fifth row and column from the third on. Metadata as in
make_parity.py.
"""
import sys
from contextlib import ExitStack
from unittest.mock import patch

import numpy as np
import timm
import torch
import torch.nn.functional as F
from timm.models._efficientnet_blocks import SqueezeExcite
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models.mobilenetv2 import InvertedResidual, MobileNetV2
from zennit.canonizers import AttributeCanonizer, CompositeCanonizer, SequentialMergeBatchNorm
from zennit.composites import EpsilonAlpha2Beta1, EpsilonGammaBox, EpsilonPlusFlat
from zennit.layer import Sum
from zennit.rules import Norm
from zennit.torchvision import ResNetCanonizer

from make_parity import FOLDER, Case, build, safetensors, uniform

MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


# MARK: zennit

class InvertedResidualCanonizer(AttributeCanonizer):
    """Residual additions of torchvision's MobileNetV2 as modules."""

    def __init__(self):
        super().__init__(self.attributes)

    @classmethod
    def attributes(cls, name, module):
        if not isinstance(module, InvertedResidual):
            return None
        return {"forward": cls.forward.__get__(module), "canonizer_sum": Sum()}

    @staticmethod
    def forward(self, x):
        if not self.use_res_connect:
            return self.conv(x)
        return self.canonizer_sum(torch.stack([x, self.conv(x)], dim=-1))


def canonizers(architecture: str) -> list:
    if "resnet" in architecture:
        return [ResNetCanonizer()]
    if "mobilenet" in architecture:
        return [CompositeCanonizer([SequentialMergeBatchNorm(), InvertedResidualCanonizer()])]
    return [SequentialMergeBatchNorm()]


# zennit puts 1e-6 beside residual sums too, which moves the maps by half a percent where a sum is as small; VitCAM does not.
SUMS = {"layer_map": [(Sum, Norm(1e-12))]}


def by_zennit(case: Case, model: nn.Module, x: torch.Tensor) -> dict[str, torch.Tensor]:
    if isinstance(model, MobileNetV2):
        # Its pooling is a function, to which zennit gives no rule.
        model = nn.Sequential(model.features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), model.classifier)
    bounds = [torch.from_numpy((value - MEAN) / DEVIATION).float()[None, :, None, None].expand_as(x) for value in (0, 1)]
    composites = {
        "epsilon-plus-flat": EpsilonPlusFlat(canonizers=canonizers(case.architecture), **SUMS),
        "epsilon-gamma-box": EpsilonGammaBox(*bounds, canonizers=canonizers(case.architecture), **SUMS),
        "epsilon-alpha2-beta1": EpsilonAlpha2Beta1(canonizers=canonizers(case.architecture), **SUMS),
    }
    found = {}
    for name, composite in composites.items():
        with composite.context(model) as modified:
            inputs = x.clone().requires_grad_()
            logits = modified(inputs)
            seed = torch.zeros_like(logits)
            for picture, target in enumerate(case.targets):
                seed[picture, target] = logits[picture, target].detach()
            found[name] = torch.autograd.grad(logits, inputs, seed)[0].sum(1)
    return found


# MARK: Rules of PyTorch's own backward pass

def layer_norm(x, shape, weight=None, bias=None, eps=1e-5):
    """The standard deviation is constant."""
    deviation = (x.var(-1, unbiased=False, keepdim=True) + eps).sqrt().detach()
    return (x - x.mean(-1, keepdim=True)) / deviation * weight + bias


def gated(activation):
    """x · gate(x), with a constant gate."""
    def apply(x, *settings, **named):
        y = activation(x.detach())
        return x * torch.where(x.abs() > 1e-6, y / x, torch.full_like(x, 0.5)).detach()
    return apply


def halved(product):
    """Each operand of a product gets half."""
    def apply(a, b):
        y = product(a, b)
        return y * 0.5 + y.detach() * 0.5
    return apply


def constant(softmax):
    return lambda *operands, **named: softmax(*operands, **named).detach()


class Gamma(nn.Module):
    """A convolution or linear layer whose products of the sum's sign count 1 + γ times, by parts of either sign."""

    def __init__(self, layer: nn.Module, gamma: float = 0.5):
        super().__init__()
        self.layer, self.gamma = layer, gamma

    def products(self, x, weight, bias):
        if isinstance(self.layer, nn.Linear):
            return F.linear(x, weight, bias)
        layer = self.layer
        return F.conv2d(x, weight, bias, layer.stride, layer.padding, layer.dilation, layer.groups)

    def forward(self, x):
        weight, bias, gamma = self.layer.weight, self.layer.bias, self.gamma
        z = self.products(x, weight, bias).detach()
        above, below = x.clamp(min=0), x.clamp(max=0)
        raised, lowered = weight + gamma * weight.clamp(min=0), weight + gamma * weight.clamp(max=0)
        more, less = bias + gamma * bias.clamp(min=0), bias + gamma * bias.clamp(max=0)
        positive = self.products(above, raised, more) + self.products(below, lowered, None)
        negative = self.products(above, lowered, less) + self.products(below, raised, None)
        return torch.where(
            z >= 0, positive * (z / (positive + 1e-6)).detach(), negative * (z / (negative - 1e-6)).detach())


def fold_batch_norms(model: nn.Module) -> None:
    """timm's BatchNormAct2d goes into the convolution before it; its activation stays."""
    before = None
    for name, layer in list(model.named_modules()):
        if isinstance(layer, nn.Conv2d):
            before = name
        elif isinstance(layer, nn.BatchNorm2d):
            parent, _, key = before.rpartition(".")
            setattr(model.get_submodule(parent), key, fuse_conv_bn_eval(model.get_submodule(before), layer))
            parent, _, key = name.rpartition(".")
            setattr(model.get_submodule(parent), key, getattr(layer, "act", nn.Identity()))


def use_gamma(model: nn.Module, behind_activations) -> None:
    for name, layer in list(model.named_modules()):
        if isinstance(layer, (nn.Linear, nn.Conv2d)) and behind_activations(name):
            parent, _, key = name.rpartition(".")
            setattr(model.get_submodule(parent), key, Gamma(layer))


def squeeze_and_excite(self, x):
    """The gate is constant."""
    gate = self.conv_expand(self.act1(self.conv_reduce(x.mean((2, 3), keepdim=True))))
    return x * self.gate(gate).detach()


def by_autograd(case: Case, model: nn.Module, x: torch.Tensor, behind_activations) -> dict[str, torch.Tensor]:
    for layer in model.modules():
        if hasattr(layer, "fused_attn"):
            layer.fused_attn = False
    fold_batch_norms(model)
    found = {}
    for name in ("conservative", "recommended"):
        if name == "recommended":
            use_gamma(model, behind_activations)
        with ExitStack() as changes:
            # Functions of the module, not the modules' own, so that every caller gets them.
            changes.enter_context(patch.object(F, "layer_norm", layer_norm))
            for activation in ("gelu", "silu", "hardswish"):
                changes.enter_context(patch.object(F, activation, gated(getattr(F, activation))))
            changes.enter_context(patch.object(SqueezeExcite, "forward", squeeze_and_excite))
            if name == "conservative":
                changes.enter_context(patch.object(torch.Tensor, "softmax", constant(torch.Tensor.softmax)))
                changes.enter_context(patch.object(F, "softmax", constant(F.softmax)))
            else:
                changes.enter_context(patch.object(torch.Tensor, "__matmul__", halved(torch.Tensor.__matmul__)))
            inputs = x.clone().requires_grad_()
            logits = model(inputs)
            score = sum(logits[picture, target] for picture, target in enumerate(case.targets))
            found[name] = (inputs * torch.autograd.grad(score, inputs)[0]).sum(1).detach()
    return found


# MARK: Cases

def perceptrons(name: str) -> bool:
    return name.endswith("mlp.fc2")


def efficient(name: str) -> bool:
    """In a block: the depth-wise convolution, unless it reads another block's result, what follows it, and the classifier."""
    return name.startswith("blocks.") and ".se." not in name and (
        name.endswith(("conv_dw", "conv_pwl")) or name == "blocks.0.0.conv_pw") or name == "classifier" or (
        name.endswith("se.conv_expand"))


CASES = [
    (Case("relevance_vgg16", "torchvision:vgg16", [], [207], (64, 96)), None),
    (Case("relevance_vgg16_bn", "torchvision:vgg16_bn", [], [407], (64, 96)), None),
    (Case("relevance_resnet50", "torchvision:resnet50", [], [207], (96, 96)), None),
    (Case("relevance_mobilenet_v2", "torchvision:mobilenet_v2", [], [156], (96, 128)), None),
    (Case("relevance_vit_tiny", "vit_tiny_patch16_224", [], [207, 3]), perceptrons),
    (Case("relevance_deit_distilled", "deit_small_distilled_patch16_224", [], [207]), perceptrons),
    (Case("relevance_swin_tiny", "swin_tiny_patch4_window7_224", [], [207]), perceptrons),
    (Case("relevance_pvt_v2_b0", "pvt_v2_b0", [], [207], (96, 128)), perceptrons),
    (Case("relevance_convnext_tiny", "convnext_tiny", [], [207], (96, 128)), perceptrons),
    (Case("relevance_efficientnet_b0", "efficientnet_b0", [], [329], (96, 128)), efficient),
]


def make(case: Case, behind_activations) -> None:
    model, checkpoint = build(case)
    shape = (len(case.targets), 3, *case.size)
    x = torch.from_numpy((1.5 * uniform("input", int(np.prod(shape)))).astype(np.float32).reshape(shape))
    before = model(x).detach()
    maps = by_autograd(case, model, x, behind_activations) if behind_activations else by_zennit(case, model, x)
    after = model(x).detach()
    assert (before - after).abs().max() < 1e-4 * before.abs().max(), case.name
    metadata = {
        "architecture": case.architecture,
        "height": str(case.size[0]), "width": str(case.size[1]),
        "targets": ",".join(map(str, case.targets)),
        "methods": "\n".join(maps),
        "parameters": "\n".join(
            f"{key} {'x'.join(map(str, value.shape))}" for key, value in checkpoint.items()
            if value.dtype.is_floating_point),
    }
    store = {name: np.ascontiguousarray(map_.numpy()[:, 2::5, 2::5]) for name, map_ in maps.items()}
    content = safetensors(store, metadata)
    (FOLDER / f"{case.name}.safetensors").write_bytes(content)
    print(f"{case.name}: {len(content)} bytes", {name: f"{np.abs(map_).max():.3g}" for name, map_ in store.items()}, flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for case, behind_activations in CASES:
        if len(sys.argv) == 1 or case.name in sys.argv[1:]:
            make(case, behind_activations)
