#include "TIFFSamples.h"

#include <math.h>
#include <string.h>

uint32_t givenBits(const StoredSamples *stored) {
  if (stored->palette[0]) return 8;
  return stored->kind != unsignedSamples || stored->bits > 16 ? 32 : stored->bits > 8 ? 16 : 8;
}

void samplesRange(const StoredSamples *stored, double *black, double *white) {
  const double values = ldexp(1, (int)stored->bits);
  *black = stored->kind == signedSamples ? -values / 2 : 0;
  *white = givenBits(stored) == 8 ? 255 : *black + values - 1;
}

/// A sample of any whole number of bits up to 32. Whole bytes are in the processor's order, others run on from the highest
/// bit.
static uint32_t integer(const uint8_t *row, size_t index, uint32_t bits) {
  switch (bits) {
    case 8: return row[index];
    case 16: {
      uint16_t value;
      memcpy(&value, row + 2 * index, sizeof value);
      return value;
    }
    case 32: {
      uint32_t value;
      memcpy(&value, row + 4 * index, sizeof value);
      return value;
    }
    case 24: {
      const uint8_t *bytes = row + 3 * index;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
      return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
#else
      return bytes[2] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[0] << 16;
#endif
    }
    default: {
      uint32_t value = 0;
      const size_t first = index * bits;
      for (size_t bit = first; bit < first + bits; bit++) value = value << 1 | (row[bit >> 3] >> (7 - (bit & 7)) & 1);
      return value;
    }
  }
}

/// A float of 16 or 24 bits: a sign, an exponent, a fraction (TIFF Technical Note 3).
static float shortFloat(uint32_t value, int exponentBits, int fractionBits) {
  const uint32_t fraction = value & ((1u << fractionBits) - 1);
  const int exponents = 1 << exponentBits;
  const int exponent = (int)(value >> fractionBits) & (exponents - 1);
  const int bias = exponents / 2 - 1;
  float magnitude;
  if (exponent == exponents - 1) {
    magnitude = fraction ? NAN : INFINITY;
  } else if (exponent == 0) {
    magnitude = ldexpf((float)fraction, 1 - bias - fractionBits);
  } else {
    magnitude = ldexpf((float)(fraction | 1u << fractionBits), exponent - bias - fractionBits);
  }
  return value >> (exponentBits + fractionBits) & 1 ? -magnitude : magnitude;
}

static float real(const StoredSamples *stored, const uint8_t *row, size_t index) {
  const uint32_t bits = stored->bits;
  if (stored->kind == floatSamples) {
    if (bits == 64) {
      double value;
      memcpy(&value, row + 8 * index, sizeof value);
      return (float)value;
    }
    const uint32_t value = integer(row, index, bits);
    if (bits == 16) return shortFloat(value, 5, 10);
    if (bits == 24) return shortFloat(value, 7, 16);
    float number;
    memcpy(&number, &value, sizeof number);
    return number;
  }
  const uint32_t value = integer(row, index, bits);
  if (stored->kind == unsignedSamples) return (float)value;
  return (float)((int32_t)(value << (32 - bits)) >> (32 - bits));
}

static void takeReals(
    const StoredSamples *stored, const uint8_t *row, uint32_t pixels, uint32_t channels, uint32_t taken, float *given) {
  double black, white;
  samplesRange(stored, &black, &white);
  const float sum = stored->kind == floatSamples ? 1 : (float)(black + white);
  for (size_t x = 0; x < pixels; x++) {
    for (uint32_t c = 0; c < taken; c++) {
      const float value = real(stored, row, x * stored->interleaved + c);
      given[x * channels + c] = stored->isInverted ? sum - value : value;
    }
  }
}

static void takeWords(
    const StoredSamples *stored, const uint8_t *row, uint32_t pixels, uint32_t channels, uint32_t taken,
    uint16_t *given) {
  const uint32_t inversion = stored->isInverted ? (1u << stored->bits) - 1 : 0;
  for (size_t x = 0; x < pixels; x++) {
    for (uint32_t c = 0; c < taken; c++) {
      given[x * channels + c] = (uint16_t)(integer(row, x * stored->interleaved + c, stored->bits) ^ inversion);
    }
  }
}

static void takeBytes(
    const StoredSamples *stored, const uint8_t *row, uint32_t pixels, uint32_t channels, uint32_t taken, uint8_t *given) {
  const uint32_t largest = (1u << stored->bits) - 1;
  uint8_t table[256];
  for (uint32_t value = 0; value <= largest; value++) {
    const uint32_t byte = (value * 255 + largest / 2) / largest;
    table[value] = (uint8_t)(stored->isInverted ? 255 - byte : byte);
  }
  for (size_t x = 0; x < pixels; x++) {
    for (uint32_t c = 0; c < taken; c++) {
      given[x * channels + c] = table[integer(row, x * stored->interleaved + c, stored->bits)];
    }
  }
}

static void takeColors(const StoredSamples *stored, const uint8_t *row, uint32_t pixels, uint8_t *given) {
  const int shift = stored->hasShortPalette ? 0 : 8;
  for (size_t x = 0; x < pixels; x++) {
    const uint32_t number = integer(row, x * stored->interleaved, stored->bits);
    for (int c = 0; c < 3; c++) given[3 * x + c] = (uint8_t)(stored->palette[c][number] >> shift);
  }
}

void takeRow(
    const StoredSamples *stored, const uint8_t *row, uint32_t pixels, uint32_t channels, uint32_t channel, uint32_t taken,
    void *given) {
  if (stored->palette[0]) {
    takeColors(stored, row, pixels, given);
    return;
  }
  switch (givenBits(stored)) {
    case 8: takeBytes(stored, row, pixels, channels, taken, (uint8_t *)given + channel); break;
    case 16: takeWords(stored, row, pixels, channels, taken, (uint16_t *)given + channel); break;
    default: takeReals(stored, row, pixels, channels, taken, (float *)given + channel); break;
  }
}
