#!/usr/bin/env python3
"""Makes operators.json: small ONNX models of a few nodes, with what onnxruntime computes for one input.

    make_operators.py            needs numpy, onnx, onnxruntime
"""
import base64
import json
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

rng = np.random.default_rng(13)
X = (rng.uniform(-1, 1, (1, 3, 4, 4)) + 0.05).round(3).astype(np.float32)


def w(*shape, low=-1.0):
    return rng.uniform(low, 1, shape).round(2).astype(np.float32)


def i(*values):
    return np.array(values, np.int64)


def n(op, inputs, outputs, **attributes):
    return h.make_node(op, inputs.split() if isinstance(inputs, str) else inputs, outputs.split(), **attributes)


cases = {}


def case(name, nodes, opset=18, functions=(), opsets=(), **constants):
    """A model from x to y."""
    weights = [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()]
    graph = h.make_graph(nodes, name, [h.make_tensor_value_info("x", T.FLOAT, X.shape)],
                         [h.make_tensor_value_info("y", T.FLOAT, None)], weights)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", opset), *opsets], functions=list(functions), ir_version=8)
    data = model.SerializeToString()
    y = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"]).run(None, {"x": X})[0]
    cases[name] = dict(model=base64.b64encode(data).decode(),
                       shape=list(y.shape), output=[float(f"{v:.7g}") for v in y.astype(np.float32).ravel()])


# Convolutions and pooling.
case("Conv pads", [n("Conv", "x w b", "y", pads=[0, 1, 1, 0], strides=[2, 1])], w=w(4, 3, 2, 3), b=w(4))
case("Conv groups", [n("Conv", "x w", "y", group=3, pads=[1, 1, 1, 1], dilations=[1, 2])], w=w(6, 1, 3, 2))
case("Conv same lower", [n("Conv", "x w", "y", auto_pad="SAME_LOWER", strides=[3, 3])], w=w(2, 3, 3, 3))
case("Conv same upper", [n("Conv", "x w", "y", auto_pad="SAME_UPPER", strides=[3, 3])], w=w(2, 3, 3, 3))
case("Conv of a sequence", [n("Reshape", "x s", "t"), n("Conv", "t w", "y", pads=[1, 0])], s=i(1, 3, 16), w=w(2, 3, 3))
case("MaxPool", [n("MaxPool", "x", "y", kernel_shape=[2, 3], pads=[0, 1, 0, 1])])
case("MaxPool rounding up", [n("MaxPool", "x", "y", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)])
case("AveragePool", [n("AveragePool", "x", "y", kernel_shape=[2, 2], pads=[1, 1, 1, 1])])
case("AveragePool of padding", [n("AveragePool", "x", "y", kernel_shape=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)])
case("GlobalAveragePool", [n("GlobalAveragePool", "x", "y")])
case("GlobalMaxPool", [n("GlobalMaxPool", "x", "y")])

# Products.
case("MatMul", [n("MatMul", "x w", "y")], w=w(4, 5))
case("MatMul and Add", [n("MatMul", "x w", "t"), n("Add", "b t", "y")], w=w(4, 5), b=w(5))
case("MatMul of a stack", [n("MatMul", "x w", "y")], w=w(3, 4, 2))
case("MatMul by a constant on the left", [n("MatMul", "w x", "y")], w=w(2, 4))
case("MatMul repeated", [n("Slice", "x a b c", "t"), n("MatMul", "x t", "y")], a=i(0), b=i(1), c=i(1))
case("MatMul of scaled operands", [n("Mul", "x f", "q"), n("Transpose", "x", "k", perm=[0, 1, 3, 2]), n("Mul", "k f", "g"),
                                   n("MatMul", "q g", "s"), n("Softmax", "s", "p"), n("MatMul", "p x", "y")], f=np.float32(0.7))
case("Gemm", [n("Flatten", "x", "t"), n("Gemm", "t w b", "y", transB=1, alpha=0.5, beta=2.0)], w=w(3, 48), b=w(3))
case("Gemm plain", [n("Flatten", "x", "t"), n("Gemm", "t w", "y")], w=w(48, 2))
case("Einsum", [n("Einsum", "x x", "y", equation="bchw,bcxw->bchx")])
case("Einsum of a constant", [n("Einsum", "x w", "y", equation="b c h w, w k -> b k h c")], w=w(4, 5))

# Norms.
case("BatchNormalization", [n("BatchNormalization", "x g b m v", "y", epsilon=1e-3)], g=w(3), b=w(3), m=w(3), v=w(3, low=0.5))
case("BatchNormalization of rows", [n("Reshape", "x s", "t"), n("BatchNormalization", "t g b m v", "y")],
     s=i(16, 3), g=w(3), b=w(3), m=w(3), v=w(3, low=0.5))
case("LayerNormalization", [n("LayerNormalization", "x g b", "y", epsilon=1e-6)], g=w(4), b=w(4))
case("LayerNormalization of two axes", [n("LayerNormalization", "x g", "y", axis=-2)], g=w(4, 4))
case("InstanceNormalization", [n("InstanceNormalization", "x g b", "y")], g=w(3), b=w(3))
case("GroupNormalization", [n("Conv", "x w", "t"), n("GroupNormalization", "t g b", "y", num_groups=2)], opset=21,
     w=w(4, 3, 1, 1), g=w(4), b=w(4))
case("LpNormalization", [n("LpNormalization", "x", "y", axis=-1)])

# Activations.
for op in "Relu Sigmoid Tanh Erf Exp Abs HardSwish Softplus".split():
    case(op, [n(op, "x", "y")])
case("Sqrt", [n("Abs", "x", "t"), n("Sqrt", "t", "y")])
case("Log", [n("Exp", "x", "t"), n("Log", "t", "y")])
case("Reciprocal", [n("Exp", "x", "t"), n("Reciprocal", "t", "y")])
case("Sin and Cos", [n("Sin", "x", "a"), n("Cos", "x", "b"), n("Add", "a b", "y")])
case("Mish", [n("Mish", "x", "y")])
case("Gelu", [n("Gelu", "x", "y")], opset=20)
case("Gelu of tanh", [n("Gelu", "x", "y", approximate="tanh")], opset=20)
case("HardSigmoid", [n("HardSigmoid", "x", "y")])
case("HardSigmoid of sixths", [n("HardSigmoid", "x", "y", alpha=1 / 6, beta=0.5)])
case("LeakyRelu", [n("LeakyRelu", "x", "y", alpha=0.2)])
case("Elu", [n("Elu", "x", "y", alpha=0.7)])
case("PRelu", [n("PRelu", "x s", "y")], s=w(3, 1, 1))
case("Clip", [n("Clip", "x a b", "y")], a=np.float32(-0.3), b=np.float32(0.4))
case("Clip of old", [n("Clip", "x", "y", min=0.0, max=6.0)], opset=6)
case("Softmax", [n("Softmax", "x", "y")])
case("Softmax over channels", [n("Softmax", "x", "y", axis=1)])
case("Softmax of old", [n("Softmax", "x", "y", axis=2)], opset=11)
case("LogSoftmax", [n("LogSoftmax", "x", "y")])
half, one, root = np.float32(0.5), np.float32(1), np.float32(2**0.5)
case("GELU taken apart", [n("Div", "x r", "a"), n("Erf", "a", "b"), n("Add", "b one", "c"), n("Mul", "x c", "d"), n("Mul", "d half", "y")],
     r=root, one=one, half=half)
case("GELU taken apart otherwise", [n("Mul", "x h", "e"), n("Mul", "x r", "a"), n("Erf", "a", "b"), n("Add", "one b", "c"), n("Mul", "e c", "y")],
     r=np.float32(0.5**0.5), one=one, h=half)
case("Erf that is no GELU", [n("Div", "x r", "a"), n("Erf", "a", "b"), n("Add", "b one", "c"), n("Mul", "x c", "d"), n("Mul", "d half", "y")],
     r=root, one=one, half=np.float32(0.25))
case("SiLU taken apart", [n("Sigmoid", "x", "a"), n("Mul", "x a", "y")])
case("Hardswish taken apart", [n("HardSigmoid", "x", "a", alpha=1 / 6), n("Mul", "a x", "y")])

# Arithmetic.
case("Add of a channel's", [n("Add", "x c", "y")], c=w(3, 1, 1))
case("Add of a middle axis's", [n("Add", "x c", "y")], c=w(1, 3, 1, 4))
case("Add of a scalar", [n("Add", "c x", "y")], c=np.float32(0.3))
case("Add of a mean", [n("ReduceMean", "x a", "m", keepdims=1), n("Add", "m x", "y")], a=i(1))
case("Sub", [n("Sub", "c x", "y")], c=w(4))
case("Mul of a row's", [n("Mul", "x c", "y")], c=w(4))
case("Mul of a gate", [n("GlobalAveragePool", "x", "g"), n("Sigmoid", "g", "s"), n("Mul", "s x", "y")])
case("Mul of another axis", [n("ReduceMean", "x a", "m", keepdims=1), n("Mul", "x m", "y")], a=i(2))
case("Div", [n("Div", "x c", "y")], c=w(3, 1, 1, low=0.5))
case("Div by what is computed", [n("Exp", "x", "e"), n("Div", "x e", "y")])
case("Pow", [n("Pow", "x p", "y")], p=np.float32(2))
case("Max and Min", [n("Neg", "x", "m"), n("Max", "x m", "a"), n("Min", "a c", "y")], c=np.float32(0.6))
case("Where", [n("Where", "c x f", "y")], c=np.array([True, False, True, True]), f=np.float32(-2))
case("Where of infinity", [n("Where", "c f x", "t"), n("Softmax", "t", "y")], c=np.array([True, False, False, False]), f=np.float32(-np.inf))
case("Sum", [n("Sum", "x x c", "y")], c=w(4))

# Reductions.
case("ReduceMean of places", [n("ReduceMean", "x", "y", axes=[2, 3], keepdims=0)], opset=13)
case("ReduceMean of all", [n("ReduceMean", "x", "y", keepdims=1)], opset=13)
case("ReduceSum", [n("ReduceSum", "x a", "y", keepdims=0)], a=i(-1))
case("ReduceMax", [n("ReduceMax", "x a", "y", keepdims=1)], a=i(1))
case("ReduceMin", [n("ReduceMin", "x a", "y", keepdims=0)], a=i(3))
case("ReduceL2", [n("ReduceL2", "x a", "y", keepdims=1)], a=i(1, 2))
case("ReduceSumSquare", [n("ReduceSumSquare", "x a", "y")], a=i(2))

# Movements.
case("Transpose", [n("Transpose", "x", "y", perm=[2, 0, 3, 1])])
case("Concat of channels", [n("Concat", "x x c", "y", axis=1)], c=w(1, 2, 4, 4))
case("Concat of the first axis", [n("Transpose", "x", "t", perm=[1, 0, 2, 3]), n("Concat", "t t", "y", axis=0)])
case("Slice", [n("Slice", "x a b c d", "y")], a=i(1, -1), b=i(3, -5), c=i(1, 3), d=i(1, -2))
case("Slice of one axis", [n("Slice", "x a b c", "y")], a=i(-3), b=i(9), c=i(2))
case("Slice of old", [n("Slice", "x", "y", starts=[1], ends=[2], axes=[1])], opset=9)
case("Split", [n("Split", "x s", "a b", axis=1), n("Concat", "b a", "y", axis=1)], s=i(1, 2))
case("Split evenly", [n("Split", "x", "a b", axis=3, num_outputs=2), n("Sub", "a b", "y")])
case("Gather", [n("Gather", "x c", "y", axis=2)], c=np.array([[2, 0], [-1, 1]]))
case("Gather one", [n("Gather", "x c", "y", axis=1)], c=np.int64(-1))
case("GatherND", [n("GatherND", "x c", "y")], c=np.array([[0, 1, 2], [0, 2, 3]]))
case("GatherElements", [n("GatherElements", "x c", "y", axis=3)], c=np.array([[[[1, 0], [3, 2]]]]))
case("Expand", [n("ReduceMean", "x a", "m", keepdims=1), n("Expand", "m s", "y")], a=i(1), s=i(2, 1, 3, 1, 1))
case("Tile", [n("Tile", "x r", "y")], r=i(1, 2, 1, 3))
for mode in "constant reflect edge wrap".split():
    extra = dict(v=np.float32(0.5)) if mode == "constant" else {}
    case(f"Pad {mode}", [n("Pad", "x p v" if extra else "x p", "y", mode=mode)], opset=19, p=i(0, 0, 1, 2, 0, 0, 2, 0), **extra)
case("Pad of less", [n("Pad", "x p", "y")], p=i(0, 0, -1, 0, 0, 1, 0, 0))
case("DepthToSpace", [n("Conv", "x w", "t"), n("DepthToSpace", "t", "y", blocksize=2)], w=w(8, 3, 1, 1))
case("DepthToSpace by columns", [n("Conv", "x w", "t"), n("DepthToSpace", "t", "y", blocksize=2, mode="CRD")], w=w(8, 3, 1, 1))
case("SpaceToDepth", [n("SpaceToDepth", "x", "y", blocksize=2)])
case("ScatterND", [n("ScatterND", "x c u", "y")], c=np.array([[0, 1, 2], [0, 2, 0]]), u=w(2, 4))
case("Col2Im", [n("Reshape", "x s", "t"), n("Col2Im", "t z k", "y", pads=[1, 1, 1, 1], strides=[2, 2])],
     s=i(1, 12, 4), z=i(2, 2), k=i(2, 2))

# Shapes.
case("Shape arithmetic", [n("Shape", "x", "s"), n("Gather", "s one", "c"), n("Unsqueeze", "c zero", "d"), n("Mul", "d two", "e"),
                          n("Concat", "zeros e minus", "f", axis=0), n("Cast", "f", "g", to=T.INT64), n("Reshape", "x g", "y")],
     one=np.int64(1), zero=i(0), two=i(2), zeros=i(0), minus=i(-1))
case("Squeeze and Unsqueeze", [n("Squeeze", "x a", "t"), n("Unsqueeze", "t b", "y")], a=i(0), b=i(-1, 0))
case("Flatten", [n("Flatten", "x", "y", axis=2)])
case("ConstantOfShape and Range", [n("ConstantOfShape", "s", "a", value=h.make_tensor("v", T.FLOAT, [1], [0.5])),
                                   n("Range", "l m d", "r"), n("CumSum", "r z", "q"), n("Add", "a q", "c"), n("Mul", "x c", "y")],
     s=i(4), l=np.float32(0), m=np.float32(4), d=np.float32(1), z=np.int64(0))
case("Comparisons", [n("Greater", "c d", "g"), n("Less", "c d", "l"), n("Not", "l", "m"), n("And", "g m", "t"), n("Where", "t x z", "y")],
     c=w(4), d=w(4), z=np.float32(0))
case("Mod, Floor and Ceil", [n("Mod", "a b", "c"), n("Cast", "c", "d", to=T.FLOAT), n("Div", "d e", "f"), n("Floor", "f", "g"),
                             n("Ceil", "f", "k"), n("Add", "g k", "l"), n("Add", "x l", "y")], a=i(-3, 5, 7, 2), b=i(2, 3, 4, 5), e=np.float32(2))
case("Trilu", [n("Trilu", "c k", "t", upper=0), n("Add", "x t", "y")], c=w(4, 4), k=np.int64(1))
for mode, coordinates in [("nearest", "asymmetric"), ("nearest", "half_pixel"), ("linear", "half_pixel"), ("linear", "align_corners"),
                          ("linear", "pytorch_half_pixel"), ("cubic", "half_pixel")]:
    case(f"Resize {mode} {coordinates}", [n("Resize", ["x", "", "", "s"], "y", mode=mode, coordinate_transformation_mode=coordinates)],
         s=i(1, 3, 7, 5))
case("Resize by scales", [n("Resize", ["x", "", "s"], "y", mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric")],
     s=np.array([1, 1, 2, 3], np.float32))
case("Dequantized weights", [n("DequantizeLinear", "q s z", "w", axis=0), n("Conv", "x w", "y")], q=rng.integers(-9, 9, (2, 3, 1, 1)).astype(np.int8),
     s=np.array([0.1, 0.2], np.float32), z=np.array([1, -2], np.int8))
case("Float16 and doubles", [n("Cast", "a", "c", to=T.FLOAT), n("Cast", "b", "d", to=T.FLOAT), n("Mul", "x c", "e"), n("Add", "e d", "y")],
     a=w(4).astype(np.float16), b=w(4).astype(np.float64))

# Branches, functions, and what is not in order.
yes = h.make_graph([n("Constant", "", "o", value_float=2.0)], "yes", [], [h.make_tensor_value_info("o", T.FLOAT, [])])
no = h.make_graph([n("Constant", "", "o", value_float=3.0)], "no", [], [h.make_tensor_value_info("o", T.FLOAT, [])])
case("If", [n("Shape", "x", "s"), n("Size", "s", "c"), n("Equal", "c four", "t"), n("If", "t", "f", then_branch=yes, else_branch=no),
            n("Mul", "x f", "y")], four=np.int64(4))
twice = h.make_function("own", "Twice", ["a"], ["b"], [n("Add", "a a", "c"), n("LeakyRelu", "c", "b", alpha=0.3)], [h.make_opsetid("", 18)])
call = n("Twice", "x", "t")
call.domain = "own"
case("Function", [call, n("Neg", "t", "y")], functions=[twice], opsets=[h.make_opsetid("own", 1)])
case("Identity and Dropout", [n("Identity", "x", "a"), n("Dropout", "a", "y")])

# Several maps, and weights that are computed.
case("Conv of several maps", [n("Transpose", "x", "t", perm=[1, 0, 2, 3]), n("Conv", "t w b", "u", pads=[1, 1, 1, 1]), n("MaxPool", "u", "y", kernel_shape=[2, 2])],
     w=w(2, 1, 3, 3), b=w(2))
case("Conv of standardised weights", [n("BatchNormalization", "w g b m v", "t"), n("Reshape", "t s", "u"), n("Conv", "x u", "y")],
     w=w(1, 4, 3), g=w(4), b=w(4), m=w(4), v=w(4, low=0.5), s=i(4, 3, 1, 1))
case("GlobalAveragePool of several maps", [n("Transpose", "x", "t", perm=[1, 0, 2, 3]), n("GlobalAveragePool", "t", "y")])

# Transposed convolutions, and the operators of newer exporters.
case("ConvTranspose", [n("ConvTranspose", "x w b", "y", strides=[2, 2])], w=w(3, 2, 2, 2), b=w(2))
case("ConvTranspose pads", [n("ConvTranspose", "x w", "y", strides=[2, 3], pads=[1, 0, 1, 2], output_padding=[1, 0],
                              dilations=[1, 2])], w=w(3, 2, 3, 2))
case("ConvTranspose groups", [n("ConvTranspose", "x w", "y", group=3, pads=[2, 0, 0, 0])], w=w(3, 2, 2, 2))
case("Attention", [n("Conv", "x w", "k"), n("Attention", "x k x m", "y")], opset=23, w=w(3, 3, 1, 1), m=w(4, 4))
case("Attention of rows", [n("Reshape", "x s", "t"), n("Slice", "t a b c", "v"),
                           n("Attention", ["t", "v", "v"], "y", q_num_heads=2, kv_num_heads=1, scale=0.3)],
     opset=23, s=i(1, 12, 4), a=i(0), b=i(2), c=i(2))
case("RMSNormalization", [n("RMSNormalization", "x g", "y", epsilon=1e-3)], opset=23, g=w(4))
parts = [n("ReduceMean", "x", "m", axes=[-1]), n("Sub", "x m", "d"), n("Pow", "d two", "q"), n("ReduceMean", "q", "v", axes=[-1]),
         n("Add", "v e", "s"), n("Sqrt", "s", "r"), n("Div", "d r", "n"), n("Mul", "n g", "u"), n("Add", "u b", "y")]
layer = dict(two=np.float32(2), e=np.float32(1e-3), g=w(4), b=w(4))
case("LayerNorm taken apart", parts, opset=16, **layer)
case("Norm that is no LayerNorm", parts[:3] + [n("ReduceMean", "q", "v", axes=[-2])] + parts[4:], opset=16, **layer)

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "operators.json"), "w") as file:
    text = json.dumps(dict(input=[float(v) for v in X.ravel()], cases=cases))
    file.write(text.replace('}, "', '},\n"') + "\n")
print(len(cases), "cases,", len(text), "bytes")
