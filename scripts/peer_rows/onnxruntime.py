"""ONNX Runtime: the standard's operator Attention, and its own MultiHeadAttention and GroupQueryAttention.

Inputs lie in the layout that the operator takes, and outputs stay where they are bound, so that no call
copies them."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from .cases import LENGTHS, WINDOW, Unsupported
from .inputs import added

VERSION = onnxruntime.__version__
MICROSOFT = "com.microsoft"
TYPES = {"float32": TensorProto.FLOAT, "int32": TensorProto.INT32}


def flat(heads):
    """[B, L, H·D] from [B, H, L, D]."""
    return np.ascontiguousarray(heads.swapaxes(1, 2)).reshape(heads.shape[0], heads.shape[2], -1)


def from_flat(case):
    return lambda output: output.reshape(case.B, case.L, case.H, case.D).swapaxes(1, 2)


def session(nodes, inputs, outputs, constants=()):
    """What runs the graph. `outputs` are arrays, which may be inputs too: then they change in place."""
    values = {name: onnxruntime.OrtValue.ortvalue_from_numpy(array) for name, array in inputs.items()}

    def described(arrays):
        return [
            helper.make_tensor_value_info(name, TYPES[str(array.dtype)], array.shape)
            for name, array in arrays.items()
        ]

    graph = helper.make_graph(nodes, "row", described(inputs), described(outputs), list(constants))
    opsets = [helper.make_opsetid("", 23), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=11)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    ready = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    binding = ready.io_binding()
    for name, value in values.items():
        binding.bind_ortvalue_input(name, value)
    for name, array in outputs.items():
        shared = next((values[other] for other in inputs if inputs[other] is array), None)
        binding.bind_ortvalue_output(name, shared or onnxruntime.OrtValue.ortvalue_from_numpy(array))
    output = next(iter(outputs.values()))

    def run():
        ready.run_with_iobinding(binding)
        return output

    return run


def standard(case, t):
    if case.embedding:
        heads = {"q_num_heads": case.H, "kv_num_heads": case.H}
        return layer(case, t, helper.make_node("Attention", ["q", "k", "v"], ["o"], **heads))
    inputs = dict(t)
    if case.mask in ("lengths", "window"):
        # The keys of every row: what reads [B, 1, 1, S] takes no other elements' lengths.
        inputs["mask"] = np.ascontiguousarray(
            np.broadcast_to(added(case), (case.B, 1, case.L, case.S))
            if case.mask == "lengths" else added(case)
        )
    node = helper.make_node(
        "Attention", list(inputs), ["o"], is_causal=int(case.mask == "causal")
    )
    return session([node], inputs, {"o": np.empty_like(t["q"])}), lambda output: output


def multi_head(case, t):
    if case.embedding:
        node = helper.make_node(
            "MultiHeadAttention", ["q", "k", "v"], ["o"], domain=MICROSOFT, num_heads=case.H
        )
        return layer(case, t, node)
    if case.H != case.K:
        raise Unsupported("its operator takes as many heads of keys as of queries")
    inputs = {"q": flat(t["q"])}
    # One row over a cache takes keys and values as caches have them.
    inputs |= {name: t[name] if case.L == 1 else flat(t[name]) for name in "kv"}
    names = ["q", "k", "v"]
    if case.mask == "lengths":
        inputs["lengths"] = np.array(LENGTHS, np.int32)
        names += ["", "lengths"]
    if case.mask == "window":
        inputs["bias"] = added(case)[None, None]
        names += ["", "", "bias"]
    node = helper.make_node(
        "MultiHeadAttention", names, ["o"], domain=MICROSOFT, num_heads=case.H,
        unidirectional=int(case.mask == "causal"),
    )
    return session([node], inputs, {"o": np.empty_like(inputs["q"])}), from_flat(case)


def group_query(case, t):
    if case.embedding or case.L > 1 and case.mask not in ("causal", "window"):
        raise Unsupported("its operator is always causal")
    inputs = {"q": flat(t["q"])}
    outputs = {"o": np.empty_like(inputs["q"])}
    if case.L == 1:
        # The cache has room for the new key and value, which the operator writes in place.
        inputs |= {name: flat(t[name][:, :, -1:]) for name in "kv"}
        inputs |= {"past_k": t["k"], "past_v": t["v"]}
        past = ["past_k", "past_v"]
        outputs |= {"present_k": t["k"], "present_v": t["v"]}
    else:
        inputs |= {name: flat(t[name]) for name in "kv"}
        past = ["", ""]
        outputs |= {"present_k": np.empty_like(t["k"]), "present_v": np.empty_like(t["v"])}
    inputs["last"] = np.full(case.B, case.S - 1, np.int32)
    inputs["total"] = np.array(case.S, np.int32)
    window = {"local_window_size": WINDOW} if case.mask == "window" else {}
    node = helper.make_node(
        "GroupQueryAttention", ["q", "k", "v", *past, "last", "total"], list(outputs),
        domain=MICROSOFT, num_heads=case.H, kv_num_heads=case.K, **window,
    )
    return session([node], inputs, outputs), from_flat(case)


def layer(case, t, attention):
    constants = [
        numpy_helper.from_array(np.ascontiguousarray(array), name)
        for name, array in [
            ("w", t["w"].T), ("b", t["b"]), ("w_o", t["w_o"].T), ("b_o", t["b_o"]),
        ]
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["xw"]),
        helper.make_node("Add", ["xw", "b"], ["qkv"]),
        helper.make_node("Split", ["qkv"], ["q", "k", "v"], axis=2, num_outputs=3),
        attention,
        helper.make_node("MatMul", ["o", "w_o"], ["ow"]),
        helper.make_node("Add", ["ow", "b_o"], ["y"]),
    ]
    run = session(nodes, {"x": t["x"]}, {"y": np.empty_like(t["x"])}, constants)
    return run, lambda output: output


ENTRIES = {"ort": standard, "ort-mha": multi_head, "ort-gqa": group_query}
