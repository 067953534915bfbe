"""The attention methods, written from their papers' equations with full matrices over the tokens of each layer.

Whatever windows, shifts or reduced keys a model computes attention with, it is brought to one matrix tokens × tokens (the
class token and the like first, then the patches row by row), and the matrices of the layers are multiplied as the papers say.
Between the stages of a pyramid stands the matrix of patch merging.
"""
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass
class Layer:
    """The attention of a layer for one picture, as the model computes it, and where its tokens are."""

    attention: Tensor                     # windows × heads × queries × keys; one window where the layer has none
    gradient: Tensor                      # of the score with respect to it
    grid: tuple[int, int]
    leading: int = 0                      # tokens before the patches
    places: Tensor | None = None          # windows × queries: the number of the token there, −1 for padding
    keys: Tensor | None = None            # keys × tokens: what a reduced key is the mean of

    @property
    def tokens(self) -> int:
        return self.leading + self.grid[0] * self.grid[1]

    def exists(self) -> Tensor:
        """Which of a window's queries and keys are no padding: windows × queries × keys."""
        real = torch.ones(self.attention.shape[0], self.attention.shape[2], dtype=bool)
        if self.places is None:
            return real[:, :, None].expand(-1, -1, self.attention.shape[3])
        real = self.places >= 0
        return real[:, :, None] & real[:, None]

    def full(self, fused: Tensor) -> Tensor:
        """windows × queries × keys as tokens × tokens."""
        if self.keys is not None:
            return fused[0] @ self.keys
        if self.places is None:
            return fused[0]
        matrix = torch.zeros(self.tokens, self.tokens)
        for window, numbers in zip(fused, self.places):
            real = numbers >= 0
            matrix[numbers[real][:, None], numbers[real][None]] = window[real][:, real]
        return matrix


# MARK: Where tokens are

def window_places(grid, window, shift, pads_first) -> Tensor:
    """For each window the number of the token at each of its places, −1 for padding: a map of numbers goes the way of the
    features."""
    height, width = grid
    rows, columns = -(-height // window[0]), -(-width // window[1])
    numbers = torch.arange(height * width).reshape(height, width)
    padding = (0, columns * window[1] - width, 0, rows * window[0] - height)
    if pads_first:
        numbers = nn.functional.pad(numbers, padding, value=-1)
    numbers = torch.roll(numbers, (-shift[0], -shift[1]), (0, 1))
    if not pads_first:
        numbers = nn.functional.pad(numbers, padding, value=-1)
    return numbers.reshape(rows, window[0], columns, window[1]).permute(0, 2, 1, 3).reshape(rows * columns, -1)


def averaging(fine, factor, rounding_up: bool) -> Tensor:
    """The matrix that gives each place of a coarser grid the mean of the factor × factor places below it."""
    coarse = [-(-side // factor) if rounding_up else side // factor for side in fine]
    matrix = torch.zeros(coarse[0] * coarse[1], fine[0] * fine[1])
    for row in range(coarse[0]):
        for column in range(coarse[1]):
            below = [y * fine[1] + x
                     for y in range(row * factor, min(fine[0], (row + 1) * factor))
                     for x in range(column * factor, min(fine[1], (column + 1) * factor))]
            matrix[row * coarse[1] + column, below] = 1 / len(below)
    return matrix


def pooling(fine, coarse) -> Tensor:
    """The matrix of adaptive average pooling: every unit vector, pooled."""
    units = torch.eye(fine[0] * fine[1]).reshape(-1, 1, *fine)
    return nn.functional.adaptive_avg_pool2d(units, coarse).flatten(1).T


# MARK: The methods

FUSIONS = {"mean": lambda a: a.mean(1), "min": lambda a: a.amin(1), "max": lambda a: a.amax(1)}


class Ambiguous(Exception):
    """Weights so near each other that rounding, which differs between processors, decides which of them is left out."""


def discarded(layer: Layer, fused: Tensor, ratio: float) -> Tensor:
    """Without the given share of the smallest weights, of all that the model computes."""
    values = fused[layer.exists()].sort().values
    count = int(len(values) * ratio)
    if count == 0:
        return fused
    left_out, kept = values[count - 1], values[count]
    if 0 < kept - left_out < 1e-6 * kept:
        raise Ambiguous(f"{left_out} is left out, {kept} is not")
    return fused * (fused > left_out)


def chained(layers: list[Layer], readout: Tensor, step) -> Tensor:
    """readoutᵀ · step(A_L) · M_L ⋯ step(A_1), the matrices multiplied from the first layer on."""
    result, before = torch.eye(layers[0].tokens), layers[0]
    for layer in layers:
        if layer.grid != before.grid:
            merged = averaging(before.grid, 2, layer.grid != tuple(side // 2 for side in before.grid)) @ result
            # A token that joins here stands for no place of the layers before.
            result = torch.cat([torch.zeros(layer.leading, result.shape[1]), merged])
        result, before = step(layer) @ result, layer
    return (readout @ result)[layers[0].leading:].reshape(layers[0].grid)


def normalised(matrix: Tensor) -> Tensor:
    matrix = matrix + torch.eye(len(matrix))
    return matrix / matrix.sum(-1, keepdim=True)


def rollout(layers, readout, fusion="mean", ratio=0.0):
    """Abnar and Zuidema 2020, section 3."""
    return chained(layers, readout, lambda layer: normalised(
        layer.full(discarded(layer, FUSIONS[fusion](layer.attention), ratio))))


def gradient_rollout(layers, readout, ratio=0.0):
    """Gildenblat 2020."""
    return chained(layers, readout, lambda layer: normalised(
        layer.full(discarded(layer, (layer.attention * layer.gradient).mean(1).relu(), ratio))))


def gradient_attention(layers, readout):
    """Chefer et al. 2021, equations 5 and 6."""
    return chained(layers, readout, lambda layer: torch.eye(layer.tokens) + layer.full(
        (layer.attention * layer.gradient).relu().mean(1)))


def legrad(layers, gradients):
    """Bousselham et al. 2025; `gradients` are those of each layer's own score, windows × heads × queries × keys."""
    maps = [layer.full(gradient.relu().mean(1)).mean(0)[layer.leading:].reshape(layer.grid)
            for layer, gradient in zip(layers, gradients)]
    return sum(maps) / len(maps)


def attention(layer, readout, head=None):
    fused = FUSIONS["mean"](layer.attention) if head is None else layer.attention[:, head]
    return (readout @ layer.full(fused))[layer.leading:].reshape(layer.grid)
