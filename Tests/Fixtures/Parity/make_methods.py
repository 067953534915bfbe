#!/usr/bin/env python3
"""Makes methods_CASE.safetensors: the methods beyond the four of make_parity.py, for one layer of each kind of model.

The models, weights and inputs are those of make_parity.py's cases; the tensors are named as there. The sign of the maps of
eigencam and eigengradcam is LAPACK's, and arbitrary.
"""
from dataclasses import replace

import numpy as np
import pytorch_grad_cam
import torch
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from make_parity import CASES, FOLDER, Case, build, module, reshape, safetensors, uniform

NAMES = ("vit_tiny_patch16_224", "resnet18", "swin_tiny_patch4_window7_224", "pvt_v2_b0")
METHODS = {
    "gradcamelementwise": pytorch_grad_cam.GradCAMElementWise,
    "xgradcam": pytorch_grad_cam.XGradCAM,
    "eigencam": pytorch_grad_cam.EigenCAM,
    "eigengradcam": pytorch_grad_cam.EigenGradCAM,
    "segeigencam": pytorch_grad_cam.SegEigenCAM,
    "fem": pytorch_grad_cam.FEM,
}


def explain(case: Case, model: torch.nn.Module, x: torch.Tensor) -> dict[str, np.ndarray]:
    """Every method's map at the case's layer, before ReLU and as the final heatmap."""
    store, layer = {}, case.layers[0]
    targets = [ClassifierOutputTarget(target) for target in case.targets]
    for method, kind in METHODS.items():
        with kind(model=model, target_layers=[module(model, layer)], reshape_transform=reshape(case)) as cam:
            raw_maps, get_cam_image = [], cam.get_cam_image

            def keep(*arguments):
                raw_maps.append(get_cam_image(*arguments))
                return raw_maps[-1]

            cam.get_cam_image = keep
            store[f"{layer}/{method}/cam"] = cam(input_tensor=x, targets=targets)[:, 3::8, 3::8]
            store[f"{layer}/{method}/raw"] = raw_maps[0].astype(np.float32)
    return store


def make(case: Case) -> None:
    """Runs a case, writes its file, and prints a line about it."""
    model, checkpoint = build(case)
    shape = (len(case.targets), 3, *case.size)
    x = torch.from_numpy((1.5 * uniform("input", int(np.prod(shape)))).astype(np.float32).reshape(shape))
    metadata = {
        "architecture": case.architecture,
        "height": str(case.size[0]),
        "width": str(case.size[1]),
        "targets": ",".join(map(str, case.targets)),
        "layers": case.layers[0],
        "methods": "\n".join(METHODS),
        "parameters": "\n".join(
            f"{key} {'x'.join(map(str, value.shape))}" for key, value in checkpoint.items()
            if value.dtype.is_floating_point),
    }
    content = safetensors(explain(case, model, x), metadata)
    (FOLDER / f"methods_{case.name}.safetensors").write_bytes(content)
    print(f"methods_{case.name}: {len(content)} bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for one in CASES:
        if one.name in NAMES:
            make(replace(one, layers=one.layers[:1]))
