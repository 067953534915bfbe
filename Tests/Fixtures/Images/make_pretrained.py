#!/usr/bin/env python3
"""Writes pretrained.json: what the transforms of published weights make of two pictures, at 24 places of the tensor each, and
its mean. `pip install timm torchvision` (1.0.31, 0.29.2), then `python make_pretrained.py`; nothing is downloaded."""
import json
import os

import timm
import torch
from PIL import Image
from timm.data import create_transform, resolve_data_config
from torchvision import models, transforms
from torchvision.transforms import InterpolationMode

HERE = os.path.dirname(os.path.abspath(__file__))
PICTURES = ["Tests/Fixtures/Images/filtered.png", "Weights/Scenes/scene-20.png"]
TIMM = [
    "mobilenetv3_large_100.miil_in21k_ft_in1k", "vit_base_patch16_224.dino", "vit_base_patch16_224.mae",
    "convnext_tiny.fb_in1k", "convnext_tiny.in12k_ft_in1k_384", "deit3_small_patch16_224.fb_in22k_ft_in1k",
    "resnet50.tv_in1k", "resnet50.ram_in1k", "tf_efficientnet_b0.ap_in1k", "resnet50.a1_in1k",
]
TORCHVISION = [("resnet50", "IMAGENET1K_V1"), ("resnet50", "IMAGENET1K_V2"), ("vit_b_16", "IMAGENET1K_SWAG_LINEAR_V1")]
# The customary preprocessing of the X-ray classifier.
XRAY = transforms.Compose([
    transforms.Resize(256, interpolation=InterpolationMode.BILINEAR), transforms.CenterCrop(256), transforms.ToTensor(),
    transforms.Normalize([0.5] * 3, [0.5] * 3),
])

cases = [("xray_resnet", XRAY)]
for name in TIMM:
    configuration = timm.models.get_pretrained_cfg(name).to_dict()
    cases.append((name, create_transform(**resolve_data_config({}, pretrained_cfg=configuration), is_training=False)))
for name, tag in TORCHVISION:
    cases.append((f"{name}.{tag}", models.get_model_weights(name)[tag].transforms()))

result = []
for name, transform in cases:
    for picture in PICTURES:
        tensor = transform(Image.open(f"{HERE}/../../../{picture}").convert("RGB"))
        places = [i * (tensor.numel() - 1) // 23 for i in range(24)]
        result.append({
            "model": name, "picture": picture, "side": tensor.shape[-1], "mean": round(float(tensor.double().mean()), 6),
            "values": [round(float(v), 5) for v in tensor.flatten()[torch.tensor(places)]],
        })
with open(f"{HERE}/pretrained.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case) for case in result) + "\n]\n")
