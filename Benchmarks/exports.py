#!/usr/bin/env python3
"""How fast exported models run beside onnxruntime and, where vitcam has one, beside their own page.

    exports.py VITCAM NAME[=ARCHITECTURE] ...   timm names; needs torch, timm, safetensors, onnx, onnxscript, onnxruntime

Each takes its turn three times, with two threads; the fastest median of ten forwards counts, in milliseconds.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import onnxruntime
import timm
import torch
from safetensors.torch import save_file

warnings.filterwarnings("ignore")
vitcam, *names = sys.argv[1:]


def forward(*arguments):
    run = subprocess.run(
        [vitcam, *arguments, "--tensor", "x.npy", "--method", "eigencam", "--json", "--threads", "2", "-o", "maps/"],
        capture_output=True, text=True, check=True)
    return statistics.median(json.loads(line)["milliseconds"]["forward"] for line in run.stdout.splitlines()[2:])


def onnxruntime_forward(path, picture):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 2, 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name, times = session.get_inputs()[0].name, []
    for _ in range(12):
        start = time.perf_counter()
        session.run(None, {name: picture})
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[2:])


os.chdir(tempfile.mkdtemp())
print("| model | page | export | onnxruntime | export / page | export / onnxruntime |\n|---|---|---|---|---|---|")
for name in names:
    torch.manual_seed(0)
    model = timm.create_model(name, num_classes=10).eval()
    picture = torch.randn(1, *model.default_cfg["input_size"])
    np.save("x.npy", picture.numpy().repeat(12, 0))
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, "m.safetensors")
    torch.onnx.export(model, (picture,), "m.onnx", dynamo=True, opset_version=18, external_data=False, verbose=False)
    page, export, other = [], [], []
    for _ in range(3):
        try:
            page.append(forward("--arch", name, "--weights", "m.safetensors"))
        except subprocess.CalledProcessError:
            page.append(float("nan"))
        export.append(forward("m.onnx"))
        other.append(onnxruntime_forward("m.onnx", picture.numpy()))
    page, export, other = min(page), min(export), min(other)
    print(f"| {name} | {page:.1f} | {export:.1f} | {other:.1f} | {export / page:.2f} | {export / other:.2f} |", flush=True)
