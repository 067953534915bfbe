"""Makes the reference of OwnArchitectureTests: the shifting-block network of Docs/adding-an-architecture.md in PyTorch, its
checkpoint as a training script would save it, and what pytorch-grad-cam shows for it.

    pip install torch grad-cam safetensors, then python make_shiftnet.py
"""
from collections import OrderedDict
from pathlib import Path

import torch
from pytorch_grad_cam import GradCAM, LayerCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from safetensors.torch import save_file
from torch import nn

FOLDER = Path(__file__).parent


def shift(x: torch.Tensor) -> torch.Tensor:
    """Four twelfths of the channels move left, right, up and down; zeros move in."""
    g = x.shape[1] // 12
    y = torch.zeros_like(x)
    y[:, 0 * g : 1 * g, :, :-1] = x[:, 0 * g : 1 * g, :, 1:]
    y[:, 1 * g : 2 * g, :, 1:] = x[:, 1 * g : 2 * g, :, :-1]
    y[:, 2 * g : 3 * g, :-1] = x[:, 2 * g : 3 * g, 1:]
    y[:, 3 * g : 4 * g, 1:] = x[:, 3 * g : 4 * g, :-1]
    y[:, 4 * g :] = x[:, 4 * g :]
    return y


class Block(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.BatchNorm2d(width)
        self.mlp = nn.Sequential(OrderedDict(
            fc1=nn.Conv2d(width, 2 * width, 1), act=nn.GELU(), fc2=nn.Conv2d(2 * width, width, 1)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.mlp(self.norm(shift(x)))


class ShiftNet(nn.Module):
    def __init__(self, width: int = 24, depth: int = 3, patch: int = 4, classes: int = 5):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, width, patch, patch)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(depth)))
        self.head = nn.Linear(width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.blocks(self.patch_embed(x)).mean((2, 3)))


def main() -> None:
    torch.manual_seed(0)
    model = ShiftNet()
    for block in model.blocks:  # statistics as training leaves them
        nn.init.uniform_(block.norm.running_mean, -0.5, 0.5)
        nn.init.uniform_(block.norm.running_var, 0.5, 2)
    model.eval()
    state = {f"module.{name}": value for name, value in model.state_dict().items()}
    torch.save({"model": state, "epoch": 7}, FOLDER / "shiftnet.pth")
    x = torch.randn(2, 3, 24, 32)
    tensors = {"input": x, "logits": model(x).detach()}
    targets = [ClassifierOutputTarget(3), ClassifierOutputTarget(1)]
    for name, method in [("gradcam", GradCAM), ("layercam", LayerCAM)]:
        cam = method(model=model, target_layers=[model.blocks[-2].mlp])
        tensors[name] = torch.from_numpy(cam(input_tensor=x, targets=targets))
    save_file(tensors, FOLDER / "expected.safetensors")


if __name__ == "__main__":
    main()
