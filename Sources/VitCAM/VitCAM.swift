@_exported import Explanations
