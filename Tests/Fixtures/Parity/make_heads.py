#!/usr/bin/env python3
"""Writes heads.json: logits of ResNet-18 with heads of one's own and under other prefixes, by torchvision and PyTorch.

The weights are make_parity.py's deterministic ones, of the names in the file; the input is 1×3×64×64. `names` are the modules
whose parameters differ from the trunk's, with shapes; `trunk` is the trunk's prefix, `children` whether its layers are numbered
as nn.Sequential(*model.children()) numbers them.
"""
import json
import pathlib

import torch
import torchvision
from torch import nn

from make_parity import parameter, uniform

torch.set_num_threads(1)
ORDER = {"conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5", "layer3": "6", "layer4": "7"}


class Wrapped(nn.Module):
    def __init__(self, **modules):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)

    def forward(self, x):
        for name, module in self.named_children():
            if name not in ("criterion",):
                x = torch.flatten(module(x), 1)
        return x


class ConcatPool(nn.Module):
    """fastai's AdaptiveConcatPool2d."""

    def forward(self, x):
        return torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)


def resnet(fc=None):
    model = torchvision.models.resnet18(weights=None)
    if fc is not None:
        model.fc = fc
    return model


def trunk():
    return nn.Sequential(*list(resnet().children())[:-1])


class Weighted(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.ones(4))


CASES = {
    "mlp": resnet(nn.Sequential(nn.Linear(512, 12), nn.ReLU(), nn.Dropout(0.3), nn.Linear(12, 4))),
    "dropout": resnet(nn.Sequential(nn.Dropout(0.5), nn.Linear(512, 4))),
    "norms": resnet(nn.Sequential(nn.BatchNorm1d(512), nn.Linear(512, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 4))),
    "no_activation": resnet(nn.Sequential(nn.LayerNorm(512), nn.Linear(512, 12), nn.Linear(12, 4))),
    "encoder": Wrapped(encoder=resnet(nn.Identity()), classifier=nn.Linear(512, 4), criterion=Weighted()),
    "whole_behind": nn.Sequential(resnet(nn.Linear(512, 12)), nn.Linear(12, 4)),
    "children": Wrapped(features=trunk(), fc=nn.Linear(512, 4)),
    "fastai": nn.Sequential(
        nn.Sequential(*list(resnet().children())[:-2]),
        nn.Sequential(
            ConcatPool(), nn.Flatten(), nn.BatchNorm1d(1024), nn.Dropout(), nn.Linear(1024, 12, bias=False), nn.ReLU(),
            nn.BatchNorm1d(12), nn.Dropout(), nn.Linear(12, 4, bias=False))),
}
reference = set(resnet().state_dict())
result = {}
for name, model in CASES.items():
    state = model.state_dict()
    key = next(k for k in state if k.endswith("conv1.weight") or k.endswith("0.weight") and state[k].ndim == 4)
    children = "children" == name or "fastai" == name
    prefix = key[: -len("0.weight" if children else "conv1.weight")]
    numbered = {new: old for old, new in ORDER.items()}
    own = {}
    for k, tensor in state.items():
        if not tensor.is_floating_point():
            continue
        inner = k[len(prefix):] if k.startswith(prefix) else ""
        if children and inner:
            first, _, rest = inner.partition(".")
            inner = f"{numbered.get(first, first)}.{rest}"
        if inner not in reference or inner.startswith("fc."):
            own[k] = list(tensor.shape)
        state[k] = parameter(k, tuple(tensor.shape))
    model.load_state_dict(state)
    model.eval()
    with torch.no_grad():
        logits = model(torch.from_numpy(uniform("input", 3 * 64 * 64).astype("float64") * 1.5).float().reshape(1, 3, 64, 64))
    result[name] = {"trunk": prefix, "children": children, "own": own, "logits": logits[0].tolist()}
result["parameters"] = {k: list(v.shape) for k, v in resnet().state_dict().items() if v.is_floating_point() and not k.startswith("fc.")}
path = pathlib.Path(__file__).parent / "heads.json"
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
