#!/usr/bin/env python3
"""Writes hugging_face.json: logits of tiny models by Hugging Face's transformers, with their configurations and the shapes of
their parameters under the names in their files.

The weights are make_parity.py's deterministic ones, of the names in the file. Needs transformers.
"""
import json
import pathlib
import tempfile

import safetensors.torch
import torch
import transformers as hf

from make_parity import parameter, uniform

TOKENS = dict(hidden_size=24, num_hidden_layers=1, num_attention_heads=3, intermediate_size=36, image_size=32, patch_size=8)
STAGES = dict(hidden_sizes=[8, 16], depths=[1, 2], image_size=32, num_labels=3)
CASES = {
    "vit": hf.ViTConfig(**TOKENS, num_labels=3),
    "deit": hf.DeiTConfig(**TOKENS, num_labels=3),
    "beit": hf.BeitConfig(**TOKENS, num_labels=3, use_relative_position_bias=True),
    "dinov2_with_registers": hf.Dinov2WithRegistersConfig(
        hidden_size=24, num_hidden_layers=1, num_attention_heads=3, image_size=56, patch_size=14, num_labels=3),
    "swin": hf.SwinConfig(embed_dim=12, depths=[1, 2], num_heads=[2, 3], image_size=32, window_size=4, num_labels=3),
    "convnextv2": hf.ConvNextV2Config(num_stages=2, **STAGES),
    "resnet": hf.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 2], num_labels=3),
    "pvt_v2": hf.PvtV2Config(
        num_encoder_blocks=2, hidden_sizes=[8, 16], depths=[1, 2], num_attention_heads=[1, 2], sr_ratios=[2, 1], mlp_ratios=[3, 2],
        patch_sizes=[7, 3], strides=[4, 2], image_size=32, num_labels=3),
}
KEPT = set("""model_type hidden_size num_hidden_layers num_attention_heads intermediate_size image_size patch_size layer_norm_eps
    use_relative_position_bias use_mean_pooling num_register_tokens mlp_ratio embed_dim depths num_heads window_size hidden_sizes
    embedding_size layer_type sr_ratios mlp_ratios patch_sizes strides qkv_bias hidden_act""".split())


def main() -> None:
    results = {}
    for name, config in CASES.items():
        kind = getattr(hf, type(config).__name__.replace("Config", "ForImageClassification"))
        model = kind(config).eval()
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            path = pathlib.Path(folder)
            shapes = {k: list(v.shape) for k, v in safetensors.torch.load_file(path / "model.safetensors").items()}
            shapes = {k: v for k, v in shapes.items() if not k.endswith("num_batches_tracked")}
            tensors = {k: parameter(k, tuple(v)).contiguous() for k, v in shapes.items()}
            safetensors.torch.save_file(tensors, path / "model.safetensors", {"format": "pt"})
            model = kind.from_pretrained(folder).eval()
        side = 56 if "dinov2" in name else 32
        x = torch.from_numpy(uniform("input", 3 * side * side).reshape(1, 3, side, side) * 1.5).float()
        with torch.no_grad():
            logits = model(pixel_values=x).logits[0].tolist()
        entries = {k: v for k, v in config.to_dict().items() if k in KEPT and v is not None}
        results[name] = dict(side=side, config=entries, parameters=shapes, logits=logits)
    path = pathlib.Path(__file__).with_name("hugging_face.json")
    path.write_text(json.dumps(results, separators=(",", ":")) + "\n")


main()
