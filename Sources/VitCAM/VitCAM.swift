// What a user of the library needs, under one import.
@_exported import Architectures
@_exported import Checkpoints
@_exported import Explanations
@_exported import Images
@_exported import LayerGraph
@_exported import ONNX
@_exported import Reports
@_exported import Tensors
