"""The residual networks for pictures of 32×32 in PyTorch, under the names that akamaster/pytorch_resnet_cifar10 gives to
the parameters: no public package has them."""
import torch
from torch import nn
from torch.nn.functional import pad, relu


class PaddedShortcut(nn.Module):
    """The paper's option A: every second row and column, and new channels of zeros on both sides."""

    def __init__(self, new_channels: int):
        super().__init__()
        self.new_channels = new_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        half = self.new_channels // 2
        return pad(x[:, :, ::2, ::2], (0, 0, 0, 0, half, half))


class Block(nn.Module):
    """Two 3×3 convolutions with batch norm, and a shortcut without parameters."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        is_wider = channels_out != channels_in
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride=2 if is_wider else 1, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.shortcut = PaddedShortcut(channels_out - channels_in) if is_wider else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = relu(self.bn1(self.conv1(x)))
        return relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class CifarResNet(nn.Module):
    """Three stages of (depth − 2) / 6 blocks with 16, 32 and 64 channels; ten classes."""

    def __init__(self, depth: int):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        for number, (before, channels) in enumerate([(16, 16), (16, 32), (32, 64)], start=1):
            inputs = [before] + [channels] * ((depth - 2) // 6 - 1)
            self.add_module(f"layer{number}", nn.Sequential(*[Block(count, channels) for count in inputs]))
        self.linear = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = relu(self.bn1(self.conv1(x)))
        y = self.layer3(self.layer2(self.layer1(y)))
        return self.linear(y.mean(dim=(2, 3)))
