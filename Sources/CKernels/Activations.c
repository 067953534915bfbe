#include "CKernels.h"
#include "Dispatch.h"
#include "Exponential.h"

/// Φ(x) of the normal distribution to 2e-7, given exp(−x²/2): the lower tail Φ(−|x|) is that times a polynomial in
/// t = 1/(1 + 0.28|x|), the form of Abramowitz and Stegun 26.2.17, fitted to 1e-8 in Φ and in x Φ(x). Far out it vanishes,
/// where 1 + erf(x) would leave a rounding error for x to enlarge.
VITCAM_INLINE float normal_distribution(float x, float bell) {
  float t = 1 / (1 + 0.28f * __builtin_fabsf(x));
  float p = -1.0632828e-1f;
  p = p * t + 3.9206591e-1f;
  p = p * t - 2.4066766e-1f;
  p = p * t + 2.7197090e-1f;
  p = p * t + 6.6230079e-2f;
  p = p * t + 1.1672904e-1f;
  float tail = bell * p * t;
  return x > 0 ? 1 - tail : tail;
}

VITCAM_KERNEL void vitcam_gelu(const float *x, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] * normal_distribution(x[i], vitcam_exp(-0.5f * x[i] * x[i]));
}

VITCAM_KERNEL void vitcam_gelu_backward(const float *x, const float *gradient, float *out, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float bell = vitcam_exp(-0.5f * x[i] * x[i]);
    out[i] = gradient[i] * (normal_distribution(x[i], bell) + x[i] * 0.39894228f * bell);
  }
}

VITCAM_KERNEL void vitcam_relu(const float *x, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

VITCAM_KERNEL void vitcam_relu_backward(const float *output, const float *gradient, float *out, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) out[i] = output[i] <= 0 ? 0 : gradient[i];
}

VITCAM_KERNEL void vitcam_relu6(const float *x, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] < 0 ? 0 : x[i] > 6 ? 6 : x[i];
}

VITCAM_KERNEL void vitcam_relu6_backward(const float *output, const float *gradient, float *out, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) out[i] = output[i] <= 0 || output[i] >= 6 ? 0 : gradient[i];
}

VITCAM_KERNEL void vitcam_sigmoid(const float *x, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = 1 / (1 + vitcam_exp(-x[i]));
}

VITCAM_KERNEL void vitcam_silu(const float *x, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] / (1 + vitcam_exp(-x[i]));
}

VITCAM_KERNEL void vitcam_silu_backward(const float *x, const float *gradient, float *out, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float sigmoid = 1 / (1 + vitcam_exp(-x[i]));
    out[i] = gradient[i] * sigmoid * (1 + x[i] * (1 - sigmoid));
  }
}

/// min(max(x + 3, 0), 6) / 6; keeps NaN.
VITCAM_INLINE float hard_sigmoid(float x) {
  float shifted = x + 3;
  shifted = shifted < 0 ? 0 : shifted;
  shifted = shifted > 6 ? 6 : shifted;
  return shifted / 6;
}

VITCAM_KERNEL void vitcam_hard_sigmoid(const float *x, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = hard_sigmoid(x[i]);
}

VITCAM_KERNEL void vitcam_hard_sigmoid_backward(const float *x, const float *gradient, float *out, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) out[i] = x[i] > -3 && x[i] < 3 ? gradient[i] / 6 : 0;
}

VITCAM_KERNEL void vitcam_hard_swish(const float *x, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = x[i] * hard_sigmoid(x[i]);
}

VITCAM_KERNEL void vitcam_hard_swish_backward(const float *x, const float *gradient, float *out, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float slope = x[i] < 3 ? x[i] / 3 + 0.5f : 1;
    out[i] = x[i] > -3 ? gradient[i] * slope : 0;
  }
}
