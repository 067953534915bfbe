#include <math.h>

#include "CKernels.h"
#include "Dispatch.h"

VITCAM_KERNEL void vitcam_add_masked(const float *x, const float *bias, const float *parts, float *y, size_t tokens) {
  for (size_t q = 0; q < tokens; q++, x += tokens, bias += tokens, y += tokens)
    for (size_t k = 0; k < tokens; k++) y[k] = x[k] + bias[k] + (parts[k] == parts[q] ? 0.0f : -100.0f);
}

VITCAM_INLINE float row_dot(const float *a, const float *b, size_t columns) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (size_t c = 0; c < columns; c++) sum += a[c] * b[c];
  return sum;
}

VITCAM_KERNEL void vitcam_unit_length(const float *x, float length, float epsilon, float *y, size_t rows,
                                      size_t columns) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    float factor = length / fmaxf(sqrtf(row_dot(x, x, columns)), epsilon);
    for (size_t c = 0; c < columns; c++) y[c] = x[c] * factor;
  }
}

VITCAM_KERNEL void vitcam_unit_length_backward(const float *x, float length, float epsilon, const float *gradient,
                                               float *out, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++, x += columns, gradient += columns, out += columns) {
    float norm = sqrtf(row_dot(x, x, columns));
    // Below epsilon the divisor is a constant.
    float along = norm > epsilon ? row_dot(x, gradient, columns) / (norm * norm) : 0;
    float factor = length / fmaxf(norm, epsilon);
    for (size_t c = 0; c < columns; c++) out[c] = (gradient[c] - x[c] * along) * factor;
  }
}
