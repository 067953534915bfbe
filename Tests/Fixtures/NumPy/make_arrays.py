#!/usr/bin/env python3
"""Makes the .npy files beside it: a 2×3 array of every type, order and version of the format that is read or refused."""
from pathlib import Path

import numpy as np

folder = Path(__file__).parent
values = [[0, 1, 2], [3, 100, 5]]
for name in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
    np.save(folder / f"{name}.npy", np.array(values, dtype="<" + name))
np.save(folder / "b1.npy", np.array([[False, True, False], [True, True, False]]))
np.save(folder / "fortran.npy", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
np.save(folder / "scalar.npy", np.float32(1.5))
np.save(folder / "vector.npy", np.arange(3, dtype="<f4"))
np.save(folder / "empty.npy", np.zeros((0, 3), dtype="<f4"))
np.save(folder / "half.npy", np.array([1.5, -2, 65504, 6e-8, -0.0, np.inf, -np.inf, np.nan], dtype="<f2"))
np.save(folder / "big-endian.npy", np.array(values, dtype=">f4"))
np.save(folder / "complex.npy", np.array(values, dtype="<c8"))
np.save(folder / "structured.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<f4")]))
for version in ((2, 0), (3, 0)):
    with open(folder / f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, np.array(values, dtype="<f4"), version=version)
