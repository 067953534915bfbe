"""The Pyramid Vision Transformer (Wang et al. 2021) in PyTorch: timm has the second version only, so the first one is written
out here, from the paper, with the parameter names of the paper's own repository."""
import torch
import torch.nn.functional as F
from torch import nn

WIDTHS, HEADS, PATCHES = (64, 128, 320, 512), (1, 2, 5, 8), (4, 2, 2, 2)
REDUCTIONS, RATIOS = (8, 4, 2, 1), (8, 8, 4, 4)
BLOCKS = {"pvt_tiny": (2, 2, 2, 2), "pvt_small": (3, 4, 6, 3), "pvt_medium": (3, 4, 18, 3), "pvt_large": (3, 8, 27, 3)}


class Attention(nn.Module):
    """Multi-head attention whose keys and values come from a map reduced by a strided convolution."""

    def __init__(self, width: int, heads: int, reduction: int):
        super().__init__()
        self.heads, self.reduction = heads, reduction
        self.q, self.kv, self.proj = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)
        if reduction > 1:
            self.sr = nn.Conv2d(width, width, reduction, stride=reduction)
            self.norm = nn.LayerNorm(width)

    def forward(self, x: torch.Tensor, grid: tuple[int, int]) -> torch.Tensor:
        source = x
        if self.reduction > 1:
            source = self.norm(self.sr(x.transpose(1, 2).unflatten(2, grid)).flatten(2).transpose(1, 2))
        q = self.q(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        k, v = self.kv(source).unflatten(2, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width: int, heads: int, reduction: int, ratio: int):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attn, self.mlp = Attention(width, heads, reduction), Mlp(width, ratio * width)

    def forward(self, x: torch.Tensor, grid: tuple[int, int]) -> torch.Tensor:
        x = x + self.attn(self.norm1(x), grid)
        return x + self.mlp(self.norm2(x))


class PatchEmbedding(nn.Module):
    def __init__(self, channels: int, width: int, patch: int):
        super().__init__()
        self.proj, self.norm = nn.Conv2d(channels, width, patch, stride=patch), nn.LayerNorm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.proj(x).flatten(2).transpose(1, 2))


class PyramidVisionTransformer(nn.Module):
    """Four stages; the last one has the class token. Position embeddings belong to pictures of `img_size`."""

    def __init__(self, name: str, img_size: int = 224, num_classes: int = 1000):
        super().__init__()
        side = img_size
        for stage, width in enumerate(WIDTHS):
            side //= PATCHES[stage]
            count = side * side + (stage == 3)
            setattr(self, f"patch_embed{stage + 1}", PatchEmbedding((3, *WIDTHS)[stage], width, PATCHES[stage]))
            setattr(self, f"pos_embed{stage + 1}", nn.Parameter(torch.zeros(1, count, width)))
            setattr(self, f"block{stage + 1}", nn.ModuleList(
                Block(width, HEADS[stage], REDUCTIONS[stage], RATIOS[stage]) for _ in range(BLOCKS[name][stage])))
        self.cls_token = nn.Parameter(torch.zeros(1, 1, WIDTHS[-1]))
        self.norm, self.head = nn.LayerNorm(WIDTHS[-1], eps=1e-6), nn.Linear(WIDTHS[-1], num_classes)

    def positions(self, stage: int, grid: tuple[int, int]) -> torch.Tensor:
        """The position embeddings of a stage, resampled to a grid."""
        learned = getattr(self, f"pos_embed{stage}")
        token, learned = (learned[:, :1], learned[:, 1:]) if stage == 4 else (learned[:, :0], learned)
        side = round(learned.shape[1] ** 0.5)
        if (side, side) != grid:
            maps = learned.transpose(1, 2).unflatten(2, (side, side))
            learned = F.interpolate(maps, size=grid, mode="bilinear").flatten(2).transpose(1, 2)
        return torch.cat([token, learned], dim=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for stage in range(1, 5):
            grid = (x.shape[2] // PATCHES[stage - 1], x.shape[3] // PATCHES[stage - 1])
            x = getattr(self, f"patch_embed{stage}")(x)
            if stage == 4:
                x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1)
            x = x + self.positions(stage, grid)
            for block in getattr(self, f"block{stage}"):
                x = block(x, grid)
            if stage < 4:
                x = x.transpose(1, 2).unflatten(2, grid)
        return self.head(self.norm(x)[:, 0])
