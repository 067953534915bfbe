"""The rows of vitcam-benchmarks for PyTorch, pytorch-grad-cam and, where it is installed, OpenVINO.

python peers.py [ARCHITECTURE...] [--runs N] [--threads N...] [--layer PATH] [--image-size N]
Random weights, one picture, float32; prints a table to paste beside the one of `vitcam-benchmarks`.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import time
import warnings

import timm
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

# The recommended layers of `vitcam architectures`, by the prefix of the name.
LAYERS = {
    "swin": "layers[-1].blocks[-1].norm1", "pvt": "stages[-1].blocks[-1].norm1",
    "vit_": "blocks[-3].norm1", "deit": "blocks[-3].norm1", "convnext": "stages[-1]", "efficientnet": "blocks[-1]",
    "mobilenet": "blocks[-1]", "mnasnet": "blocks[-1]", "densenet": "features[-1]", "vgg": "features[-2]",
    "": "layer4[-1]",
}


def recommended_layer(name):
    return next(layer for prefix, layer in LAYERS.items() if name.startswith(prefix))


def resolved(model, path):
    """The module at a path such as blocks[-3].norm1."""
    module = model
    for name, index in re.findall(r"(\w+)|\[(-?\d+)\]", path):
        module = getattr(module, name) if name else module[int(index)]
    return module


def reshape_transform(model):
    """From channels last, or from tokens on a square grid, to B×C×H×W; None for networks that give feature maps."""
    if not hasattr(model, "patch_embed"):
        return None
    leading = getattr(model, "num_prefix_tokens", 0)

    def transform(x):
        if x.ndim == 4:
            return x.permute(0, 3, 1, 2)
        side = int((x.shape[1] - leading) ** 0.5)
        return x[:, leading:].transpose(1, 2).reshape(len(x), -1, side, side)

    return transform


def timed(body, runs):
    """Median (minimum) in milliseconds."""
    times = []
    for run in range(runs + 2):
        start = time.perf_counter()
        body()
        if run >= 2:
            times.append((time.perf_counter() - start) * 1e3)
    return f"{statistics.median(times):.1f} ({min(times):.1f})"


def openvino_forward(model, picture, threads, runs):
    sys.modules["openvino_telemetry"] = None  # it sends usage data, and without a network delays the end of the process
    try:
        import openvino
    except ImportError:
        return "not installed"
    core = openvino.Core()
    compiled = core.compile_model(
        openvino.convert_model(model, example_input=picture), "CPU",
        {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"})
    array = picture.numpy()
    return timed(lambda: compiled(array), runs)


def row(name, layer, threads, runs, image_size):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    resized = {"img_size": image_size} if image_size and name.startswith(("vit", "deit", "swin")) else {}
    model = timm.create_model(name, pretrained=False, **resized).eval()
    side = image_size or model.default_cfg["input_size"][-1]
    picture = torch.full((1, 3, side, side), 0.5)
    with torch.inference_mode():
        forward = timed(lambda: model(picture), runs)
    transform, targets = reshape_transform(model), [ClassifierOutputTarget(0)]
    with GradCAM(model=model, target_layers=[resolved(model, layer)], reshape_transform=transform) as cam:
        explained = timed(lambda: cam(input_tensor=picture, targets=targets), runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (2**20 if sys.platform == "darwin" else 2**10)
    faster = openvino_forward(model, picture, threads, runs)
    return f"| {name} | {layer} | {threads} | {forward} | {explained} | {peak} | {faster} |"


def main():
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "architectures", nargs="*", default=["vit_tiny_patch16_224", "vit_base_patch16_224", "resnet50"])
    parser.add_argument("--runs", type=int, default=10)
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, available}))
    parser.add_argument("--image-size", type=int, help="default: the architecture's own")
    parser.add_argument("--layer", help="default: the recommended layer of VitCAM")
    parser.add_argument("--row-only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row_only:
        name = options.architectures[0]
        print(row(name, options.layer or recommended_layer(name), options.threads[0], options.runs,
                  options.image_size))
        return
    print(f"torch {torch.__version__}, timm {timm.__version__}, load {os.getloadavg()[0]:.2f}\n")
    print("| model | layer | threads | PyTorch forward ms, median (min) | pytorch-grad-cam ms, median (min) "
          "| peak MiB of these | OpenVINO forward ms, median (min) |")
    print("|---|---|---|---|---|---|---|", flush=True)
    # Each in a process of its own, so that peaks and thread pools are its own.
    for name in options.architectures:
        for threads in options.threads:
            layer = ["--layer", options.layer] if options.layer else []
            layer += ["--image-size", str(options.image_size)] if options.image_size else []
            subprocess.run(
                [sys.executable, __file__, name, "--row-only", "--runs", str(options.runs), "--threads", str(threads),
                 *layer], check=True)


if __name__ == "__main__":
    main()
