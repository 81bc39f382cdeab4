#!/usr/bin/env bash
# transformers 5.24.0: Falcon with ALiBi does not have the slopes of the ALiBi paper. Seen 2026-11-28
# with PyTorch 2.15.0 (its CPU; 5 GB are installed), NumPy 2.2.6 and Python 3.11.
#
# One would expect: build_alibi_tensor is Bloom's, so that scores are q·k/√D − slope · distance, with
# the paper's slopes: 1/4, 1/16, 1/64, 1/256 for four heads.
# What happens: Falcon adds ALiBi to q·k and divides the sum by √D, so that slopes are √D times smaller:
# 8 times for heads of 64 columns. A kernel that takes slopes, or knows the paper's by heart, needs
# other ones for Falcon. Its eager path and SDPA agree with each other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.2.6 torch==2.15.0 transformers==5.24.0

cat >"$folder/look.py" <<'PY'
import torch
from transformers.models.bloom import modeling_bloom as bloom
from transformers.models.falcon import modeling_falcon as falcon

def slopes(model, heads, columns, implementation="eager"):
    """With equal scores, the logarithm of two neighbours' weights is the slope."""
    width, tokens = heads * columns, 2
    if model == "Bloom":
        config = bloom.BloomConfig(hidden_size=width, n_head=heads, n_layer=1)
        layer, make = bloom.BloomAttention(config, 0), bloom.build_alibi_tensor
    else:
        config = falcon.FalconConfig(
            hidden_size=width, num_attention_heads=heads, num_hidden_layers=1, alibi=True,
            multi_query=False, new_decoder_architecture=False, bias=False)
        config._attn_implementation = implementation
        layer, make = falcon.FalconAttention(config, 0), falcon.build_alibi_tensor
    layer.eval()
    # Values are the input's own heads; queries and keys are zero.
    fused = torch.zeros(heads, 3, columns, width)
    fused[:, 2] = torch.eye(width).reshape(heads, columns, width)
    with torch.no_grad():
        layer.query_key_value.weight.copy_(fused.reshape(3 * width, width))
        layer.dense.weight.copy_(torch.eye(width))
        for linear in (layer.query_key_value, layer.dense):
            if linear.bias is not None:
                linear.bias.zero_()
        # The second token alone has a value, so that outputs are its weight.
        hidden = torch.zeros(1, tokens, width)
        hidden[0, 1] = 1
        lowest = torch.finfo(torch.float32).min
        causal = torch.tensor([[0.0, lowest], [0.0, 0.0]])[None, None]
        alibi = make(torch.ones(1, tokens), heads, torch.float32)
        if model == "Bloom":
            output = layer(hidden, torch.zeros_like(hidden), alibi, causal)[0]
        else:
            if implementation == "sdpa":  # as FalconModel.forward joins them
                causal = causal + alibi.reshape(1, heads, 1, tokens) / columns**0.5
            output = layer(hidden, alibi, causal)[0]
    weight = output[0, 1].reshape(heads, columns)[:, 0].double()
    return torch.log(weight / (1 - weight))

for model, implementation in (("Bloom", ""), ("Falcon", "eager"), ("Falcon", "sdpa")):
    for columns in (16, 64):
        found = slopes(model, 4, columns, implementation)
        name = f"{model} {implementation}".strip()
        print(f"{name}, {columns} columns: 1/slope = {[round(1 / s, 1) for s in found.tolist()]}")
PY

"$folder/env/bin/python" "$folder/look.py" | tee "$folder/seen"

diff "$folder/seen" - <<'EXPECTED' || {
Bloom, 16 columns: 1/slope = [4.0, 16.0, 64.0, 256.0]
Bloom, 64 columns: 1/slope = [4.0, 16.0, 64.0, 256.0]
Falcon eager, 16 columns: 1/slope = [16.0, 64.0, 256.0, 1024.0]
Falcon eager, 64 columns: 1/slope = [32.0, 128.0, 512.0, 2048.0]
Falcon sdpa, 16 columns: 1/slope = [16.0, 64.0, 256.0, 1024.0]
Falcon sdpa, 64 columns: 1/slope = [32.0, 128.0, 512.0, 2048.0]
EXPECTED
    printf 'this is no longer what happens\n' >&2
    exit 1
}
