#!/usr/bin/env python3
"""Makes operations.safetensors: small inputs, parameters, outputs and gradients of single operations, from PyTorch.

Every case OPERATION.CASE stores its operands, its output, an upstream gradient and what that gives for the
operands (see README.md for the names). Numbers that are not tensors go to the metadata.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from timm.layers import resample_abs_pos_embed

tensors: dict[str, torch.Tensor] = {}
metadata: dict[str, str] = {}
generator = torch.Generator()


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=generator)


def case(name: str, operation, operands: dict[str, torch.Tensor], parameters: dict[str, torch.Tensor] | None = None,
         **options) -> None:
    """Runs `operation(*operands, **parameters)` forward and backward, and stores all of it under `name`."""
    operands = {key: value.clone().requires_grad_() for key, value in operands.items()}
    output = operation(*operands.values(), **(parameters or {}))
    gradient = normal(*output.shape)
    output.backward(gradient)
    stored = {**operands, **(parameters or {}), "output": output, "outputGradient": gradient}
    stored |= {f"{key}Gradient": value.grad for key, value in operands.items()}
    for key, value in stored.items():
        tensors[f"{name}.{key}"] = value.detach()
    for key, value in options.items():
        metadata[f"{name}.{key}"] = ",".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()


def convolution(name: str, shape, channels: int, kernel, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1,
                biased=True) -> None:
    parameters = {"weight": normal(channels, shape[1] // groups, *kernel)}
    if biased:
        parameters["bias"] = normal(channels)
    case(f"convolution.{name}",
         lambda x, **p: F.conv2d(x, **p, stride=stride, padding=padding, dilation=dilation, groups=groups),
         {"input": normal(*shape)}, parameters, stride=stride, padding=padding, dilation=dilation, groups=groups)


def batch_norm(name: str, shape, epsilon: float) -> None:
    count = shape[1]
    parameters = {"weight": normal(count), "bias": normal(count), "runningMean": normal(count),
                  "runningVariance": normal(count).square() + 0.1}
    case(f"batchNorm.{name}",
         lambda x, weight, bias, runningMean, runningVariance: F.batch_norm(
             x, runningMean, runningVariance, weight, bias, eps=epsilon),
         {"input": normal(*shape)}, parameters, epsilon=epsilon)


def layer_norm(name: str, x: torch.Tensor, epsilon: float) -> None:
    count = x.shape[-1]
    case(f"layerNorm.{name}", lambda x, weight, bias: F.layer_norm(x, (count,), weight, bias, epsilon),
         {"input": x}, {"weight": normal(count), "bias": normal(count)}, epsilon=epsilon)


def max_pool(name: str, x: torch.Tensor, kernel, stride, padding=(0, 0), ceil=False) -> None:
    case(f"maxPool.{name}", lambda x: F.max_pool2d(x, kernel, stride, padding, ceil_mode=ceil), {"input": x},
         kernel=kernel, stride=stride, padding=padding, ceilMode=ceil)


def average_pool(name: str, shape, kernel, stride, padding=(0, 0), ceil=False, counts_padding=True) -> None:
    case(f"averagePool.{name}",
         lambda x: F.avg_pool2d(x, kernel, stride, padding, ceil_mode=ceil, count_include_pad=counts_padding),
         {"input": normal(*shape)}, kernel=kernel, stride=stride, padding=padding, ceilMode=ceil,
         countsPadding=counts_padding)


def position_embedding(name: str, old, new, prefix: int) -> None:
    case(f"positionEmbedding.{name}",
         lambda x: resample_abs_pos_embed(x, new_size=list(new), old_size=list(old), num_prefix_tokens=prefix),
         {"input": normal(1, prefix + old[0] * old[1], 3)}, oldGrid=old, newGrid=new, prefix=prefix)


def make_all() -> None:
    convolution("plain", (2, 2, 5, 6), 3, (3, 3), padding=(1, 1))
    convolution("unbiased", (1, 2, 5, 6), 3, (3, 3), biased=False)
    convolution("pointwise", (2, 5, 3, 4), 3, (1, 1))
    convolution("pointwiseStrided", (1, 3, 7, 6), 4, (1, 1), stride=(2, 2), biased=False)
    convolution("strided", (1, 2, 7, 8), 3, (3, 3), stride=(2, 2), padding=(1, 1))
    convolution("patches", (1, 3, 8, 12), 3, (4, 4), stride=(4, 4))
    convolution("leftover", (1, 2, 9, 11), 3, (4, 4), stride=(4, 4))
    convolution("asymmetric", (1, 2, 7, 9), 3, (3, 5), stride=(2, 1), padding=(1, 2))
    convolution("grouped", (1, 6, 5, 6), 4, (3, 3), stride=(2, 2), padding=(1, 1), groups=2)
    convolution("depthwise", (1, 4, 6, 5), 4, (3, 3), padding=(1, 1), groups=4)
    convolution("depthwiseMultiplied", (1, 3, 6, 5), 6, (5, 5), stride=(2, 2), padding=(2, 2), groups=3)
    convolution("dilated", (1, 2, 8, 9), 3, (3, 3), padding=(2, 2), dilation=(2, 2))
    convolution("dilatedAsymmetric", (1, 4, 9, 8), 4, (3, 2), stride=(1, 2), padding=(2, 1), dilation=(2, 3), groups=2)
    convolution("wholePicture", (2, 3, 4, 4), 1, (4, 4))

    case("linear.tokens", F.linear, {"input": normal(2, 5, 6)}, {"weight": normal(4, 6), "bias": normal(4)})
    case("linear.unbiased", F.linear, {"input": normal(3, 6)}, {"weight": normal(4, 6)})
    case("matrixMultiplication.batched", torch.matmul, {"left": normal(1, 2, 4, 5), "right": normal(1, 2, 5, 6)})
    case("attention.heads", F.scaled_dot_product_attention,
         {"query": normal(1, 2, 5, 4), "key": normal(1, 2, 5, 4), "value": normal(1, 2, 5, 4)})

    batch_norm("plain", (2, 3, 4, 5), 1e-5)
    batch_norm("largeEpsilon", (1, 4, 2, 3), 1e-3)
    layer_norm("tokens", normal(2, 5, 8), 1e-6)
    layer_norm("largeEpsilon", normal(1, 3, 7), 1e-3)
    layer_norm("shifted", normal(1, 3, 16) + 100, 1e-6)

    line = torch.cat([torch.linspace(-6, 6, 49), torch.tensor([-100.0, -14.0, -1e-6, 1e-6, 14.0, 100.0])])
    case("gelu.exact", F.gelu, {"input": line})
    case("relu.line", F.relu, {"input": line})
    case("sigmoid.line", torch.sigmoid, {"input": line})
    case("softmax.lastAxis", lambda x: x.softmax(-1), {"input": normal(1, 2, 4, 7)})
    case("softmax.largeValues", lambda x: x.softmax(-1),
         {"input": torch.tensor([[1000.0, 999.0, -1000.0], [-300.0, -301.0, -299.0], [0.0, 0.0, 0.0]])})

    max_pool("plain", normal(2, 3, 4, 6), (2, 2), (2, 2))
    max_pool("padded", normal(1, 2, 7, 8), (3, 3), (2, 2), (1, 1))
    max_pool("allNegative", -1 - normal(1, 2, 5, 5).abs(), (3, 3), (2, 2), (1, 1))
    max_pool("ceiling", normal(1, 2, 6, 8), (3, 3), (2, 2), ceil=True)
    max_pool("ceilingPadded", normal(1, 2, 6, 7), (3, 3), (2, 2), (1, 1), ceil=True)
    max_pool("ceilingDropsWindow", normal(1, 2, 5, 5), (2, 2), (3, 3), (1, 1), ceil=True)
    max_pool("asymmetric", normal(1, 2, 6, 7), (2, 3), (1, 2), (0, 1))
    max_pool("ties", torch.randint(0, 3, (1, 2, 6, 6), generator=generator).float(), (3, 3), (2, 2), (1, 1))
    average_pool("plain", (2, 3, 4, 6), (2, 2), (2, 2))
    average_pool("paddingCounted", (1, 2, 7, 8), (3, 3), (2, 2), (1, 1))
    average_pool("paddingNotCounted", (1, 2, 7, 8), (3, 3), (2, 2), (1, 1), counts_padding=False)
    average_pool("ceiling", (1, 2, 6, 8), (3, 3), (2, 2), ceil=True)
    average_pool("ceilingPaddingCounted", (1, 2, 6, 7), (3, 3), (2, 2), (1, 1), ceil=True)
    average_pool("ceilingPaddingNotCounted", (1, 2, 6, 7), (3, 3), (2, 2), (1, 1), ceil=True, counts_padding=False)
    average_pool("asymmetric", (1, 2, 6, 7), (2, 3), (1, 2), (0, 1))
    case("globalAveragePool.maps", lambda x: F.adaptive_avg_pool2d(x, 1), {"input": normal(2, 3, 4, 5)})

    position_embedding("larger", (4, 4), (6, 6), 1)
    position_embedding("smaller", (6, 6), (4, 4), 1)
    position_embedding("muchSmaller", (8, 7), (2, 3), 1)
    position_embedding("wider", (4, 4), (3, 7), 2)
    position_embedding("sameCount", (4, 4), (2, 8), 1)
    position_embedding("withoutPrefix", (3, 5), (5, 4), 0)


def safetensors() -> bytes:
    """The file's bytes, the same ones every time (the safetensors package orders the metadata by chance)."""
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in tensors.items():
        content = tensor.contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


if __name__ == "__main__":
    torch.set_num_threads(1)
    generator.manual_seed(20)
    make_all()
    assert all(tensor.isfinite().all() for tensor in tensors.values())
    content = safetensors()
    Path(__file__).with_name("operations.safetensors").write_bytes(content)
    print(f"{len(content)} bytes, {len(tensors)} tensors")
