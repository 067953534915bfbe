#pragma once
#include <stdint.h>
#include <string.h>

#include "Dispatch.h"

/// exp(x) to about one unit in the last place, in a form that compilers vectorise: x = n ln 2 + r with |r| ≤ ln 2 / 2,
/// exp(r) by its Taylor polynomial, and 2ⁿ put together from bits. Saturates at exp(±87).
VITCAM_INLINE float vitcam_exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 87.0f ? 87.0f : x;
  // Adding 1.5·2²³ rounds to the nearest integer and leaves it in the lowest bits.
  const float rounder = 12582912.0f;
  float shifted = x * 1.44269504f + rounder;
  float n = shifted - rounder;
  // ln 2 in two parts, so that n ln 2 loses nothing.
  float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}
