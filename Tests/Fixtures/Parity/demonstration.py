"""The demonstration models of Weights/, as Weights/Training/train.py defines them, and their scenes."""
from pathlib import Path

import numpy as np
import timm
import torch
from PIL import Image
from safetensors.torch import load_file
from timm.models.pvt_v2 import PyramidVisionTransformerV2
from timm.models.resnet import BasicBlock

WEIGHTS = Path(__file__).parents[3] / "Weights"
MODELS = {
    "demo_vit": lambda: timm.models.VisionTransformer(
        img_size=96, patch_size=8, embed_dim=96, depth=6, num_heads=3, mlp_ratio=2, num_classes=10),
    "demo_swin": lambda: timm.models.SwinTransformer(
        img_size=96, patch_size=4, window_size=6, embed_dim=24, depths=(2, 2, 4), num_heads=(1, 2, 4), num_classes=10),
    "demo_pvt_v2": lambda: PyramidVisionTransformerV2(
        depths=(2, 2, 2), embed_dims=(24, 48, 96), num_heads=(1, 2, 4), sr_ratios=(4, 2, 1), mlp_ratios=(4, 4, 4),
        num_classes=10),
    "demo_resnet": lambda: timm.models.ResNet(
        BasicBlock, (1, 1, 1, 1), channels=(24, 48, 96, 192), output_stride=8, num_classes=10),
}


def trained(name: str) -> torch.nn.Module:
    """A model with the weights that are shipped."""
    model = MODELS[name]().eval()
    model.load_state_dict(load_file(WEIGHTS / f"{name}.safetensors"))
    return model


def scene(name: str) -> torch.Tensor:
    """A scene as the models take it, 1×3×96×96."""
    pixels = np.asarray(Image.open(WEIGHTS / "Scenes" / name).convert("RGB"), dtype=np.float32)
    return torch.from_numpy((pixels / 255 - 0.5) / 0.5).permute(2, 0, 1)[None]
