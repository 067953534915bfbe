"""MobileNeXt (Zhou et al. 2020) in PyTorch: no public package has it, so it is written out here.

The names and shapes are those of the authors' repository. There, most blocks that change the number of channels leave out
their first depth-wise convolution; `uniform` makes the widespread form whose blocks are all of the paper's shape.
"""
import math

import torch
from torch import nn

# Reduction, channels, blocks and stride of each row of the paper's table.
ROWS = [(2, 96, 1, 2), (6, 144, 1, 1), (6, 192, 3, 2), (6, 288, 3, 2), (6, 384, 4, 1), (6, 576, 4, 2), (6, 960, 3, 1),
        (6, 1280, 1, 1)]


def normed(channels_in: int, channels_out: int, kernel: int = 1, stride: int = 1, groups: int = 1, active=False) -> list:
    convolution = nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(channels_out)] + ([nn.ReLU6()] if active else [])


class Sandglass(nn.Module):
    """Depth-wise, narrower, wider, depth-wise: the shortcut joins the wide ends."""

    def __init__(self, channels_in: int, channels_out: int, stride: int, reduction: int, single: bool, uniform: bool):
        super().__init__()
        same = channels_in == channels_out
        hidden = channels_in // reduction
        if not uniform and hidden < channels_out / 6:
            hidden = max(16, (math.ceil(channels_out / 6) + 8) // 16 * 16)
        begins = uniform or reduction == 2 or same or single
        ends = begins or stride == 2
        self.adds = same and stride == 1 and not (single and not uniform)
        layers = normed(channels_in, channels_in, 3, groups=channels_in, active=True) if begins else []
        layers += normed(channels_in, hidden) + normed(hidden, channels_out, active=True)
        layers += normed(channels_out, channels_out, 3, stride, groups=channels_out) if ends else []
        self.conv = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x) + x if self.adds else self.conv(x)


class MobileNeXt(nn.Module):
    def __init__(self, uniform: bool = False):
        super().__init__()
        layers, channels = [nn.Sequential(*normed(3, 32, 3, 2, active=True))], 32
        for reduction, outputs, blocks, stride in ROWS:
            for index in range(blocks):
                single = blocks == 1 and stride == 1
                layers.append(Sandglass(channels, outputs, 1 if index else stride, reduction, single, uniform))
                channels = outputs
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        head = nn.Linear(channels, 1000)
        self.classifier = head if uniform else nn.Sequential(nn.Dropout(), head)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))
