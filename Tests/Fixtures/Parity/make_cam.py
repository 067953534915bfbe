#!/usr/bin/env python3
"""Makes cam_NAME.safetensors: the whole CAM family at one layer, for models with deterministic and with trained weights.

Deterministic: the first layer of four cases of make_parity.py. Trained: the demonstration models of Weights/, for both
objects of a shipped scene. Where pytorch-grad-cam has a method it is asked; sscam and iscam are torch-cam's, with our
noise; the others are written down here from their formulas. The tensors are LAYER/METHOD/raw: the map before ReLU, at every
eighth pixel from the fourth on where it has the picture's resolution; the sign of eigencam, eigengradcam and of every
eigen-smooth is LAPACK's. LAYER/gradcam-aug-smooth/cam is a heatmap.

    pip install torch torchvision timm grad-cam torchcam; python make_cam.py [NAME...]
"""
import argparse
import json
from dataclasses import dataclass

import numpy as np
import pytorch_grad_cam
import timm
import torch
import torchcam.methods
from pytorch_grad_cam.ablation_layer import AblationLayer
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from sklearn.decomposition import NMF
from torch import nn
from torch.nn import functional

import demonstration
from make_parity import CASES, FOLDER, build, module, reshape, safetensors, uniform


class ShapleyCAM(pytorch_grad_cam.ShapleyCAM):
    """The reference's weights, and the sum that it fails at where a reshape transform is needed."""

    def get_cam_image(self, input_tensor, target_layer, targets, activations, grads, eigen_smooth=False):
        weights = self.get_cam_weights(input_tensor, target_layer, targets, activations, grads)
        transform = self.activations_and_grads.reshape_transform
        maps = (transform(activations) if transform else activations).detach().numpy()
        self.activations_and_grads.clear = lambda: None  # which fails on views
        return (weights[:, :, None, None] * maps).sum(axis=1)


FAST = {
    "gradcam": pytorch_grad_cam.GradCAM,
    "hirescam": pytorch_grad_cam.HiResCAM,
    "gradcamelementwise": pytorch_grad_cam.GradCAMElementWise,
    "gradcam++": pytorch_grad_cam.GradCAMPlusPlus,
    "xgradcam": pytorch_grad_cam.XGradCAM,
    "layercam": pytorch_grad_cam.LayerCAM,
    "shapleycam": ShapleyCAM,
    "eigencam": pytorch_grad_cam.EigenCAM,
    "eigengradcam": pytorch_grad_cam.EigenGradCAM,
    "segeigencam": pytorch_grad_cam.SegEigenCAM,
    "kpcacam": pytorch_grad_cam.KPCA_CAM,
    "fem": pytorch_grad_cam.FEM,
}
SMOOTHED = ("gradcam", "layercam", "xgradcam")
SAMPLES = 2  # of sscam and iscam, whose 35 and 10 take long


@dataclass
class Subject:
    """A model, a layer, and pictures with a target each."""

    name: str
    architecture: str
    model: nn.Module
    layer: str
    x: torch.Tensor
    targets: list[int]
    reshape: object            # of the layer's features to B×C×H×W, None where they are such maps
    channel_axis: int          # of the layer's features
    keeps_first: bool = False  # whether the layer's first token is no patch
    averaged: str = ""         # the module whose maps are averaged by a head of average and linear layer
    classifier: str = ""       # that linear layer
    biased: tuple = (nn.Conv2d, nn.BatchNorm2d)  # what FullGrad counts the biases of
    parameters: str = ""
    picture: str = ""

    @property
    def module(self) -> nn.Module:
        return module(self.model, self.layer)

    def maps(self, features: torch.Tensor) -> torch.Tensor:
        return self.reshape(features) if self.reshape else features


# The models.

def deterministic(name: str, **extra) -> Subject:
    """A case of make_parity.py."""
    case = next(case for case in CASES if case.name == name)
    case.layers = case.layers[:1]
    model, checkpoint = build(case)
    shape = (len(case.targets), 3, *case.size)
    x = torch.from_numpy((1.5 * uniform("input", int(np.prod(shape)))).astype(np.float32).reshape(shape))
    parameters = "\n".join(
        f"{key} {'x'.join(map(str, value.shape))}" for key, value in checkpoint.items()
        if value.dtype.is_floating_point)
    return Subject(name, name, model, case.layers[0], x, case.targets, reshape(case), parameters=parameters, **extra)


def trained(name: str, layer: str, **extra) -> Subject:
    """A demonstration model and a scene of two objects, given twice: once for each."""
    entry = json.loads((demonstration.WEIGHTS / "Scenes" / "scenes.json").read_text())["scenes"][20]
    x = demonstration.scene(entry["file"])
    targets = [item["class"] for item in entry["objects"]]
    return Subject(
        name, name, demonstration.trained(name), layer, x.repeat(len(targets), 1, 1, 1), targets, picture=entry["file"],
        **extra)


def tokens(side: int, leading: int = 0):
    return lambda features: features[:, leading:].unflatten(1, (side, side)).permute(0, 3, 1, 2)


def channels_last(features: torch.Tensor) -> torch.Tensor:
    return features.permute(0, 3, 1, 2)


TRANSFORMER_BIASES = (nn.Conv2d, nn.BatchNorm2d, nn.Linear, nn.LayerNorm)
SUBJECTS = {
    "vit_tiny_patch16_224": lambda: deterministic(
        "vit_tiny_patch16_224", channel_axis=2, keeps_first=True, biased=TRANSFORMER_BIASES),
    "resnet18": lambda: deterministic("resnet18", channel_axis=1, averaged="layer4", classifier="fc"),
    "swin_tiny_patch4_window7_224": lambda: deterministic("swin_tiny_patch4_window7_224", channel_axis=3),
    "pvt_v2_b0": lambda: deterministic("pvt_v2_b0", channel_axis=2),
    "demo_vit": lambda: trained(
        "demo_vit", "blocks[-1].norm1", reshape=tokens(12, 1), channel_axis=2, keeps_first=True,
        biased=TRANSFORMER_BIASES),
    "demo_swin": lambda: trained(
        "demo_swin", "layers[-1].blocks[-1].norm1", reshape=channels_last, channel_axis=3, averaged="norm",
        classifier="head.fc"),
    "demo_pvt_v2": lambda: trained(
        "demo_pvt_v2", "stages[-1].blocks[-1].norm1", reshape=tokens(6), channel_axis=2, averaged="stages[-1]",
        classifier="head"),
    "demo_resnet": lambda: trained(
        "demo_resnet", "layer3[-1]", reshape=None, channel_axis=1, averaged="layer4", classifier="fc"),
}


# The noise of the product: splitmix64 and Box and Muller.

def bits(indices: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        z = (indices.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def normal(start: int, shape: tuple[int, ...]) -> torch.Tensor:
    indices = np.arange(start, start + int(np.prod(shape)), dtype=np.int64)
    radius = ((bits(2 * indices) >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52
    angle = ((bits(2 * indices + 1) >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52
    return torch.from_numpy((np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * angle)).astype(np.float32)).reshape(shape)


# What the reference gives.

def raw_map(kind, subject: Subject, x: torch.Tensor, target: int, **options) -> np.ndarray:
    """pytorch-grad-cam's map before ReLU, for one picture."""
    with kind(model=subject.model, target_layers=[subject.module], reshape_transform=subject.reshape) as cam:
        base, maps = getattr(cam, "base_cam", cam), []
        if "batch_size" in options:
            base.batch_size = options.pop("batch_size")
        if "ablation_layer" in options:
            base.ablation_layer = options.pop("ablation_layer")
        get_cam_image = base.get_cam_image

        def keep(*arguments):
            maps.append(get_cam_image(*arguments))
            return maps[-1]

        base.get_cam_image = keep
        # Finer-CAM makes its targets itself.
        targets = None if "target_idx" in options else [ClassifierOutputTarget(target)]
        cam(input_tensor=x, targets=targets, **options)
    return maps[0][0]


class ZeroLayer(AblationLayer):
    """The reference's ablation with zero in place of a value that depends on the batch."""

    def __init__(self, channel_axis: int):
        super().__init__()
        self.channel_axis = channel_axis

    def set_next_batch(self, input_batch_index, activations, num_channels_to_ablate):
        sample = activations[input_batch_index].clone()[None]
        self.activations = sample.repeat(num_channels_to_ablate, *([1] * (sample.ndim - 1)))

    def __call__(self, _):
        for place in range(len(self.activations)):
            self.activations[place].select(self.channel_axis - 1, int(self.indices[place])).zero_()
        return self.activations


def aug_smooth(subject: Subject, x: torch.Tensor, target: int) -> np.ndarray:
    with pytorch_grad_cam.GradCAM(
            model=subject.model, target_layers=[subject.module], reshape_transform=subject.reshape) as cam:
        return cam(input_tensor=x, targets=[ClassifierOutputTarget(target)], aug_smooth=True)[0, 3::8, 3::8]


def torch_cam(kind, subject: Subject, x: torch.Tensor, target: int, **options) -> np.ndarray:
    """torch-cam's map, with our noise in the order in which it asks for noise. It has no negative values."""
    path = next(name for name, part in subject.model.named_modules() if part is subject.module)
    start = 0

    def sample(shape):
        nonlocal start
        noise = extractor.std * normal(start, tuple(shape))
        start += noise.numel()
        return noise

    with kind(subject.model, path, reshape_transform=subject.reshape, **options) as extractor:
        if hasattr(extractor, "_distrib"):
            extractor._distrib = type("Noise", (), {"sample": staticmethod(sample)})
        with torch.no_grad():
            subject.model(x)
        return extractor(class_idx=target, normalized=False)[0][0].detach().numpy()


# What no package has, from the formulas.

def features_of(subject: Subject, part: nn.Module, x: torch.Tensor) -> torch.Tensor:
    kept = []
    handle = part.register_forward_hook(lambda _module, _input, output: kept.append(output))
    subject.model(x)
    handle.remove()
    return kept[0]


def with_features(subject: Subject, x: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """The logits when the layer gives these features."""
    handle = subject.module.register_forward_hook(lambda _module, _input, _output: features)
    logits = subject.model(x.repeat(len(features), 1, 1, 1))
    handle.remove()
    return logits


def original_cam(subject: Subject, x: torch.Tensor, target: int) -> np.ndarray:
    """Σ_c w_c A_c with the classifier's weights."""
    with torch.no_grad():
        maps = features_of(subject, module(subject.model, subject.averaged), x)
    if subject.averaged == "norm":  # Swin's maps are channels last
        maps = maps.permute(0, 3, 1, 2)
    weights = module(subject.model, subject.classifier).weight[target]
    return torch.einsum("c,chw->hw", weights, maps[0]).detach().numpy()


def reciprocam(subject: Subject, x: torch.Tensor, target: int) -> np.ndarray:
    """The score with the features times a Gaussian of 3×3 places around each place; the class token stays."""
    with torch.no_grad():
        features = features_of(subject, subject.module, x)
        height, width = subject.maps(features).shape[2:]
        kernel = torch.tensor([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16.0
        masks = torch.zeros(height * width, height + 2, width + 2)
        for place in range(height * width):
            row, column = divmod(place, width)
            masks[place, row:row + 3, column:column + 3] = kernel
        masks = masks[:, 1:-1, 1:-1]
        if subject.channel_axis == 1:
            masked = features * masks[:, None]
        elif features.ndim == 4:
            masked = features * masks[..., None]
        else:
            flat = masks.flatten(1)
            if subject.keeps_first:
                flat = torch.cat([torch.ones(len(flat), 1), flat], dim=1)
            masked = features * flat[..., None]
        scores = torch.cat([with_features(subject, x, part)[:, target] for part in masked.split(49)])
        return scores.reshape(height, width).numpy()


def smooth_gradcam_plus_plus(subject: Subject, x: torch.Tensor, target: int, count=4, deviation=0.3) -> np.ndarray:
    """Omeiza et al. 2019, equation 5, with the second derivative in the numerator; gradients by autograd."""
    activations = subject.maps(features_of(subject, subject.module, x)).detach()
    powers = [torch.zeros_like(activations) for _ in range(3)]
    for sample in range(count):
        noisy = x + deviation * normal(sample * x.numel(), tuple(x.shape))
        kept = []
        handle = subject.module.register_forward_hook(lambda _module, _input, output: kept.append(output))
        score = subject.model(noisy)[0, target]
        handle.remove()
        gradient = subject.maps(torch.autograd.grad(score, kept[0])[0])
        for exponent in range(3):
            powers[exponent] += gradient ** (exponent + 1) / count
    total = (powers[2] * activations).sum(dim=(2, 3), keepdim=True)
    alpha = powers[1] / (2 * powers[1] + total + 1e-8)
    weights = (alpha * powers[0].relu()).sum(dim=(2, 3))
    return torch.einsum("c,chw->hw", weights[0], activations[0]).detach().numpy()


def full_gradients(subject: Subject, x: torch.Tensor, target: int) -> np.ndarray:
    """FullGrad with the biases of all kinds of layers, where the layer's result is tokens of the picture's grid."""
    found = []

    def keep(part, _input, output):
        # A hook, because retain_grad would follow the tensor through activations in place.
        output.register_hook(lambda gradient: found.append((part, gradient)))

    handles = [part.register_forward_hook(keep) for part in subject.model.modules()
               if isinstance(part, subject.biased) and part.bias is not None]
    x = x.clone().requires_grad_(True)
    subject.model(x)[0, target].backward()
    for handle in handles:
        handle.remove()

    def scaled(maps: torch.Tensor) -> torch.Tensor:
        maps = maps - maps.amin(dim=(2, 3), keepdim=True)
        maps = maps / (1e-7 + maps.amax(dim=(2, 3), keepdim=True))
        return functional.interpolate(maps, x.shape[2:], mode="bilinear", align_corners=False).sum(dim=1)[0]

    total = scaled((x * x.grad).abs())
    for part, gradient in found:
        if gradient.ndim == 3:
            patches = gradient.shape[1] - subject.keeps_first
            side = round(patches ** 0.5)
            if side < 2:
                continue
            gradient = tokens(side, int(subject.keeps_first))(gradient)
        elif gradient.ndim < 3:
            continue
        bias = part.bias
        if isinstance(part, nn.BatchNorm2d):
            bias = bias - part.running_mean * part.weight / torch.sqrt(part.running_var + part.eps)
        total = total + scaled((bias[None, :, None, None] * gradient).abs())
    return total.detach().numpy()[3::8, 3::8]


def reference_full_gradients(subject: Subject, x: torch.Tensor, target: int) -> np.ndarray:
    """pytorch-grad-cam's FullGrad, before the map is scaled."""
    with pytorch_grad_cam.FullGrad(model=subject.model, target_layers=[]) as cam:
        maps, compute = [], cam.compute_cam_per_layer

        def keep(*arguments):
            maps.append(compute(*arguments))
            return maps[-1]

        cam.compute_cam_per_layer = keep
        cam(input_tensor=x, targets=[ClassifierOutputTarget(target)])
    return maps[0][0, 0, 3::8, 3::8]


# Deep feature factorisation.

def concepts(subject: Subject, x: torch.Tensor, count: int = 5) -> dict[str, np.ndarray]:
    """Collins et al. 2018, by hierarchical alternating least squares from our start; the classes of a concept are those of
    the picture when every patch has its features."""
    with torch.no_grad():
        features = features_of(subject, subject.module, x)
    maps = subject.maps(features)[0].double().numpy()
    channels, height, width = maps.shape
    lowest = maps.reshape(channels, -1).min(axis=1, keepdims=True)
    matrix = maps.reshape(channels, -1) - lowest
    start = np.sqrt(matrix.mean() / count)
    noise = np.abs(normal(0, (channels * count + count * height * width,)).double().numpy())
    left = start * noise[:channels * count].reshape(channels, count)
    right = start * noise[channels * count:].reshape(count, -1)
    last = np.inf
    for _ in range(200):
        for k in range(count):
            rest = matrix - left @ right + np.outer(left[:, k], right[k])
            right[k] = np.maximum(0, left[:, k] @ rest / (left[:, k] @ left[:, k]))
        for k in range(count):
            rest = matrix - left @ right + np.outer(left[:, k], right[k])
            left[:, k] = np.maximum(0, rest @ right[k] / (right[k] @ right[k]))
        error = ((matrix - left @ right) ** 2).sum()
        if not last - error > 1e-6 * (matrix ** 2).sum():
            break
        last = error
    known = NMF(n_components=count, init="random", random_state=0, max_iter=1000).fit(matrix).reconstruction_err_ ** 2
    print(f"    concepts: squared error {error:.5g}, scikit-learn's {known:.5g}")
    peaks = right.max(axis=1)
    order = np.argsort(-left.sum(axis=0) * right.sum(axis=1))
    vectors = torch.from_numpy((lowest + left * peaks).T).float()[order]
    shape = [count] + [1] * (features.ndim - 1)
    shape[subject.channel_axis] = channels
    everywhere = features.repeat(count, *([1] * (features.ndim - 1)))
    first = int(subject.keeps_first)
    if first:
        everywhere[:, first:] = vectors.reshape(shape)
    else:
        everywhere = vectors.reshape(shape).expand_as(everywhere).clone()
    with torch.no_grad():
        outputs = with_features(subject, x, everywhere)
    scaled = (right / peaks[:, None])[order].reshape(count, height, width)
    return {"concepts/maps": scaled, "concepts/outputs": outputs.numpy()}


def explain(subject: Subject) -> dict[str, np.ndarray]:
    """The maps of every method, for each picture with its target."""
    def one(x: torch.Tensor, target: int) -> dict[str, np.ndarray]:
        maps = {}
        for name, kind in FAST.items():
            maps[f"{name}/raw"] = raw_map(kind, subject, x, target)
        for name in SMOOTHED:
            maps[f"{name}-eigen-smooth/raw"] = raw_map(FAST[name], subject, x, target, eigen_smooth=True)
        maps["gradcam-aug-smooth/cam"] = aug_smooth(subject, x, target)
        maps["finercam/raw"] = raw_map(pytorch_grad_cam.FinerCAM, subject, x, target, target_idx=target)
        maps["ablationcam/raw"] = raw_map(
            pytorch_grad_cam.AblationCAM, subject, x, target, ablation_layer=ZeroLayer(subject.channel_axis))
        if subject.channel_axis == 1:
            # Behind a ReLU the reference ablates with zero too.
            plain = raw_map(pytorch_grad_cam.AblationCAM, subject, x, target, ablation_layer=AblationLayer())
            assert np.allclose(plain, maps["ablationcam/raw"], rtol=1e-4, atol=1e-4 * np.abs(plain).max())
        maps["reciprocam/raw"] = reciprocam(subject, x, target)
        if subject.channel_axis == 1:
            # Where activations are negative its denominators cross zero, and nobody's digits mean anything; for the ring on
            # demo_resnet one cancels to 3e-5 of its terms, and gives the largest weight.
            if not subject.picture:
                maps["smoothgradcam++/raw"] = smooth_gradcam_plus_plus(subject, x, target)
            # Without noise torch-cam's last copy is the picture, and the two definitions are one.
            theirs = torch_cam(torchcam.methods.SmoothGradCAMpp, subject, x, target, std=1e-12)
            ours = smooth_gradcam_plus_plus(subject, x, target, deviation=0)
            assert np.allclose(theirs, ours, rtol=1e-3, atol=1e-3 * np.abs(ours).max()), np.abs(theirs - ours).max()
        if subject.averaged:
            maps["cam/raw"] = original_cam(subject, x, target)
        if subject.keeps_first or subject.channel_axis == 1:
            maps["fullgrad/raw"] = full_gradients(subject, x, target)
        if subject.channel_axis == 1:
            theirs = reference_full_gradients(subject, x, target)
            assert np.allclose(theirs, maps["fullgrad/raw"], rtol=1e-3, atol=1e-3 * theirs.max())
        if subject.picture:
            maps["scorecam/raw"] = raw_map(pytorch_grad_cam.ScoreCAM, subject, x, target, batch_size=32)
            maps["iscam/raw"] = torch_cam(torchcam.methods.ISCAM, subject, x, target, num_samples=SAMPLES)
            maps["sscam/raw"] = torch_cam(torchcam.methods.SSCAM, subject, x, target, num_samples=SAMPLES)
        return maps

    found = [one(subject.x[index:index + 1], target) for index, target in enumerate(subject.targets)]
    store = {name: np.stack([maps[name] for maps in found]) for name in found[0]}
    if subject.picture:
        store |= concepts(subject, subject.x[:1])
    return {f"{subject.layer}/{name}": maps.astype(np.float32) for name, maps in store.items()}


def make(name: str) -> None:
    """Runs a subject, writes its file, and prints a line about it."""
    subject = SUBJECTS[name]()
    store = explain(subject)
    metadata = {
        "architecture": subject.architecture,
        "height": str(subject.x.shape[2]),
        "width": str(subject.x.shape[3]),
        "targets": ",".join(map(str, subject.targets)),
        "layers": subject.layer,
        "methods": "\n".join(path[len(subject.layer) + 1:].removesuffix("/raw") for path in store if path.endswith("/raw")),
        "parameters": subject.parameters,
        "picture": subject.picture,
    }
    content = safetensors(store, metadata)
    (FOLDER / f"cam_{name}.safetensors").write_bytes(content)
    print(f"cam_{name}: {len(content)} bytes, {len(store)} maps", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    torch.set_num_threads(1)
    timm.layers.set_fused_attn(False)  # the fused form has no second derivative
    for one in parser.parse_args().names or SUBJECTS:
        make(one)
