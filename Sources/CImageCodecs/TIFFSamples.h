/// How the samples of a TIFF page are stored and what becomes of them.
#pragma once
#include "CImageCodecs.h"

typedef enum { unsignedSamples, signedSamples, floatSamples } SampleKind;

typedef struct {
  SampleKind kind;
  /// Bits of a stored sample: 1 to 32; floats of 64 too.
  uint32_t bits;
  /// Samples that lie side by side in a stored row for each pixel, of which the first ones are taken.
  uint32_t interleaved;
  /// Whether 0 is white, or is no ink.
  bool isInverted;
  /// Red, green and blue for each number, where samples are numbers of a palette.
  const uint16_t *palette[3];
  /// Whether the palette has 8 bits, as some old programs wrote it.
  bool hasShortPalette;
} StoredSamples;

/// The range of numbers that are black and white, for all but floats.
void samplesRange(const StoredSamples *stored, double *black, double *white);

/// The bits of a sample that is given: 8, 16, or 32 for a float.
uint32_t givenBits(const StoredSamples *stored);

/// Converts `pixels` pixels of a stored row into channels `channel` to `channel + taken` of a given row, in which a pixel
/// has `channels`.
void takeRow(
    const StoredSamples *stored, const uint8_t *row, uint32_t pixels, uint32_t channels, uint32_t channel, uint32_t taken,
    void *given);
