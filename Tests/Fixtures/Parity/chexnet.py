"""A chest X-ray classifier as CheXNet (Rajpurkar et al. 2017) was published for PyTorch: torchvision's DenseNet-121 as a
member of another module, with a sigmoid for each of 14 diseases, and parameter names of before PyTorch 0.4."""
import re

import torch
import torchvision
from torch import nn


class CheXNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.densenet121 = torchvision.models.densenet121(weights=None)
        self.densenet121.classifier = nn.Sequential(nn.Linear(self.densenet121.classifier.in_features, 14), nn.Sigmoid())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.densenet121(x)


def old_densenet(name: str) -> str:
    """A parameter's name of before PyTorch 0.4: norm1 and conv2 of a dense layer were norm.1 and conv.2."""
    return re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)", r"\1.\2", name)
