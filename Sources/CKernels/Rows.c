#include <math.h>

#include "CKernels.h"
#include "Dispatch.h"
#include "Exponential.h"

/// The largest of a row, NaN left out: in sixteen lanes, because compilers do not take a maximum apart themselves.
VITCAM_INLINE float row_maximum(const float *x, size_t columns) {
  enum { lane_count = 16 };
  float lanes[lane_count];
  for (int lane = 0; lane < lane_count; lane++) lanes[lane] = -INFINITY;
  size_t c = 0;
  for (; c + lane_count <= columns; c += lane_count)
    for (int lane = 0; lane < lane_count; lane++)
      lanes[lane] = x[c + lane] > lanes[lane] ? x[c + lane] : lanes[lane];
  float largest = -INFINITY;
  for (; c < columns; c++) largest = x[c] > largest ? x[c] : largest;
  for (int lane = 0; lane < lane_count; lane++) largest = lanes[lane] > largest ? lanes[lane] : largest;
  return largest;
}

VITCAM_KERNEL void vitcam_softmax(const float *x, float *y, size_t rows, size_t columns) {
#pragma clang fp reassociate(on)
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    float largest = row_maximum(x, columns);
    float sum = 0;
#pragma clang loop interleave_count(1)  // Rows are short: what is left over after whole steps costs most.
    for (size_t c = 0; c < columns; c++) {
      y[c] = vitcam_exp(x[c] - largest);
      sum += y[c];
    }
    float scale = 1 / sum;
    for (size_t c = 0; c < columns; c++) y[c] *= scale;
  }
}

VITCAM_KERNEL void vitcam_softmax_backward(const float *y, const float *gradient, float *out, size_t rows,
                                           size_t columns) {
#pragma clang fp reassociate(on)
  for (size_t r = 0; r < rows; r++, y += columns, gradient += columns, out += columns) {
    float dot = 0;
    for (size_t c = 0; c < columns; c++) dot += y[c] * gradient[c];
    for (size_t c = 0; c < columns; c++) out[c] = y[c] * (gradient[c] - dot);
  }
}

/// The mean and 1 / √(variance + epsilon) of one row; two passes, because E[x²] − E[x]² cancels.
VITCAM_INLINE void row_statistics(const float *x, size_t columns, float epsilon, float *mean, float *inverse) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (size_t c = 0; c < columns; c++) sum += x[c];
  float center = sum / (float)columns;
  float squares = 0;
  for (size_t c = 0; c < columns; c++) squares += (x[c] - center) * (x[c] - center);
  *mean = center;
  *inverse = 1 / sqrtf(squares / (float)columns + epsilon);
}

VITCAM_KERNEL void vitcam_layer_norm(const float *x, const float *gamma, const float *beta, float epsilon, float *y,
                                     size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
    float mean, inverse;
    row_statistics(x, columns, epsilon, &mean, &inverse);
    for (size_t c = 0; c < columns; c++) y[c] = (x[c] - mean) * inverse * gamma[c] + beta[c];
  }
}

VITCAM_KERNEL void vitcam_layer_norm_backward(const float *x, const float *gamma, float epsilon, const float *gradient,
                                              float *out, size_t rows, size_t columns) {
#pragma clang fp reassociate(on)
  for (size_t r = 0; r < rows; r++, x += columns, gradient += columns, out += columns) {
    float mean, inverse;
    row_statistics(x, columns, epsilon, &mean, &inverse);
    float sum = 0, dot = 0;
    for (size_t c = 0; c < columns; c++) {
      float g = gamma[c] * gradient[c];
      sum += g;
      dot += g * (x[c] - mean) * inverse;
    }
    float g_mean = sum / (float)columns, dot_mean = dot / (float)columns;
    for (size_t c = 0; c < columns; c++) {
      float g = gamma[c] * gradient[c];
      out[c] = (g - g_mean - (x[c] - mean) * inverse * dot_mean) * inverse;
    }
  }
}

VITCAM_KERNEL void vitcam_layer_norm_relevance(const float *x, const float *gamma, float epsilon, const float *gradient,
                                               float *out, size_t rows, size_t columns) {
#pragma clang fp reassociate(on)
  for (size_t r = 0; r < rows; r++, x += columns, gradient += columns, out += columns) {
    float mean, inverse;
    row_statistics(x, columns, epsilon, &mean, &inverse);
    float sum = 0;
    for (size_t c = 0; c < columns; c++) sum += gamma[c] * gradient[c];
    float g_mean = sum / (float)columns;
    for (size_t c = 0; c < columns; c++) out[c] = (gamma[c] * gradient[c] - g_mean) * inverse;
  }
}
