"""The five-block residual X-ray classifier in PyTorch: no public package has it, so it is written out here."""
import torch
from torch import nn


class ResNetBlock(nn.Module):
    """Two 3×3 convolutions with batch norm plus a 1×1 shortcut; the first convolution and the shortcut stride by 2."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.shortcut = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 1, stride=2, bias=False), nn.BatchNorm2d(channels_out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class XrayResNet(nn.Module):
    """256×256 pictures to one probability: five blocks to 8×8, an 8×8 convolution to one value, sigmoid."""

    def __init__(self):
        super().__init__()
        channels = [3, 64, 128, 256, 512, 1024]
        self.resnet_blocks = nn.Sequential(*[ResNetBlock(i, o) for i, o in zip(channels, channels[1:])])
        self.classifier = nn.Sequential(nn.Conv2d(channels[-1], 1, 8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.classifier(self.resnet_blocks(x)).flatten(1))
