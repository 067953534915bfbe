#!/usr/bin/env python3
"""Makes attention.safetensors: the attention methods by dense_attention.py, on models of make_parity.py with deterministic
weights and on the trained demonstration models.

Tensors are named CASE/METHOD, B×h×w in the resolution of the first attention; of maps of more than 300 places every STRIDE-th
row and column from the first on. The metadata's `cases` has a line for each: CASE, the case of make_parity.py or the demonstration model, the architecture,
height, width, STRIDE, and the targets, separated by blanks. A map is left out where rounding decides what it leaves out.
"""
from dataclasses import replace

import numpy as np
import timm
import torch
from torch.overrides import TorchFunctionMode

import dense_attention as dense
from dense_attention import Layer
from demonstration import scene, trained
from make_parity import CASES, FOLDER, build, safetensors, uniform

# Case of make_parity.py, the size of the input where another, and the stride of the maps.
RANDOM = [("vit_tiny_patch16_224", None, 1), ("deit_small_distilled_patch16_224", None, 1),
          ("vit_small_patch14_reg4_dinov2", None, 1), ("vit_tiny_patch16_224_average", None, 1),
          ("swin_tiny_patch4_window7_224_160x256", None, 4), ("torchvision_swin_t_160x256", None, 4),
          ("swinv2_tiny_window8_256_160x256", None, 4), ("pvt_v2_b0_192x256", None, 4),
          ("pvt_v2_b2_li", (160, 192), 4), ("pvt_tiny_192x256", None, 4)]
TRAINED = ["demo_vit", "demo_swin", "demo_pvt_v2"]


class Softmaxes(TorchFunctionMode):
    """Keeps the result of every softmax over the keys of an attention."""

    def __init__(self):
        super().__init__()
        self.results = []

    def __torch_function__(self, function, types, arguments=(), options=None):
        result = function(*arguments, **(options or {}))
        if function in (torch.Tensor.softmax, torch.nn.functional.softmax) and result.ndim >= 4:
            self.results.append(result)
        return result


# MARK: What models are made of

def blocks(model) -> list[list[torch.nn.Module]]:
    """The blocks that attend, stage by stage."""
    if hasattr(model, "blocks"):
        return [list(model.blocks)]
    if hasattr(model, "block1"):
        return [list(getattr(model, f"block{stage}")) for stage in (1, 2, 3, 4)]
    if hasattr(model, "features"):
        return [list(stage) for stage in list(model.features)[1::2]]
    return [list(stage.blocks) for stage in (model.stages if hasattr(model, "stages") else model.layers)]


def classified(model, tokens):
    """What the classifier makes of the tokens behind a block of the last stage."""
    if hasattr(model, "blocks"):
        return model.forward_head(model.norm(tokens))
    if hasattr(model, "block1"):
        return model.head(model.norm(tokens)[:, 0])
    if hasattr(model, "stages"):
        return model.head(model.stages[-1].norm(tokens).mean(1))
    if hasattr(model, "features"):
        return model.head(model.norm(tokens).mean((1, 2)))
    return model.head(model.norm(tokens))


def layers(model, size, attentions, gradients) -> list[Layer]:
    """The layers of one picture, from what a softmax gave: windows·1 × heads × queries × keys."""
    found = []
    for stage, stage_blocks in enumerate(blocks(model)):
        patch = model.patch_embed.patch_size[0] if hasattr(model, "blocks") else 4 << stage
        rounding_up = not hasattr(model, "blocks") and not hasattr(model, "block1")
        first = tuple(side // (patch if not rounding_up else 4) for side in size)
        grid = first
        for _ in range(stage if rounding_up else 0):
            grid = tuple(-(-side // 2) for side in grid)
        for block in stage_blocks:
            number = len(found)
            layer = Layer(attentions[number], gradients[number], grid)
            queries, keys = layer.attention.shape[2:]
            if hasattr(block.attn, "window_size"):
                window, shift = tuple(block.attn.window_size), tuple(getattr(block, "shift_size", None) or block.attn.shift_size)
                if hasattr(model, "features"):
                    shift = tuple(0 if -(-side // w) * w <= w else s for side, w, s in zip(grid, window, shift))
                layer.places = dense.window_places(grid, window, shift, hasattr(model, "features"))
            elif queries == keys:
                layer.leading = queries - grid[0] * grid[1]
            elif getattr(block.attn, "pool", None) is not None:
                layer.keys = dense.pooling(grid, (7, 7))
            else:
                layer.keys = dense.averaging(grid, block.attn.sr.stride[0], False)
            found.append(layer)
    return found


def readout(model, layer: Layer) -> torch.Tensor:
    """Which tokens the classifier reads."""
    shares = torch.zeros(layer.tokens)
    if layer.leading == 0:
        shares[:] = 1
    elif getattr(model, "global_pool", "token") == "avg":
        shares[layer.leading:] = 1
    else:
        shares[:2 if getattr(model, "dist_token", None) is not None else 1] = 1
    return shares / shares.sum()


# MARK: Runs

def own_gradients(model, behind, attentions, target):
    """For the blocks of the last stage the gradient of what the classifier makes of the tokens behind each."""
    count = len(blocks(model)[-1])
    return [torch.autograd.grad(classified(model, tokens)[0, target], attention, retain_graph=True)[0]
            for tokens, attention in zip(behind[-count:], attentions[-count:])]


def explain(model, x, target) -> dict[str, torch.Tensor]:
    """Every method's map for one picture."""
    behind = []
    hooks = [block.register_forward_hook(lambda _module, _input, output: behind.append(output))
             for stage in blocks(model) for block in stage]
    with Softmaxes() as softmaxes:
        logits = model(x)
    for hook in hooks:
        hook.remove()
    attentions = softmaxes.results
    gradients = torch.autograd.grad(logits[0, target], attentions, retain_graph=True)
    own = own_gradients(model, behind, attentions, target)
    found = layers(model, x.shape[2:], [a.detach() for a in attentions], gradients)
    start = readout(model, found[-1])
    middle = found[len(found) // 2]
    methods = {
        "rollout": lambda: dense.rollout(found, start),
        "rollout-max-0.9": lambda: dense.rollout(found, start, "max", 0.9),
        "rollout-min-0.5": lambda: dense.rollout(found, start, "min", 0.5),
        "gradientrollout": lambda: dense.gradient_rollout(found, start),
        "gradientrollout-0.9": lambda: dense.gradient_rollout(found, start, 0.9),
        "gradientattention": lambda: dense.gradient_attention(found, start),
        "legrad": lambda: dense.legrad(found[-len(own):], own),
        "attention": lambda: dense.attention(found[-1], start),
        f"attention-block{len(found) // 2}-head1": lambda: dense.attention(middle, readout(model, middle), 1),
    }
    maps = {}
    for name, method in methods.items():
        try:
            maps[name] = method().detach()
        except dense.Ambiguous as reason:
            print(f"{name} left out: {reason}")
    return maps


def cases():
    """Case, case of make_parity.py or model, architecture, model, input, targets, stride."""
    by_name = {case.name: case for case in CASES}
    for name, size, stride in RANDOM:
        case = by_name[name]
        case = case if size is None else replace(case, size=size)
        shape = (len(case.targets), 3, *case.size)
        x = (1.5 * uniform("input", int(np.prod(shape)))).astype(np.float32).reshape(shape)
        yield name, case.architecture, build(case)[0], torch.from_numpy(x), case.targets, stride
    for name in TRAINED:
        yield name, name, trained(name), torch.cat([scene("scene-20.png"), scene("scene-12.png")]), [5, 2], 2


def main():
    torch.set_num_threads(1)
    timm.layers.set_fused_attn(False)
    store, lines = {}, []
    for name, architecture, model, x, targets, stride in cases():
        maps = [explain(model, picture[None], target) for picture, target in zip(x, targets)]
        for method in maps[0]:
            if not all(method in one for one in maps):
                continue
            stacked = torch.stack([one[method] for one in maps])
            step = stride if stacked[0].numel() > 300 else 1
            store[f"{name}/{method}"] = stacked[:, ::step, ::step].numpy()
        lines.append(" ".join(map(str, [name, architecture, *x.shape[2:], stride, *targets])))
        print(lines[-1])
    content = safetensors(store, {"cases": "\n".join(lines)})
    (FOLDER / "attention.safetensors").write_bytes(content)
    print(len(content), "bytes")


if __name__ == "__main__":
    main()
