// What the gamma rule of relevance propagation does with each sum and each input, see LayerGraph's ProductRule.

#include <math.h>

#include "CKernels.h"
#include "Dispatch.h"

VITCAM_KERNEL void vitcam_magnitudes(const float *x, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = fabsf(x[i]);
}

VITCAM_KERNEL void vitcam_gamma_shares(const float *gradient, const float *z, const float *magnitudes, float gamma,
                                       float epsilon, float *plain, float *signed_, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float sign = z[i] < 0 ? -1.0f : 1.0f;
    float divisor = z[i] * (1 + gamma / 2) + sign * (magnitudes[i] * gamma / 2 + epsilon);
    float share = gradient[i] * z[i] / divisor;
    plain[i] = share * (1 + gamma / 2);
    signed_[i] = share * sign * gamma / 2;
  }
}

VITCAM_KERNEL void vitcam_add_signed(const float *x, const float *magnitudes, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] += x[i] < 0 ? -magnitudes[i] : magnitudes[i];
}
