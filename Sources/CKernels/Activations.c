#include "CKernels.h"
#include "Dispatch.h"
#include "Exponential.h"

/// erf(x) to 5e-7: x P(x²)/Q(x²), fitted by reweighted least squares on |x| ≤ 3.92, beyond which float32 says ±1.
VITCAM_INLINE float error_function(float x) {
  x = x < -3.92f ? -3.92f : x;
  x = x > 3.92f ? 3.92f : x;
  float u = x * x;
  float p = 2.050089733529603e-06f;
  p = p * u + 2.848838921636343e-04f;
  p = p * u + 3.765644272789359e-03f;
  p = p * u + 5.274881049990654e-02f;
  p = p * u + 1.904070228338242e-01f;
  p = p * u + 1.128379106521606e+00f;
  float q = 3.809170280764045e-05f;
  q = q * u + 1.162543194368482e-03f;
  q = q * u + 1.496927067637444e-02f;
  q = q * u + 1.141093522310257e-01f;
  q = q * u + 5.020765662193298e-01f;
  q = q * u + 1.0f;
  return x * p / q;
}

VITCAM_INLINE float normal_distribution(float x) { return 0.5f + 0.5f * error_function(x * 0.70710678f); }

VITCAM_KERNEL void vitcam_gelu(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] * normal_distribution(x[i]);
}

VITCAM_KERNEL void vitcam_gelu_backward(const float *x, const float *gradient, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float density = 0.39894228f * vitcam_exp(-0.5f * x[i] * x[i]);
    out[i] = gradient[i] * (normal_distribution(x[i]) + x[i] * density);
  }
}

VITCAM_KERNEL void vitcam_relu(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

VITCAM_KERNEL void vitcam_relu_backward(const float *output, const float *gradient, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = output[i] > 0 ? gradient[i] : 0;
}

VITCAM_KERNEL void vitcam_sigmoid(const float *x, float *y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = 1 / (1 + vitcam_exp(-x[i]));
}
