"""Writes small checkpoints of every kind that is read, and expected.json with what they hold.

    python make_checkpoints.py

Needs torch and safetensors. `expected.json` maps each file to its tensors (under the names that are left when common
prefixes and counters are removed), their element types, shapes and values, and to plain values that stand beside them.
"""

import argparse
import base64
import json
import pathlib
import pickle
import zipfile

import safetensors.torch
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent
EXPECTED = {}


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(2)
        self.register_buffer("table", torch.tensor([[0, 1], [1, 0]]))
        self.register_buffer("transient", torch.zeros(2), persistent=False)

    def forward(self, x):
        return self.norm(x) + self.transient[0]


class TinyModel(nn.Module):
    """A module with parameters, buffers, a nested module and a list of modules."""

    def __init__(self, start=0.0):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.blocks = nn.ModuleList([Block(), Block()])
        self.fc = nn.Linear(2, 3)
        self.label = "not a parameter"
        with torch.no_grad():
            for index, tensor in enumerate(self.state_dict().values()):
                if tensor.is_floating_point():
                    tensor.copy_(start + index + torch.arange(tensor.numel()).reshape(tensor.shape) / 64)

    def forward(self, x):
        x = self.conv(x)
        for block in self.blocks:
            x = block(x)
        return self.fc(x.mean((2, 3)))


def expect(name, tensors, **metadata):
    """Notes what a file holds; counters are left out."""
    EXPECTED[name] = {
        "tensors": {
            key: {
                "type": str(tensor.dtype).removeprefix("torch."),
                "shape": list(tensor.shape),
                "values": tensor.detach().to(torch.float32).flatten().tolist(),
            }
            for key, tensor in tensors.items()
            if not key.endswith("num_batches_tracked")
        },
        "metadata": metadata,
    }


def save(name, value, tensors, legacy=False, **metadata):
    torch.save(value, FOLDER / name, _use_new_zipfile_serialization=not legacy)
    expect(name, tensors, **metadata)


def prefixed(prefix, tensors):
    return {prefix + key: value for key, value in tensors.items()}


def save_script(name, module):
    """Saves a TorchScript archive without its debugging entries, which hold paths of the machine."""
    path = FOLDER / name
    torch.jit.save(module, str(path))
    with zipfile.ZipFile(path) as archive:
        entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in entries:
            if not entry.filename.endswith(".debug_pkl"):
                archive.writestr(entry, content)


def types():
    numbers = torch.tensor([[0.0, 1.0, -2.5], [65504.0, 6e-8, 0.1]])
    return {
        "half": numbers.half(),
        "bfloat": numbers.bfloat16(),
        "double": numbers.double() / 3,
        "single": numbers,
        "long": torch.tensor([-5, 2**40, 7]),
        "int": torch.tensor([1, -(2**31)], dtype=torch.int32),
        "short": torch.tensor([-32768, 32767], dtype=torch.int16),
        "char": torch.tensor([-128, 127], dtype=torch.int8),
        "byte": torch.tensor([0, 255], dtype=torch.uint8),
        "truth": torch.tensor([True, False, True]),
    }


def views():
    base = torch.arange(24, dtype=torch.float32)
    grid = base.reshape(2, 3, 4)
    return {
        "whole": grid,
        "transposed": grid.transpose(0, 2),
        "tail": base[20:],
        "columns": grid[:, 1:, ::2],
        "expanded": base[3:4].expand(5),
        "scalar": base[7],
        "empty": base[:0].reshape(0, 4),
        "channels_last": grid.unsqueeze(0).contiguous(memory_format=torch.channels_last),
        "half_columns": grid.half().transpose(1, 2),
    }


def main():
    # The legacy form holds the source of every class of a pickled model: a stand-in keeps PyTorch's own out of the file.
    torch.serialization.get_source_lines_and_file = lambda *_: (["class Model: ...\n"], 1, "model.py")
    model = TinyModel().eval()
    state = model.state_dict()
    average = TinyModel(start=100.0).state_dict()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.ones(1, 1, 5, 5)).sum().backward()
    optimizer.step()
    state = {key: value.clone() for key, value in state.items()}
    model.zero_grad(set_to_none=True)

    save("state_dict.pth", model.state_dict(), state)
    save("legacy_state_dict.th", model.state_dict(), state, legacy=True)
    training = {
        "epoch": 7,
        "arch": "tiny",
        "best_acc1": 81.25,
        "finished": True,
        "state_dict": prefixed("module.", model.state_dict()),
        "optimizer": optimizer.state_dict(),
    }
    plain = {"epoch": "7", "arch": "tiny", "best_acc1": "81.25", "finished": "true"}
    save("training.pth", training, state, **plain)
    save("legacy_training.pth.tar", training, state, legacy=True, **plain)
    save("whole_model.pkl", model, state)
    save("legacy_whole_model.pt", nn.DataParallel(model), state, legacy=True)
    save("compiled.pt", prefixed("module._orig_mod.model.", state), state)
    average_training = {
        "model_ema": prefixed("module.", average),
        "model": state,
        "args": argparse.Namespace(model="tiny_model", lr=0.5),
    }
    save("averaged.pth", average_training, state, **{"args.model": "tiny_model", "args.lr": "0.5"})
    save("only_average.pth", {"epoch": 3, "state_dict_ema": average}, average, epoch="3")
    parameters = {"w": nn.Parameter(torch.tensor([1.0, 2.0])), "v": nn.Parameter(torch.tensor([[3.0]]))}
    save("parameters.bin", parameters, parameters)
    save("types.pth", {**types(), "unsigned": torch.tensor([1, 65535], dtype=torch.uint16)},
         {**types(), "unsigned": torch.tensor([1, 65535], dtype=torch.uint16)})
    save("unread_types.pth", {"w": torch.ones(2), "c": torch.ones(2, dtype=torch.complex64),
                              "f": torch.ones(4).to(torch.float8_e4m3fn)}, {"w": torch.ones(2)})
    save("legacy_types.pth", types(), types(), legacy=True)
    save("views.pth", views(), views())
    save("legacy_views.pth", views(), views(), legacy=True)

    save_script("script.pt", torch.jit.script(model))
    save_script("trace.pt", torch.jit.trace(model, torch.zeros(1, 1, 5, 5)))
    save_script("frozen.pt", torch.jit.freeze(torch.jit.script(model)))
    # TorchScript does not know which buffers are transient, so that they are in its archives.
    transient = {key: value for key, value in model.named_buffers() if key.endswith("transient")}
    expect("script.pt", {**state, **transient})
    expect("trace.pt", {**state, **transient})

    for protocol in [3, 4, 5]:
        name = f"plain_protocol{protocol}.pkl"
        (FOLDER / name).write_bytes(pickle.dumps({"w": state["conv.weight"], "b": state["conv.bias"]}, protocol))
        expect(name, {"w": state["conv.weight"], "b": state["conv.bias"]})

    metadata = {"arch": "tiny", "comment": 'quotes " and \\ and \n and \u00e9'}
    safetensors.torch.save_file(types(), FOLDER / "types.safetensors", metadata=metadata)
    expect("types.safetensors", types(), **metadata)
    safetensors.torch.save_file(prefixed("model.", state), FOLDER / "prefixed.safetensors")
    expect("prefixed.safetensors", state)

    values = [None, True, False, 0, -1, 300, 70000, 2**40, -(2**70), 0.5, "a\u00e9", b"\0\1", (1,), (1, 2), (1, 2, 3),
              (1, 2, 3, 4), [], {"k": [1]}, {1}, frozenset([2])]
    pickles = [base64.b64encode(pickle.dumps(values, protocol)).decode() for protocol in range(6)]
    (FOLDER / "values.json").write_text(json.dumps(pickles, indent=1) + "\n")

    (FOLDER / "expected.json").write_text(json.dumps(EXPECTED, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
