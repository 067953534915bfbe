"""Trains one demonstration model on rendered scenes.

    train.py {vit,swin,pvt_v2,resnet} [--out FILE] [--from FILE] [--threads N]

Two recipes. The plain one (pvt_v2, resnet, and the Swin's first run): AdamW, one cycle of the learning rate, only the
scene's classes as target. It is not enough for a small plain ViT, whose attention has to find out from scene labels
alone which patches belong together: nine epochs reached 0.43. The dense one (vit, and the Swin's second run, which
starts from the first) uses that the renderer knows every pixel: throw-away linear heads on the tokens of several depths
predict the outline inside each patch and the class that covers it. The heads are not part of what is written.

The best weights so far are written whenever the held-out accuracy improves. Needs the packages in requirements.txt.
"""
import argparse
import time

import numpy as np
import timm
import torch
from safetensors.torch import load_file
from timm.models.pvt_v2 import PyramidVisionTransformerV2
from timm.models.resnet import BasicBlock
from torch import nn
from torch.nn import functional

import scenes
from export import save_weights

MODELS = {
    "vit": lambda: timm.models.VisionTransformer(
        img_size=96, patch_size=8, embed_dim=96, depth=6, num_heads=3, mlp_ratio=2, num_classes=10),
    "swin": lambda: timm.models.SwinTransformer(
        img_size=96, patch_size=4, window_size=6, embed_dim=24, depths=(2, 2, 4), num_heads=(1, 2, 4), num_classes=10),
    "pvt_v2": lambda: PyramidVisionTransformerV2(
        depths=(2, 2, 2), embed_dims=(24, 48, 96), num_heads=(1, 2, 4), sr_ratios=(4, 2, 1), mlp_ratios=(4, 4, 4),
        num_classes=10),
    "resnet": lambda: timm.models.ResNet(
        BasicBlock, (1, 1, 1, 1), channels=(24, 48, 96, 192), output_stride=8, num_classes=10),
}
BATCH = 128

# The plain recipe: passes over 30,000 scenes and the peak learning rate.
PLAIN = {"pvt_v2": (12, 1e-3), "resnet": (12, 4e-3), "swin": (12, 1e-3)}

# The dense recipe. outlines, classes: the depths (blocks of the ViT, stages of the Swin) whose tokens get a throw-away
# head for the outline and for the class. steady, falling: steps at the full learning rates and steps of linear decay.
# matrix_rate: Muon, for the blocks' matrices; rate: AdamW, for all else.
DENSE = {
    "vit": dict(outlines=(1, 2), classes=(2, 3, 4, 5), steady=1000, falling=400, matrix_rate=6e-3, rate=2e-3),
    "swin": dict(outlines=(0, 1), classes=(1, 2), steady=200, falling=600, matrix_rate=3e-3, rate=1e-3),
}


def normalised(pictures):
    """uint8 N x H x W x 3 -> float N x 3 x H x W in [-1, 1] (mean 0.5, std 0.5)."""
    return (pictures.permute(0, 3, 1, 2).float() / 255 - .5) / .5


def accuracy(model, pictures, labels):
    """Share of scenes whose k objects are exactly the k highest logits."""
    with torch.inference_mode():
        logits = torch.cat([model(normalised(part)) for part in pictures.split(200)])
    right = [labels[i][logits[i].topk(int(labels[i].sum())).indices].all() for i in range(len(labels))]
    return float(torch.stack(right).float().mean())


def scene_loss(logits, labels):
    """Cross entropy against a target that is shared equally by the scene's classes."""
    return functional.cross_entropy(logits.float(), labels / labels.sum(1, keepdim=True))


class Keeper:
    """Measures the held-out accuracy and writes the weights whenever it improves."""

    def __init__(self, name, path):
        self.name, self.path, self.best, self.start = name, path, 0.0, time.time()
        self.held_out = tuple(map(torch.from_numpy, scenes.dataset(1000, seed=2)))
        self.model = MODELS[name]().eval()

    def measure(self, when, tensors):
        self.model.load_state_dict(tensors)
        reached = accuracy(self.model, *self.held_out)
        print(f"{self.name} {when}: held-out {reached:.3f}, {time.time() - self.start:.0f} s", flush=True)
        if reached > self.best:
            self.best = reached
            save_weights(self.name, tensors, self.path)


# --- the plain recipe


def train_plain(name, model, keeper):
    """Scene labels only; a horizontal flip is the only change made to the pictures."""
    epochs, peak_rate = PLAIN[name]
    pictures, labels = map(torch.from_numpy, scenes.dataset(30000, seed=1))
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, peak_rate, total_steps=epochs * len(pictures) // BATCH + 1, pct_start=.15)
    for epoch in range(epochs):
        model.train()
        for chosen in torch.randperm(len(pictures)).split(BATCH)[:-1]:
            x = normalised(pictures[chosen])
            if torch.rand(1) < .5:
                x = x.flip(3)
            loss = scene_loss(model(x), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        keeper.measure(f"epoch {epoch}, loss {loss:.3f}", model.state_dict())


# --- the dense recipe


def sine_positions(grid, width):
    """Sine and cosine of rows and columns at wavelengths from 6 to 60 patches: grid*grid x width."""
    rows, columns = torch.meshgrid(torch.arange(grid).float(), torch.arange(grid).float(), indexing="ij")
    frequencies = 10 ** -(torch.arange(width // 4) / (width // 4))
    angles = [axis.flatten()[:, None] * frequencies for axis in (rows, columns)]
    return torch.cat([wave(angle) for angle in angles for wave in (torch.sin, torch.cos)], 1)


def start_local(vit):
    """Lets a ViT start as a network whose tokens attend to near and similar ones.

    Positions are sines, and queries and keys the same random projection, so that a query is most like the keys near it
    (after Trockman and Kolter 2023, Mimetic initialization of self-attention layers).
    """
    width, grid = vit.embed_dim, vit.patch_embed.grid_size[0]
    with torch.no_grad():
        vit.pos_embed[:, 0] = 0
        vit.pos_embed[:, 1:] = sine_positions(grid, width) * .5
        for block in vit.blocks:
            queries_keys_values, head_width = block.attn.qkv.weight, block.attn.head_dim
            for start in range(0, width, head_width):
                projection = torch.linalg.qr(torch.randn(width, head_width))[0].T * .8
                for offset in (start, start + width):
                    noise = torch.randn(head_width, width) * .02
                    queries_keys_values[offset:offset + head_width] = projection + noise
            for matrix in (queries_keys_values[2 * width:], block.attn.proj.weight, block.mlp.fc1.weight, block.mlp.fc2.weight):
                nn.init.xavier_uniform_(matrix)


class WithDenseHeads(nn.Module):
    """A model and a throw-away linear head for each depth that the recipe names."""

    def __init__(self, model, outlines, classes):
        super().__init__()
        self.model, self.outlines, self.classes = model, outlines, classes
        self.depths = sorted({*outlines, *classes})
        maps = self.maps(torch.zeros(1, 3, scenes.SIZE, scenes.SIZE))[1]
        self.cells = [scenes.SIZE // one.shape[2] for one in maps]
        self.heads = nn.ModuleList()
        for depth, cell, one in zip(self.depths, self.cells, maps):
            outputs = cell * cell * (depth in outlines) + (len(scenes.CLASSES) + 1) * (depth in classes)
            self.heads.append(nn.Sequential(nn.LayerNorm(one.shape[1]), nn.Linear(one.shape[1], outputs)))

    def maps(self, x):
        return self.model.forward_intermediates(x, indices=self.depths, output_fmt="NCHW")

    def forward(self, x):
        final, maps = self.maps(x)
        return self.model.forward_head(final), [head(one.permute(0, 2, 3, 1)) for head, one in zip(self.heads, maps)]

    def dense_losses(self, answers, class_maps):
        """Mean losses of the outlines and of the classes; in the latter an empty patch weighs a tenth of a full one."""
        outline_losses, class_losses = [], []
        for depth, cell, answer in zip(self.depths, self.cells, answers):
            grid = scenes.SIZE // cell
            pixels = class_maps.view(-1, grid, cell, grid, cell).permute(0, 1, 3, 2, 4).flatten(3)
            covered = (pixels > 0).float()
            answer = answer.float()
            if depth in self.outlines:
                outline_losses.append(functional.binary_cross_entropy_with_logits(answer[..., :cell * cell], covered))
            if depth in self.classes:
                count = len(scenes.CLASSES) + 1
                target = torch.stack([(pixels == index).float().mean(-1) for index in range(count)], -1)
                weight = .1 + .9 * covered.mean(-1)
                each = functional.cross_entropy(
                    answer[..., -count:].flatten(0, 2), target.flatten(0, 2), reduction="none")
                class_losses.append((each * weight.flatten()).sum() / weight.sum())
        return sum(outline_losses) + .5 * sum(class_losses)


def varied(pictures, class_maps):
    """Flips, shifts of up to four pixels (wrapping round) and exchanged color channels, the same for both."""
    for axis in (1, 2):
        if torch.rand(1) < .5:
            pictures, class_maps = pictures.flip(axis), class_maps.flip(axis)
    pictures, class_maps = pictures.clone(), class_maps.clone()
    for some in torch.arange(len(pictures)).split(8):
        shift = torch.randint(-4, 5, (2,)).tolist()
        pictures[some] = pictures[some].roll(shift, (1, 2))[..., torch.randperm(3)]
        class_maps[some] = class_maps[some].roll(shift, (1, 2))
    return pictures, class_maps


def train_dense(name, model, keeper, fresh):
    """Scene labels and dense labels; what is kept is the moving average of the weights."""
    recipe = DENSE[name]
    parts = [scenes.dataset(30000, seed, with_class_map=True) for seed in (1, 101)]
    pictures, labels, class_maps = (torch.from_numpy(np.concatenate(part)) for part in zip(*parts))
    if name == "vit" and fresh:
        start_local(model)
    del parts
    whole = WithDenseHeads(model, recipe["outlines"], recipe["classes"])
    fast = torch.compile(whole)
    matrices = [value for key, value in model.named_parameters()
                if value.ndim == 2 and "blocks" in key and "position_bias" not in key]
    chosen_matrices = {id(matrix) for matrix in matrices}
    others = [value for value in whole.parameters() if id(value) not in chosen_matrices]
    optimisers = {
        "matrix_rate": torch.optim.Muon(matrices, weight_decay=.02, adjust_lr_fn="match_rms_adamw"),
        "rate": torch.optim.AdamW(others, weight_decay=.02, betas=(.9, .98)),
    }
    average = {key: value.detach().clone() for key, value in model.state_dict().items()}
    for step in range(recipe["steady"] + recipe["falling"]):
        share = min(1, (step + 1) / 150, 1 - (step - recipe["steady"]) / recipe["falling"])
        for rate, optimiser in optimisers.items():
            for group in optimiser.param_groups:
                group["lr"] = recipe[rate] * share
        chosen = torch.randint(len(pictures), (BATCH,))
        x, class_map = varied(pictures[chosen], class_maps[chosen])
        with torch.autocast("cpu", torch.bfloat16):
            logits, answers = fast(normalised(x))
        loss = scene_loss(logits, labels[chosen])
        total = loss + whole.dense_losses(answers, class_map)
        for optimiser in optimisers.values():
            optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(whole.parameters(), 1.0)
        for optimiser in optimisers.values():
            optimiser.step()
        kept = min(.998, (step + 2) / (step + 21))
        with torch.no_grad():
            for key, value in model.state_dict().items():
                if value.is_floating_point():
                    average[key].lerp_(value, 1 - kept)
        if (step + 1) % 200 == 0:
            keeper.measure(f"step {step + 1}, loss {loss:.3f}", average)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=MODELS)
    parser.add_argument("--out", help="default: demo_NAME.safetensors")
    parser.add_argument("--from", dest="start", help="weights to start from; the Swin's second run needs its first run's")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    timm.layers.set_fused_attn(False)  # in bfloat16 on a processor the fused one halved the speed
    model = MODELS[options.name]()
    if options.start:
        model.load_state_dict(load_file(options.start))
    keeper = Keeper(options.name, options.out or f"demo_{options.name}.safetensors")
    if options.name == "vit" or (options.name == "swin" and options.start):
        train_dense(options.name, model, keeper, fresh=not options.start)
    else:
        train_plain(options.name, model, keeper)


if __name__ == "__main__":
    main()
