#!/usr/bin/env python3
"""Makes small networks as both of PyTorch's exporters write them, with PyTorch's logits and a layer's activation and gradient.

    make_exports.py            needs numpy, onnx, onnxscript, torch
"""
import json
import os
import warnings

import onnx
import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
here = os.path.dirname(os.path.abspath(__file__))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        x = F.scaled_dot_product_attention(q, k, v)
        return self.drop(self.proj(x.transpose(1, 2).reshape(b, n, c)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attn, self.norm2 = nn.LayerNorm(width), Attention(width, heads), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    """A ViT of two blocks with a class token: 16x24 pixels, patches of 8."""

    def __init__(self, width=8):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, width, 8, 8)
        self.cls_token = nn.Parameter(torch.randn(1, 1, width))
        self.pos_embed = nn.Parameter(torch.randn(1, 7, width))
        self.blocks = nn.Sequential(Block(width, 2), Block(width, 2))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 5)

    def forward(self, x):
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class Windows(nn.Module):
    """Attention in windows of a map that is rolled, as Swin has it, and patch merging: 16x16 pixels."""

    def __init__(self, width=8):
        super().__init__()
        self.embed = nn.Conv2d(3, width, 2, 2)
        self.norm, self.attn = nn.LayerNorm(width), Attention(width, 2)
        self.reduction = nn.Linear(4 * width, width, bias=False)
        self.head = nn.Linear(width, 5)

    def forward(self, x):
        x = self.embed(x).permute(0, 2, 3, 1)
        b, h, w, c = x.shape
        y = torch.roll(self.norm(x), (-2, -2), (1, 2))
        y = y.view(b, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, c)
        y = self.attn(y).view(b, h // 4, w // 4, 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)
        x = x + torch.roll(y, (2, 2), (1, 2))
        x = x.reshape(b, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 4, 2, 5).flatten(3)
        return self.head(self.reduction(x).mean((1, 2)))


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.act, self.gate = nn.SiLU(), nn.Conv2d(width, width, 1)

    def forward(self, x):
        y = self.act(self.bn1(self.conv1(x)))
        return x + y * torch.sigmoid(self.gate(y.mean((2, 3), keepdim=True)))


class Convolutions(nn.Module):
    """A residual network with squeeze and excitation: 16x24 pixels."""

    def __init__(self, width=6):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, 2, 1)
        self.layer1 = nn.Sequential(Residual(width), Residual(width))
        self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(width, 5)

    def forward(self, x):
        return self.fc(self.pool(self.layer1(self.stem(x))).flatten(1))


def numbers(tensor):
    return [float(f"{v:.8g}") for v in tensor.detach().ravel().tolist()]


def without_traces(path):
    """Leaves out where on this machine the code lay."""
    model = onnx.load(path)
    for node in model.graph.node:
        kept = [entry for entry in node.metadata_props if entry.key == "pkg.torch.onnx.name_scopes"]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
        node.doc_string = ""
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
        value.doc_string = ""
    onnx.save(model, path)


answers = {}
for name, make, size, layer in [("transformer", Transformer, (16, 24), "blocks.0"), ("windows", Windows, (16, 16), "attn"),
                                ("convolutions", Convolutions, (16, 24), "layer1.0")]:
    torch.manual_seed(1)
    model = make().eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
    x = torch.rand(1, 3, *size) * 2 - 1
    kept = {}

    def keep(_, __, y):
        y.retain_grad()
        kept["y"] = y

    handle = model.get_submodule(layer).register_forward_hook(keep)
    logits = model(x)
    logits[0, 3].backward()
    handle.remove()
    answers[name] = dict(size=size, input=numbers(x), logits=numbers(logits), layer=layer,
                         activation=numbers(kept["y"]), gradient=numbers(kept["y"].grad))
    torch.onnx.export(model, (x,), f"{here}/{name}.dynamo.onnx", dynamo=True, opset_version=18, external_data=False, verbose=False)
    torch.onnx.export(model, (x,), f"{here}/{name}.tracer.onnx", dynamo=False, opset_version=17)
    for exporter in ("dynamo", "tracer"):
        without_traces(f"{here}/{name}.{exporter}.onnx")
with open(f"{here}/exports.json", "w") as file:
    json.dump(answers, file)
    file.write("\n")
