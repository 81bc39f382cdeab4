"""Models of transformers. Their modules and masks are run, with projections that change nothing."""

import numpy as np

from .model import attend, causal, distance, window
from .rows import row

MASK = {"mask": lambda p: p.mask}


def config(name, **more):
    import transformers

    # Eager attention always makes its mask; SDPA leaves some to its flag.
    made = getattr(transformers, name + "Config")(
        hidden_size=32, num_attention_heads=4, num_hidden_layers=1, **more
    )
    made._attn_implementation = "eager"
    return made


def past_cache(p, static=False, made=None):
    """A cache that has the past's keys."""
    import torch
    import transformers

    keys = torch.from_numpy(p.every_key[:, :, : p.past])
    if static:
        cache = transformers.StaticCache(config=made, max_cache_len=p.S)
    else:
        cache = transformers.DynamicCache()
    cache.update(keys[:, :, :2] if static else keys, keys[:, :, :2] if static else keys, 0)
    return cache


def masked(p, maker, made, cache=None, attention_mask=None, **more):
    """Attention as Llama's eager path computes it, with the mask that `maker` makes."""
    import torch
    from transformers import masking_utils
    from transformers.models.llama.modeling_llama import eager_attention_forward

    mask = getattr(masking_utils, maker)(
        config=made,
        inputs_embeds=torch.zeros(p.B, p.L, 32),
        attention_mask=attention_mask,
        **({} if "bidirectional" in maker else {"cache": cache}),
        **more,
    )
    return eager(p, eager_attention_forward, mask)


def eager(p, forward, mask=None, **more):
    import torch

    class Module:
        num_key_value_groups = p.H // p.K
        training = False
        sinks = torch.from_numpy(p.sinks)

    more.setdefault("scaling", p.D**-0.5)
    query, key, value = (torch.from_numpy(a) for a in (p.query, p.key, p.value))
    return forward(Module(), query, key, value, mask, **more)[0].transpose(1, 2).numpy()


def set_identity(*linears):
    import torch

    with torch.no_grad():
        for linear in linears:
            linear.weight.copy_(torch.eye(*linear.weight.shape))
            if linear.bias is not None:
                linear.bias.zero_()


def flat(p):
    """[B,L,H·D]: what modules project."""
    import torch

    return torch.from_numpy(p.query).transpose(1, 2).reshape(p.B, p.L, p.H * p.D)


def heads(p, found):
    return found.reshape(p.B, p.L, p.H, p.D).transpose(1, 2).detach().numpy()


def fused(p):
    """The weight of a fused projection, [H,3,D] rows each: every part is the input's own head."""
    import torch

    eye = torch.eye(p.H * p.D).reshape(p.H, 1, p.D, p.H * p.D)
    return eye.expand(-1, 3, -1, -1).reshape(3 * p.H * p.D, p.H * p.D)


# --------------------------------------------------------------------------- Causal, with a cache


@row(
    "Causal with a cache",
    "transformers",
    "`DynamicCache`",
    "`--mask causal-bottom-right`",
    lambda p: attend(p, causal(p, p.past)),
    "--mask causal-bottom-right",
    note="the cache's keys and the new ones",
)
def _(p):
    return masked(p, "create_causal_mask", config("Llama"), past_cache(p))


@row(
    "Causal with a cache",
    "transformers",
    "`StaticCache` with n keys so far",
    "`--mask causal --offset n`",
    lambda p: attend(p, causal(p, 2)),
    "--mask causal --offset 2",
    note="S is the cache's whole length",
)
def _(p):
    import torch

    made = config("Llama", num_key_value_heads=4)
    return masked(
        p,
        "create_causal_mask",
        made,
        past_cache(p, static=True, made=made),
        position_ids=torch.arange(2, 2 + p.L)[None].expand(p.B, -1),
    )


@row(
    "Masks and lengths",
    "transformers",
    "`attention_mask` 1 and 0, [B,S], right padding",
    "`lengths`",
    lambda p: attend(p, causal(p) & p.padding()),
    "--mask causal+input",
    tensors={"lengths": lambda p: p.lengths},
    shapes=("square",),
    note="beside the model's own mask, here a causal one",
)
def _(p):
    import torch

    padding = torch.from_numpy(p.padding()[:, 0, 0].astype(np.int64))
    return masked(p, "create_causal_mask", config("Llama"), attention_mask=padding)


@row(
    "A row that sees no key",
    "transformers",
    "eager, left padding",
    "`--masked-rows uniform`",
    lambda p: attend(p, causal(p) & (np.arange(p.S) >= 2), nothing="mean"),
    "--mask causal+input --masked-rows uniform",
    shapes=("square",),
    tensors={"mask": lambda p: np.arange(p.S) >= 2},
    note="the lowest finite float is added",
)
def _(p):
    import torch

    padding = torch.ones(p.B, p.S, dtype=torch.int64)
    padding[:, :2] = 0
    return masked(p, "create_causal_mask", config("Llama"), attention_mask=padding)


@row(
    "A row that sees no key",
    "transformers",
    "SDPA, left padding",
    "`--masked-rows zeros`",
    lambda p: attend(p, causal(p) & (np.arange(p.S) >= 2)),
    "--mask causal+input",
    shapes=("square",),
    tensors={"mask": lambda p: np.arange(p.S) >= 2},
    note="the mask is bool",
)
def _(p):
    import torch
    from transformers import masking_utils
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    padding = torch.ones(p.B, p.S, dtype=torch.int64)
    padding[:, :2] = 0
    made = config("Llama")
    made._attn_implementation = "sdpa"
    mask = masking_utils.create_causal_mask(
        config=made, inputs_embeds=torch.zeros(p.B, p.L, 32), attention_mask=padding, cache=None
    )
    return eager(p, sdpa_attention_forward, mask)


# ---------------------------------------------------------------------------------------- Windows


@row(
    "Windows",
    "transformers",
    "Mistral, Gemma 3: `sliding_window=w`",
    "`--mask causal-bottom-right+window:w`",
    lambda p: attend(p, window(p, 2, 0, p.past)),
    "--mask causal-bottom-right+window:3",
    shapes=("short", "square"),
    note="w keys, the row's own included",
)
def _(p):
    cache = past_cache(p) if p.past else None
    found = masked(
        p, "create_sliding_window_causal_mask", config("Mistral", sliding_window=3), cache
    )
    gemma = config("Gemma3Text", sliding_window=3, layer_types=["sliding_attention"])
    also = masked(p, "create_sliding_window_causal_mask", gemma, cache)
    np.testing.assert_array_equal(found, also)
    return found


@row(
    "Windows",
    "transformers",
    "ModernBERT: `local_attention=w`",
    "`--mask window:(w/2+1)+w/2`",
    lambda p: attend(p, window(p, 2, 2)),
    "--mask window:3+2",
    shapes=("square",),
    note="w/2 keys on either side",
)
def _(p):
    made = config("ModernBert", local_attention=4)
    return masked(p, "create_bidirectional_sliding_window_mask", made)


@row(
    "Windows",
    "transformers",
    "EmbeddingGemma: `sliding_window=w`, `use_bidirectional_attention=True`",
    "`--mask window:(w/2+1)+w/2`",
    lambda p: attend(p, window(p, 2, 2)),
    "--mask window:3+2",
    shapes=("square",),
    note="the config halves w when it is made: `config.sliding_window` is w/2 + 1",
)
def _(p):
    from transformers.models.gemma3.modeling_gemma3 import _bidirectional_window_overlay

    made = config(
        "Gemma3Text",
        sliding_window=4,
        use_bidirectional_attention=True,
        layer_types=["sliding_attention"],
    )
    return masked(
        p,
        "create_sliding_window_causal_mask",
        made,
        or_mask_function=_bidirectional_window_overlay(made.sliding_window),
    )


@row(
    "Windows",
    "transformers",
    "Longformer: `attention_window=w`, token 0 global",
    "`--mask longformer:window=w,global=0`",
    lambda p: attend(p, window(p, 2, 2) | (np.arange(p.S) == 0) | (np.arange(p.L)[:, None] == 0)),
    "--mask longformer:window=4,global=0",
    shapes=("same-16",),
    note="w/2 keys on either side",
)
def _(p):
    import torch
    from transformers.models.longformer.modeling_longformer import LongformerSelfAttention

    layer = LongformerSelfAttention(config("Longformer", attention_window=[4]), 0).eval()
    set_identity(
        layer.query,
        layer.key,
        layer.value,
        layer.query_global,
        layer.key_global,
        layer.value_global,
    )
    padding = torch.zeros(p.B, p.L)
    padding[:, 0] = 10000  # global
    found = layer(
        flat(p),
        attention_mask=padding,
        is_index_masked=padding < 0,
        is_index_global_attn=padding > 0,
        is_global_attn=True,
    )[0]
    return heads(p, found)


@row(
    "Windows",
    "transformers",
    "Llama 4: `attention_chunk_size=c`",
    "`--mask causal+blocks:layout.npy,block=c`",
    lambda p: attend(p, causal(p) & (np.arange(p.L)[:, None] // 4 == np.arange(p.S) // 4)),
    "--mask causal+blocks:layout.npy,block=4",
    shapes=("square",),
    tensors={"layout.npy": lambda p: np.eye(2, dtype=bool)},
    note="the layout is `numpy.eye(chunks, dtype=bool)`",
)
def _(p):
    made = config("Llama4Text", attention_chunk_size=4, layer_types=["chunked_attention"])
    return masked(p, "create_chunked_causal_mask", made)


# ----------------------------------------------------------------------------------------- Scores


@row(
    "Soft cap",
    "transformers",
    "Gemma 2: `attn_logit_softcapping=c`",
    "`--soft-cap c`",
    lambda p: attend(p, p.mask, cap=2),
    "--soft-cap 2 --mask input",
    tensors=MASK,
    note="before the mask; SDPA is refused",
)
def _(p):
    import torch
    from transformers.models.gemma2.modeling_gemma2 import eager_attention_forward

    lowest = np.finfo(np.float32).min
    mask = torch.from_numpy(np.where(p.mask, 0, lowest).astype(np.float32))
    return eager(p, eager_attention_forward, mask, softcap=2.0)


@row(
    "Default scale",
    "transformers",
    "Gemma 2, Gemma 3: `query_pre_attn_scalar=n`",
    "`--score-scale 1/√n`",
    lambda p: attend(p, scale=0.2),
    "--score-scale 0.2",
    note="a number: 0.0625 for 256",
)
def _(p):
    from transformers.models.gemma2.modeling_gemma2 import Gemma2Attention, eager_attention_forward

    made = config("Gemma2", query_pre_attn_scalar=25, head_dim=p.D, num_key_value_heads=4)
    return eager(p, eager_attention_forward, scaling=Gemma2Attention(made, 0).scaling)


@row(
    "Default scale",
    "transformers",
    "T5",
    "`--score-scale 1`",
    lambda p: attend(p, scale=1),
    "--score-scale 1",
    shapes=("same",),
)
def _(p):
    return t5(p)[0]


def t5(p, biased=False):
    import torch
    from transformers.models.t5.modeling_t5 import T5Attention

    made = config("T5", d_model=32, d_kv=p.D, num_heads=4)
    torch.manual_seed(0)
    layer = T5Attention(made, has_relative_attention_bias=biased, layer_idx=0).eval()
    set_identity(layer.q, layer.k, layer.v, layer.o)
    if biased:
        with torch.no_grad():
            layer.relative_attention_bias.weight.copy_(torch.from_numpy(t5_table(p)))
    found = layer(flat(p))
    return heads(p, found[0]), found[1]


def t5_table(p):
    """[32,H]: the bias of each bucket of distances."""
    return np.random.default_rng(5).standard_normal((32, p.H)).astype(np.float32)


def t5_bias(p):
    """In seven tokens every distance has a bucket: 0…6 for keys before, 17…22 for keys after."""
    behind = np.arange(p.S) - np.arange(p.L)[:, None]
    return t5_table(p)[np.where(behind > 0, 16 + behind, -behind)].transpose(2, 0, 1)


@row(
    "Additive biases",
    "transformers",
    "T5: relative positions",
    "`bias`, and `--score-scale 1`",
    lambda p: attend(p, scale=1, bias=t5_bias(p)),
    "--mask input --score-scale 1",
    tensors={"bias": lambda p: t5_bias(p)[None]},
    shapes=("same",),
    note="the bias [1,H,L,S] is the module's `compute_bias`",
)
def _(p):
    return t5(p, biased=True)[0]


@row(
    "Grouped heads",
    "transformers",
    "`num_key_value_heads`",
    "`--kv-heads`",
    lambda p: attend(p),
    "",
)
def _(p):
    from transformers.models.llama.modeling_llama import eager_attention_forward

    return eager(p, eager_attention_forward)


@row(
    "Sinks",
    "transformers",
    "gpt-oss: `sinks`",
    "`sinks`",
    lambda p: attend(p, sinks=p.sinks),
    "",
    tensors={"sinks": lambda p: p.sinks},
    note="a score of each head, not scaled",
)
def _(p):
    from transformers.models.gpt_oss.modeling_gpt_oss import eager_attention_forward

    return eager(p, eager_attention_forward)


@row(
    "Layout",
    "transformers",
    "attention functions: inputs [B,H,L,D], output [B,L,H,D]",
    "`--layout bhld`, the output turned",
    lambda p: attend(p),
    "",
    shapes=("even",),
)
def _(p):
    from transformers.models.llama.modeling_llama import eager_attention_forward

    return eager(p, eager_attention_forward)


# ------------------------------------------------------------------------------------------ ALiBi


def alibi(p, by=1.0):
    """As all three models have it: slope times the key's position, with a causal mask."""
    return attend(p, causal(p), bias=-by * p.slopes[:, None, None] * distance(p))


ALIBI = "--mask causal --alibi standard"
SIZES = ("same", "same-6", "same-12")


def additive_causal(p):
    import torch

    hidden = torch.from_numpy(np.where(causal(p), 0, np.finfo(np.float32).min).astype(np.float32))
    return hidden[None, None].expand(p.B, 1, -1, -1)


@row(
    "ALiBi",
    "transformers",
    "Bloom",
    "`--mask causal --alibi standard`",
    alibi,
    ALIBI,
    shapes=SIZES,
    note="adds slope · position of the key; softmax does not see the difference",
)
def _(p):
    import torch
    from transformers.models.bloom import modeling_bloom as bloom

    made = bloom.BloomConfig(hidden_size=p.H * p.D, n_head=p.H, n_layer=1, hidden_dropout=0.0)
    layer = bloom.BloomAttention(made, 0).eval()
    with torch.no_grad():
        layer.query_key_value.weight.copy_(fused(p))
        layer.query_key_value.bias.zero_()
    set_identity(layer.dense)
    slopes = bloom.build_alibi_tensor(torch.ones(p.B, p.L), p.H, torch.float32)
    return heads(p, layer(flat(p), torch.zeros(p.B, p.L, p.H * p.D), slopes, additive_causal(p))[0])


@row("ALiBi", "transformers", "MPT", "`--mask causal --alibi standard`", alibi, ALIBI, shapes=SIZES)
def _(p):
    import torch
    from transformers.models.mpt import modeling_mpt as mpt

    made = mpt.MptConfig(d_model=p.H * p.D, n_heads=p.H, n_layers=1, max_seq_len=64)
    layer = mpt.MptAttention(made, 0).eval()
    with torch.no_grad():
        layer.Wqkv.weight.copy_(torch.eye(p.H * p.D).repeat(3, 1))
    set_identity(layer.out_proj)
    bias = mpt.build_mpt_alibi_tensor(p.H, 64)
    return heads(p, layer(flat(p), position_bias=bias, attention_mask=additive_causal(p) < 0)[0])


@row(
    "ALiBi",
    "transformers",
    "Falcon: `alibi=True`",
    "`--mask causal --alibi …`, every slope divided by √D",
    lambda p: alibi(p, p.D**-0.5),
    lambda p: "--mask causal --alibi " + ",".join(f"{s * p.D**-0.5:.9g}" for s in p.slopes),
    shapes=("same",),
    note="the bias is scaled with the scores, and its slopes are bf16",
)
def _(p):
    import torch
    from transformers.models.falcon import modeling_falcon as falcon

    made = falcon.FalconConfig(
        hidden_size=p.H * p.D,
        num_attention_heads=p.H,
        num_hidden_layers=1,
        alibi=True,
        multi_query=False,
        new_decoder_architecture=False,
        bias=False,
    )
    layer = falcon.FalconAttention(made, 0).eval()
    with torch.no_grad():
        layer.query_key_value.weight.copy_(fused(p))
    set_identity(layer.dense)
    slopes = falcon.build_alibi_tensor(torch.ones(p.B, p.L), p.H, torch.float32)
    return heads(p, layer(flat(p), slopes, additive_causal(p))[0])
