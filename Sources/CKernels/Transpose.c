#include "CKernels.h"
#include "Dispatch.h"

/// Eight floats, and the same anywhere in memory.
typedef float Octet __attribute__((vector_size(32)));
typedef float UnalignedOctet __attribute__((vector_size(32), aligned(4)));

/// Eight rows of eight: each pass swaps half of what neighbours at a distance of 1, 2 and 4 have.
VITCAM_INLINE void transpose_square(const float *x, size_t x_stride, float *y, size_t y_stride) {
  Octet a[8], b[8];
  for (int i = 0; i < 8; i++) a[i] = *(const UnalignedOctet *)(x + (size_t)i * x_stride);
  for (int i = 0; i < 8; i += 2) {
    b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i++) {
    if (i & 2) continue;
    a[i] = __builtin_shufflevector(b[i], b[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    a[i + 2] = __builtin_shufflevector(b[i], b[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (int i = 0; i < 4; i++) {
    b[i] = __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    b[i + 4] = __builtin_shufflevector(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (int i = 0; i < 8; i++) *(UnalignedOctet *)(y + (size_t)i * y_stride) = b[i];
}

VITCAM_KERNEL void vitcam_transpose(const float *restrict x, size_t x_stride, float *restrict y, size_t y_stride,
                                    size_t rows, size_t columns) {
  size_t whole_rows = rows - rows % 8, whole_columns = columns - columns % 8;
  for (size_t c = 0; c < whole_columns; c += 8)
    for (size_t r = 0; r < whole_rows; r += 8)
      transpose_square(x + c * x_stride + r, x_stride, y + r * y_stride + c, y_stride);
  for (size_t c = 0; c < columns; c++)
    for (size_t r = c < whole_columns ? whole_rows : 0; r < rows; r++) y[r * y_stride + c] = x[c * x_stride + r];
}
