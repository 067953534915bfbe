#include "CKernels.h"
#include "Dispatch.h"

VITCAM_KERNEL void vitcam_add(const float *a, const float *b, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

VITCAM_KERNEL void vitcam_multiply(const float *a, const float *b, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = a[i] * b[i];
}

VITCAM_KERNEL void vitcam_affine(const float *x, float scale, float shift, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] * scale + shift;
}

VITCAM_KERNEL void vitcam_add_to_rows(float *y, const float *bias, size_t rows, size_t columns, size_t stride) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) y[r * stride + c] += bias[c];
}

VITCAM_KERNEL void vitcam_scale_columns(const float *x, const float *scale, float *y, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) y[r * columns + c] = x[r * columns + c] * scale[c];
}

VITCAM_INLINE float larger(float a, float b) { return ((b > a) | (b != b)) ? b : a; }

VITCAM_KERNEL void vitcam_raise(float *y, const float *x, size_t stride, size_t count) {
  // The usual strides are spelled out: the compiler makes vector code of those.
  if (stride == 1)
    for (size_t i = 0; i < count; i++) y[i] = larger(y[i], x[i]);
  else if (stride == 2)
    for (size_t i = 0; i < count; i++) y[i] = larger(y[i], x[2 * i]);
  else
    for (size_t i = 0; i < count; i++) y[i] = larger(y[i], x[stride * i]);
}

VITCAM_INLINE void raise_place(float *y, int32_t *place, float x, int32_t candidate) {
  bool wins = (x > *y) | ((x != x) & (*y == *y)) | (*place < 0);
  *y = wins ? x : *y;
  *place = wins ? candidate : *place;
}

VITCAM_KERNEL void vitcam_raise_places(float *restrict y, int32_t *restrict places, const float *restrict x,
                                       int32_t start, size_t stride, size_t count) {
  if (stride == 1)
    for (size_t i = 0; i < count; i++) raise_place(y + i, places + i, x[i], start + (int32_t)i);
  else if (stride == 2)
    for (size_t i = 0; i < count; i++) raise_place(y + i, places + i, x[2 * i], start + 2 * (int32_t)i);
  else
    for (size_t i = 0; i < count; i++) raise_place(y + i, places + i, x[stride * i], start + (int32_t)(stride * i));
}

VITCAM_KERNEL float vitcam_sum(const float *x, size_t count) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (size_t i = 0; i < count; i++) sum += x[i];
  return sum;
}

VITCAM_KERNEL float vitcam_dot(const float *a, const float *b, size_t count) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}
