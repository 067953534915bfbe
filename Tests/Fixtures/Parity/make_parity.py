#!/usr/bin/env python3
"""Makes the reference numbers that whole models and methods are compared with, one .safetensors file per case.

    make_parity.py              all cases
    make_parity.py NAME...      only these

The models carry deterministic weights, so that a test makes the same model without a download. Every value is a pure
function of the parameter's name and its flat (row-major) index:

    seed   = FNV-1a, 64 bits, of the name in UTF-8
    z      = seed + (index + 1) · 0x9E3779B97F4A7C15, then splitmix64's finaliser, all modulo 2^64
    v      = 2 · (z >> 40) / 2^24 − 1                                in [−1, 1), exact in double precision
    value  = 1 + 0.2 v                     when the name ends with running_var
             0.1 v                         when it ends with running_mean
             0.2 v                         when it contains one of EMBEDDINGS
             1 + 0.1 v                     when it has one dimension and ends with weight
             0.1 v                         when it has at most one dimension
             v · √(3 / (n / n0))           otherwise, n the number of values and n0 the first dimension
             rounded to float32 at the very end

Integer entries of a state dictionary (num_batches_tracked) keep their value. The input is 1.5 v of the name "input".
README.md says how the tensors of a file are named.
"""
import argparse
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytorch_grad_cam
import timm
import torch
import torchvision
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from chexnet import CheXNet, old_densenet
from cifar_resnet import CifarResNet
from mobilenext import MobileNeXt
from pyramid_vision_transformer import BLOCKS as PYRAMIDS, PyramidVisionTransformer
from xray_resnet import XrayResNet

FOLDER = Path(__file__).parent
EMBEDDINGS = ("pos_embed", "pos_embedding", "cls_token", "dist_token", "class_token", "relative_position_bias_table")
METHODS = {
    "gradcam": pytorch_grad_cam.GradCAM,
    "hirescam": pytorch_grad_cam.HiResCAM,
    "layercam": pytorch_grad_cam.LayerCAM,
    "gradcam++": pytorch_grad_cam.GradCAMPlusPlus,
}


@dataclass
class Case:
    """One model, one input and the layers to explain it at."""

    name: str
    architecture: str                     # a timm name, torchvision:NAME, or a model of this folder
    layers: list[str]
    targets: list[int]                    # a class (or an output) per picture; its length is the batch
    size: tuple[int, int] = (224, 224)    # height, width
    grid: tuple[int, int] | None = None   # of the tokens; None for maps
    dropping: int = 0                     # leading tokens that are not patches
    methods: tuple[str, ...] = tuple(METHODS)
    pyramid: str = ""                     # where layers differ: what maps are, BCHW or BHWC; tokens get their own grids
    windows: tuple[tuple[int, int], int, int] | None = None  # of the layers in windows: grid, window, shift
    renamed: Callable[[str], str] = str   # from timm's parameter names to those of another dialect
    ignored: dict = field(default_factory=dict)            # further entries of that dialect's checkpoints: their shapes
    options: dict = field(default_factory=dict)            # the model's further keyword arguments
    checkpoint_size: tuple[int, int] | None = None         # of the model that the weights belong to, when another
    together: bool = True                 # whether several layers are also explained together
    node_depth: int | None = None         # of the deepest modules among the nodes, where not all are kept
    nodes_afterwards: bool = False        # take the nodes' numbers when in-place activations have written over them


def swin_repository(name: str) -> str:
    """A parameter's name in the Swin repository, where a stage ends with the merging that timm's begins with."""
    name = re.sub(r"layers\.(\d)\.downsample", lambda found: f"layers.{int(found[1]) - 1}.downsample", name)
    return name.replace("head.fc.", "head.")


def pvt_repository(name: str) -> str:
    """A parameter's name in the PVT repository."""
    name = re.sub(r"^patch_embed\.", "patch_embed1.", name)
    name = re.sub(r"stages\.(\d)\.downsample", lambda found: f"patch_embed{int(found[1]) + 1}", name)
    name = re.sub(r"stages\.(\d)\.blocks", lambda found: f"block{int(found[1]) + 1}", name)
    name = re.sub(r"stages\.(\d)\.norm", lambda found: f"norm{int(found[1]) + 1}", name)
    return name.replace("mlp.dwconv.", "mlp.dwconv.dwconv.")


def convnext_repository(name: str) -> str:
    """A parameter's name in the ConvNeXt repository."""
    name = re.sub(r"stages\.(\d)\.downsample", r"downsample_layers.\1", name.replace("stem.", "downsample_layers.0."))
    name = name.replace("blocks.", "").replace("conv_dw", "dwconv").replace("mlp.fc", "pwconv")
    return name.replace("head.norm.", "norm.").replace("head.fc.", "head.")


# The targets were chosen so that few maps depend on small differences of large values. resnet18_all_negative is there
# for its Grad-CAM map, negative everywhere, whose heatmap is blank.
CASES = [
    Case("vit_tiny_patch16_224", "vit_tiny_patch16_224", ["blocks[-1].norm1", "blocks[-3].norm1", "blocks[5].mlp"],
         [3, 711], grid=(14, 14), dropping=1),
    Case("resnet18", "resnet18", ["layer4[-1]", "layer3[-1]", "layer2[0]"], [900]),
    Case("deit_small_distilled_patch16_224", "deit_small_distilled_patch16_224", ["blocks[-1].norm1", "blocks[-4]"],
         [150], grid=(14, 14), dropping=2),
    Case("torchvision_vit_b_16", "torchvision:vit_b_16",
         ["encoder.layers.encoder_layer_11.ln_1", "encoder.layers.encoder_layer_8.ln_1"], [925], grid=(14, 14),
         dropping=1),
    Case("vit_base_patch16_224", "vit_base_patch16_224", ["blocks[-1].norm1"], [975], grid=(14, 14), dropping=1),
    Case("vit_base_patch32_224", "vit_base_patch32_224", ["blocks[-1].norm1"], [925], grid=(7, 7), dropping=1),
    Case("vit_small_patch16_384", "vit_small_patch16_384", ["blocks[-1].norm1"], [925], (384, 384), (24, 24), 1),
    Case("vit_small_patch16_224_160x256", "vit_small_patch16_224", ["blocks[-2].norm1"], [775], (160, 256), (10, 16), 1,
         {"img_size": (160, 256)}),
    Case("vit_small_patch14_dinov2", "vit_small_patch14_dinov2", ["blocks[-1].norm1"], [3], (126, 126), (9, 9), 1,
         {"img_size": 126, "num_classes": 10}),
    Case("vit_small_patch14_reg4_dinov2", "vit_small_patch14_reg4_dinov2", ["blocks[-1].norm1"], [8], (126, 126),
         (9, 9), 5, {"img_size": 126, "num_classes": 10}),
    Case("vit_tiny_patch16_224_average", "vit_tiny_patch16_224", ["blocks[-1]", "blocks[-1].norm1"], [300],
         grid=(14, 14), dropping=1, options={"global_pool": "avg"}),
    Case("vit_tiny_patch16_224_7_classes", "vit_tiny_patch16_224", ["blocks[-1].norm1"], [2], grid=(14, 14),
         dropping=1, options={"num_classes": 7}),
    Case("vit_tiny_patch16_224_resampled_288", "vit_tiny_patch16_224", ["blocks[-1].norm1"], [225], (288, 288),
         (18, 18), 1, {"img_size": 288}, checkpoint_size=(224, 224)),
    Case("vit_tiny_patch16_224_resampled_192x320", "vit_tiny_patch16_224", ["blocks[-1].norm1"], [975], (192, 320),
         (12, 20), 1, {"img_size": (192, 320)}, checkpoint_size=(224, 224)),
    Case("resnet18_192x256", "resnet18", ["layer4[-1]"], [825], (192, 256)),
    Case("resnet18_batch", "resnet18", ["layer4[-1]"], [900, 625]),
    Case("resnet18_all_negative", "resnet18", ["layer3[-1]"], [281]),
    Case("torchvision_resnet18", "torchvision:resnet18", ["layer4[-1]"], [575]),
    Case("resnet50", "resnet50", ["layer4[-1]", "layer3[-1]"], [975]),
    Case("wide_resnet50_2", "wide_resnet50_2", ["layer4[-1]"], [750]),
    Case("resnext50_32x4d", "resnext50_32x4d", ["layer4[-1]"], [750]),
    Case("xray_resnet", "xray_resnet", ["resnet_blocks[-1]"], [0], (256, 256)),
    Case("swin_tiny_patch4_window7_224", "swin_tiny_patch4_window7_224",
         ["layers[-1].blocks[-1].norm1", "layers[2].blocks[1].attn.proj"], [300], pyramid="BHWC",
         windows=((14, 14), 7, 3)),
    Case("swin_tiny_patch4_window7_224_repository", "swin_tiny_patch4_window7_224", ["layers[-1].blocks[-1].norm1"],
         [600, 25], pyramid="BHWC", renamed=swin_repository, ignored={
             "layers.0.blocks.1.attn_mask": "64x49x49", "layers.0.blocks.1.attn.relative_position_index": "49x49"}),
    Case("swin_tiny_patch4_window7_224_160x256", "swin_tiny_patch4_window7_224",
         ["layers[-1].blocks[-1].norm1", "layers[2].blocks[1].attn.qkv", "layers[2].blocks[0].norm2"], [900],
         (160, 256), pyramid="BHWC", windows=((10, 16), 7, 3), options={"img_size": (160, 256)}),
    Case("swin_tiny_patch4_window7_224_resampled_160x256", "swin_tiny_patch4_window7_224",
         ["layers[-1].blocks[-1].norm1"], [150], (160, 256), pyramid="BHWC", options={"img_size": (160, 256)},
         checkpoint_size=(224, 224)),
    Case("swin_base_patch4_window7_224", "swin_base_patch4_window7_224",
         ["layers[-1].blocks[-1].norm1", "layers[2].blocks[3].norm1"], [25],
         pyramid="BHWC"),
    Case("torchvision_swin_t", "torchvision:swin_t", ["features[-1][-1].norm1", "features[5][1].attn"], [75],
         pyramid="BHWC"),
    Case("torchvision_swin_t_160x256", "torchvision:swin_t", ["features[-1][-1].norm1"], [725], (160, 256),
         pyramid="BHWC"),
    Case("swinv2_tiny_window8_256", "swinv2_tiny_window8_256",
         ["layers[-1].blocks[-1].norm1", "layers[2].blocks[1]"], [711], (256, 256),
         pyramid="BHWC"),
    Case("swinv2_tiny_window8_256_160x256", "swinv2_tiny_window8_256",
         ["layers[-1].blocks[-1].norm1", "layers[2].blocks[1].attn.proj"], [500], (160, 256),
         methods=("gradcam", "layercam", "gradcam++"), pyramid="BHWC", windows=((10, 16), 8, 4),
         options={"img_size": (160, 256)}),
    Case("torchvision_swin_v2_t", "torchvision:swin_v2_t", ["features[-1][-1].norm1", "features[5][0]"], [350],
         (256, 256), pyramid="BHWC"),
    Case("pvt_v2_b0", "pvt_v2_b0", ["stages[-1].blocks[-1].norm1", "stages[2].blocks[0]"], [711], pyramid="BCHW"),
    Case("pvt_v2_b0_192x256", "pvt_v2_b0", ["stages[-1].norm", "stages[0].blocks[1].attn.norm"], [450], (192, 256),
         pyramid="BCHW", renamed=pvt_repository),
    Case("pvt_v2_b2_li", "pvt_v2_b2_li", ["stages[-1].blocks[-1].norm1", "stages[1].blocks[0].attn.norm"], [550],
         pyramid="BCHW"),
    Case("pvt_v2_b3_384", "pvt_v2_b3", ["stages[-1].blocks[-1].norm1", "stages[2].blocks[3].norm1"], [650], (384, 384),
         methods=("gradcam", "layercam"), pyramid="BCHW"),
    Case("pvt_tiny", "pvt_tiny", ["block4[-1].norm1"], [250], grid=(7, 7), dropping=1),
    Case("pvt_tiny_early", "pvt_tiny", ["block3[0]", "block2[0].attn.norm"], [850], pyramid="BCHW"),
    Case("pvt_tiny_192x256", "pvt_tiny", ["block4[-1].norm1"], [50], (192, 256), (6, 8), 1),
    Case("vgg16_bn", "vgg16_bn", ["features[-2]", "features[37]"], [441], (192, 256), together=False),
    Case("vgg11_160x224", "vgg11", ["features[-2]", "features[12]"], [441], (160, 224), together=False),
    Case("torchvision_vgg11_224x288", "torchvision:vgg11", ["features[-2]"], [552], (224, 288)),
    Case("torchvision_alexnet_192x256", "torchvision:alexnet", ["features[-2]"], [91], (192, 256)),
    # The norms of torchvision's DenseNet are overwritten by their activations; timm's include them.
    Case("densenet121_14_classes_384", "densenet121", ["features[-1]", "features.denseblock3"], [3], (384, 384),
         options={"num_classes": 14}, together=False, node_depth=3),
    Case("densenet121_160x224", "densenet121", ["features[-1]"], [424], (160, 224), node_depth=3),
    Case("torchvision_densenet121", "torchvision:densenet121", ["features.denseblock4", "features.denseblock2"], [424],
         together=False, nodes_afterwards=True, node_depth=3),
    Case("chexnet_densenet121", "chexnet:densenet121", ["densenet121.features.denseblock4"], [4],
         renamed=old_densenet, nodes_afterwards=True, node_depth=4),
    Case("mobilenetv2_100", "mobilenetv2_100", ["blocks[-1]", "blocks[3]"], [740], (192, 192), together=False),
    Case("mobilenetv2_050_160x224", "mobilenetv2_050", ["blocks[-1]"], [339], (160, 224)),
    Case("mobilenetv2_120d", "mobilenetv2_120d", ["blocks[-1]"], [170], (160, 160)),
    Case("mobilenetv2_100_same_190x225", "mobilenetv2_100_same", ["blocks[-1]"], [740], (190, 225)),
    Case("torchvision_mobilenet_v2", "torchvision:mobilenet_v2", ["features[-1]", "features[7]"], [156], (192, 192),
         together=False),
    Case("torchvision_squeezenet1_1", "torchvision:squeezenet1_1", ["features[-1]", "features[9]"], [299],
         together=False),
    Case("torchvision_squeezenet1_0_160x230", "torchvision:squeezenet1_0", ["features[-1]"], [299], (160, 230)),
    Case("cifar_resnet20", "cifar:resnet20", ["layer3[-1]", "layer2[0]"], [0], (32, 32), together=False),
    Case("efficientnet_b0", "efficientnet_b0", ["blocks[-1]", "blocks[2]"], [42], (160, 160)),
    Case("efficientnet_b0_128x224", "efficientnet_b0", ["blocks[-1]"], [300], (128, 224)),
    Case("torchvision_efficientnet_b0", "torchvision:efficientnet_b0", ["features[-1]", "features[3]"], [207],
         (128, 160)),
    Case("tf_efficientnetv2_s", "tf_efficientnetv2_s", ["blocks[-1]", "blocks[3]"], [300], (96, 144)),
    Case("torchvision_efficientnet_v2_s", "torchvision:efficientnet_v2_s", ["features[-1]", "features[4]"], [7], (96, 128),
         options={"num_classes": 10}),
    Case("mobilenetv3_large_100", "mobilenetv3_large_100", ["blocks[-1]", "blocks[2]"], [207], (160, 160)),
    Case("tf_mobilenetv3_small_075", "tf_mobilenetv3_small_075", ["blocks[-2]"], [207], (150, 225)),
    Case("torchvision_mobilenet_v3_large", "torchvision:mobilenet_v3_large", ["features[-1]", "features[6]"], [7],
         (128, 192)),
    Case("torchvision_mobilenet_v3_small", "torchvision:mobilenet_v3_small", ["features[-1]"], [300], (160, 160)),
    Case("mnasnet_100", "mnasnet_100", ["blocks[-1]", "blocks[3]"], [42], (160, 160)),
    Case("semnasnet_075", "semnasnet_075", ["blocks[-1]"], [417], (160, 224)),
    Case("torchvision_mnasnet1_0", "torchvision:mnasnet1_0", ["layers[13]", "layers[12]"], [42], (160, 192)),
    Case("convnext_tiny", "convnext_tiny", ["stages[-1]", "stages[1].blocks[1]"], [207], (160, 160)),
    Case("convnext_tiny_128x224", "convnext_tiny", ["stages[-1]"], [207], (128, 224)),
    Case("torchvision_convnext_tiny", "torchvision:convnext_tiny", ["features[-1]", "features[3][1]"], [207],
         (128, 160)),
    Case("convnext_tiny_repository", "convnext_tiny", ["stages[-1]"], [207], (128, 128), renamed=convnext_repository),
    Case("mobilenext_100", "mobilenext_100", ["features[-1]", "features[12]"], [833], (160, 192)),
    Case("mobilenext_100_uniform", "mobilenext_100", ["features[-1]"], [42], (160, 160),
         options={"uniform": True}),
]


def uniform(name: str, count: int) -> np.ndarray:
    """The first `count` values v of the stream that belongs to a name, in [−1, 1)."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return 2.0 * (z >> np.uint64(40)).astype(np.float64) / 2**24 - 1.0


def parameter(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """The deterministic value of a parameter."""
    v = uniform(name, int(np.prod(shape)))
    if name.endswith("running_var"):
        v = 1 + 0.2 * v
    elif name.endswith("running_mean"):
        v = 0.1 * v
    elif any(part in name for part in EMBEDDINGS):
        v = 0.2 * v
    elif len(shape) == 1 and name.endswith("weight"):
        v = 1 + 0.1 * v
    elif len(shape) <= 1:
        v = 0.1 * v
    else:
        v = v * np.sqrt(3.0 / np.prod(shape[1:]))
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


def deterministic_state(model: torch.nn.Module, renamed: Callable[[str], str] = str) -> dict[str, torch.Tensor]:
    """The model's state; what is computed from nothing but the window's size is left as it is."""
    state = model.state_dict()  # a copy would lack the metadata that some models ask for
    for name, tensor in state.items():
        if tensor.is_floating_point() and not name.endswith("relative_coords_table"):
            state[name] = parameter(renamed(name), tuple(tensor.shape))
    return state


def build(case: Case) -> tuple[torch.nn.Module, dict[str, torch.Tensor]]:
    """The case's model, and the weights it was given; timm resamples the position embeddings where they are of another
    size."""
    if case.architecture == "xray_resnet":
        model = XrayResNet()
    elif case.architecture == "mobilenext_100":
        model = MobileNeXt(**case.options)
    elif case.architecture in PYRAMIDS:
        model = PyramidVisionTransformer(case.architecture, **case.options)
    elif case.architecture == "cifar:resnet20":
        model = CifarResNet(20)
    elif case.architecture == "chexnet:densenet121":
        model = CheXNet()
    elif case.architecture == "mobilenetv2_100_same":
        model = timm.create_model("mobilenetv2_100", pretrained=False, pad_type="same")
    elif case.architecture.startswith("torchvision:"):
        model = torchvision.models.get_model(case.architecture.split(":")[1], weights=None, **case.options)
    else:
        model = timm.create_model(case.architecture, pretrained=False, **case.options)
    if case.checkpoint_size:
        source = timm.create_model(case.architecture, pretrained=False, img_size=case.checkpoint_size)
        checkpoint = deterministic_state(source)
        family = sys.modules[type(model).__module__]
        model.load_state_dict(family.checkpoint_filter_fn(dict(checkpoint), model))
    else:
        checkpoint = deterministic_state(model, case.renamed)
        model.load_state_dict(checkpoint)
    return model.eval(), checkpoint


def module(model: torch.nn.Module, path: str) -> torch.nn.Module:
    """The module at a path such as blocks[-1].norm1."""
    for part in re.findall(r"[^.\[\]]+|\[-?\d+\]", path):
        model = model[int(part[1:-1])] if part.startswith("[") else getattr(model, part)
    return model


def reshape(case: Case):
    """What a layer gives to maps B×C×H×W."""
    if case.pyramid:
        return lambda features: pyramid_maps(case, features)
    if case.grid is None:
        return None
    return lambda tokens: tokens[:, case.dropping:].unflatten(1, case.grid).permute(0, 3, 1, 2)


def pyramid_maps(case: Case, features: torch.Tensor) -> torch.Tensor:
    """Maps, windows B·N×L×C, or tokens B×L×C whose grid has the picture's aspect ratio."""
    if features.ndim == 4:
        return features if case.pyramid == "BCHW" else features.permute(0, 3, 1, 2)
    if len(features) != len(case.targets):
        (height, width), side, shift = case.windows
        rows, columns = -(-height // side), -(-width // side)
        maps = features.unflatten(0, (-1, rows, columns)).unflatten(3, (side, side)).permute(0, 5, 1, 3, 2, 4)
        maps = maps.flatten(2, 3).flatten(3, 4)[:, :, :height, :width]
        return maps.roll((shift, shift), dims=(2, 3))
    tokens = features[:, case.dropping:]
    height = round((tokens.shape[1] * case.size[0] / case.size[1]) ** 0.5)
    return tokens.unflatten(1, (height, -1)).permute(0, 3, 1, 2)


def forward_with_nodes(
        case: Case, model: torch.nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, list[str], np.ndarray]:
    """The output, and four numbers for what every module returned for the first picture, in the order of completion.

    They are taken when the module returns, before an in-place activation can write over its tensor, or afterwards.
    Modules that return their input are left out; the second call of a module is NAME#2.
    """
    names, results = [], []

    def record(name: str):
        def hook(_module, _input, output):
            if isinstance(output, torch.Tensor):
                # The windows of all pictures are one batch.
                picture = output.unflatten(0, (len(x), -1)) if len(output) % len(x) == 0 else output
                count = sum(known.split("#")[0] == name for known in names)
                names.append(f"{name}#{count + 1}" if count else name)
                results.append(picture[0] if case.nodes_afterwards else picture[0].clone())
        return hook

    handles = [part.register_forward_hook(record(name)) for name, part in model.named_modules()
               if name and not isinstance(part, (torch.nn.Identity, torch.nn.Dropout))
               and name.count(".") < (case.node_depth or 100)]
    with torch.no_grad():
        logits = model(x)
    for handle in handles:
        handle.remove()
    values = [result.double().flatten() for result in results]
    rows = [[v.mean(), v.std(correction=0), v[0], v[-1]] for v in values]
    return logits, names, np.array(rows, dtype=np.float32)


def summary(tensor: torch.Tensor) -> np.ndarray:
    """Mean, population standard deviation, and the 16 values at the flat indices i·(count − 1) div 15."""
    values = tensor.double().flatten()
    samples = values[torch.arange(16) * (len(values) - 1) // 15]
    return torch.cat([values.mean()[None], values.std(correction=0)[None], samples]).float().numpy()


def explain(case: Case, model: torch.nn.Module, x: torch.Tensor) -> dict[str, np.ndarray]:
    """Every method's maps at every layer and, where there are several, over all of them together.

    Each layer is run alone: given several, the reference pairs them with activations in the order of the forward pass.
    """
    store = {}
    targets = [ClassifierOutputTarget(target) for target in case.targets]
    choices = {path: [path] for path in case.layers}
    if len(case.layers) > 1 and case.together and not case.pyramid:
        choices["all"] = case.layers
    for method in case.methods:
        for choice, paths in choices.items():
            layers = [module(model, path) for path in paths]
            with METHODS[method](model=model, target_layers=layers, reshape_transform=reshape(case)) as cam:
                raw_maps, get_cam_image = [], cam.get_cam_image

                def keep(*arguments):
                    raw_maps.append(get_cam_image(*arguments))
                    return raw_maps[-1]

                cam.get_cam_image = keep
                store[f"{choice}/{method}/cam"] = cam(input_tensor=x, targets=targets)[:, 3::8, 3::8]
                if choice != "all":
                    store[f"{choice}/{method}/raw"] = raw_maps[0].astype(np.float32)
                if choice == case.layers[0]:
                    store[f"{choice}/activation"] = summary(cam.activations_and_grads.activations[0])
                    store[f"{choice}/gradient"] = summary(cam.activations_and_grads.gradients[0])
    return store


def safetensors(tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> bytes:
    """The file's bytes, the same ones every time (the safetensors package orders the metadata by chance)."""
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in sorted(tensors.items()):
        content = tensor.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def make(case: Case) -> None:
    """Runs a case, writes its file, and prints a line about it."""
    model, checkpoint = build(case)
    shape = (len(case.targets), 3, *case.size)
    x = torch.from_numpy((1.5 * uniform("input", int(np.prod(shape)))).astype(np.float32).reshape(shape))
    logits, names, nodes = forward_with_nodes(case, model, x)
    store = {"logits": logits.numpy(), "nodes": nodes, **explain(case, model, x)}
    metadata = {
        "architecture": case.architecture,
        "height": str(case.size[0]),
        "width": str(case.size[1]),
        "targets": ",".join(map(str, case.targets)),
        "layers": "\n".join(case.layers),
        "methods": "\n".join(case.methods),
        "grid": "x".join(map(str, case.grid)) if case.grid else "",
        "dropping": str(case.dropping),
        "classes": str(logits.shape[1]),
        "globalPool": case.options.get("global_pool", ""),
        "checkpointHeight": str((case.checkpoint_size or case.size)[0]),
        "checkpointWidth": str((case.checkpoint_size or case.size)[1]),
        "nodes": "\n".join(names),
        "parameters": "\n".join(
            [f"{case.renamed(key)} {'x'.join(map(str, value.shape))}" for key, value in checkpoint.items()
             if value.dtype.is_floating_point] + [f"{key} {shape}" for key, shape in case.ignored.items()]),
    }
    content = safetensors(store, metadata)
    (FOLDER / f"{case.name}.safetensors").write_bytes(content)
    print(f"{case.name}: {len(content)} bytes, {len(names)} nodes, largest logit {np.abs(store['logits']).max():.3g}")
    for name, maps in store.items():
        if name.endswith("/raw"):
            positive = " ".join(f"{raw.max() / np.abs(raw).max():.2f}" for raw in maps)
            print(f"    {name}: largest value {maps.max():.2g}, share of the largest magnitude {positive}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    names = parser.parse_args().names
    if unknown := set(names) - {case.name for case in CASES}:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    for case in CASES:
        if not names or case.name in names:
            make(case)


if __name__ == "__main__":
    main()
