#include <stdint.h>
#include <string.h>

#include "CKernels.h"
#include "Dispatch.h"
#include "Lanes.h"

// A window of stride s sees every s-th row and column. So the padded map is dealt out into s·s "phases": phase (a, b)
// holds the rows a, a + s, ... and of these the columns b, b + s, ... All phases are as wide (the pitch) as the output and
// what the kernel reaches beyond it. Then a tap of the kernel is one phase moved by a constant, for all places of the
// output at once, and the convolution is a weighted sum of moved runs. Between the rows of the output this computes some
// values without meaning, which are left behind.

typedef VitcamDepthwiseGeometry Geometry;

/// Sixteen floats: one register of AVX-512, two of AVX2, four of NEON.

/// One tap of the kernel: by how much it moves what it reads, and its weight. As large as two floats of scratch memory.
typedef struct {
  int32_t offset;
  float weight;
} Tap;

static size_t rounded_up(size_t count) { return (count + LANES - 1) / LANES * LANES; }
/// How far a phase reaches beyond the output.
static size_t extra_rows(const Geometry *g) { return (g->kernel_height - 1) * g->dilation_height / g->stride_height; }
static size_t extra_columns(const Geometry *g) { return (g->kernel_width - 1) * g->dilation_width / g->stride_width; }
static size_t phase_rows(const Geometry *g) { return g->output_height + extra_rows(g); }
static size_t phase_pitch(const Geometry *g) { return g->output_width + extra_columns(g); }
static size_t phase_count(const Geometry *g) { return g->stride_height * g->stride_width; }
/// By how much the last tap moves its phase.
static size_t farthest_tap(const Geometry *g) { return extra_rows(g) * phase_pitch(g) + extra_columns(g); }
/// The memory of a phase: a last vector may begin within it and end behind it.
static size_t phase_memory(const Geometry *g) { return rounded_up(phase_rows(g) * phase_pitch(g)) + LANES; }
/// How many values lie between the first and the last of the output, when its rows are a pitch apart.
static size_t output_span(const Geometry *g) { return (g->output_height - 1) * phase_pitch(g) + g->output_width; }

size_t vitcam_depthwise_scratch(const Geometry *g) {
  return (phase_count(g) + 1) * phase_memory(g) + farthest_tap(g) + 2 * g->kernel_height * g->kernel_width;
}

/// Lists the taps that read one phase, moved by `base` more; returns how many.
static size_t list_taps(const Geometry *g, const float *weight, size_t phase, size_t base, Tap *taps) {
  size_t count = 0;
  for (size_t r = 0; r < g->kernel_height; r++) {
    for (size_t c = 0; c < g->kernel_width; c++) {
      size_t row = r * g->dilation_height, column = c * g->dilation_width;
      if (row % g->stride_height * g->stride_width + column % g->stride_width != phase) continue;
      size_t offset = base + row / g->stride_height * phase_pitch(g) + column / g->stride_width;
      taps[count++] = (Tap){.offset = (int32_t)offset, .weight = weight[r * g->kernel_width + c]};
    }
  }
  return count;
}

/// y[i] = bias + Σ weight · x[i + sign · offset], for `count` values rounded up to whole vectors.
VITCAM_INLINE void weighted_sum(const float *x, const Tap *taps, size_t tap_count, ptrdiff_t sign, float bias, float *y,
                                size_t count) {
  size_t i = 0;
  // Four vectors at once, so that additions need not wait for each other.
  for (; i + 4 * LANES <= rounded_up(count); i += 4 * LANES) {
    Lanes a = (Lanes){0} + bias, b = a, c = a, d = a;
    for (size_t t = 0; t < tap_count; t++) {
      const UnalignedLanes *moved = (const UnalignedLanes *)(x + i + sign * taps[t].offset);
      Lanes weight = (Lanes){0} + taps[t].weight;
      a += weight * moved[0];
      b += weight * moved[1];
      c += weight * moved[2];
      d += weight * moved[3];
    }
    UnalignedLanes *result = (UnalignedLanes *)(y + i);
    result[0] = a;
    result[1] = b;
    result[2] = c;
    result[3] = d;
  }
  for (; i < count; i += LANES) {
    Lanes a = (Lanes){0} + bias;
    for (size_t t = 0; t < tap_count; t++) {
      a += ((Lanes){0} + taps[t].weight) * *(const UnalignedLanes *)(x + i + sign * taps[t].offset);
    }
    *(UnalignedLanes *)(y + i) = a;
  }
}

/// The run of a phase's columns, or rows, that lie in the map and not in its padding: index i lies at
/// i · stride + phase − padding.
typedef struct {
  size_t first, end;
} Run;

static Run inside(size_t phase, size_t padding, size_t stride, size_t size, size_t phase_size) {
  Run run = {.first = phase >= padding ? 0 : (padding - phase + stride - 1) / stride, .end = 0};
  if (size + padding > phase) run.end = (size + padding - phase - 1) / stride + 1;
  if (run.end > phase_size) run.end = phase_size;
  if (run.first > run.end) run.first = run.end;
  return run;
}

/// Deals one phase out of the map, with zeros where it lies in the padding.
VITCAM_INLINE void deal_out(const Geometry *g, const float *x, size_t phase, float *dealt) {
  size_t phase_row = phase / g->stride_width, phase_column = phase % g->stride_width, pitch = phase_pitch(g);
  Run rows = inside(phase_row, g->padding_top, g->stride_height, g->height, phase_rows(g));
  Run columns = inside(phase_column, g->padding_left, g->stride_width, g->width, pitch);
  memset(dealt, 0, phase_memory(g) * sizeof *dealt);
  if (columns.first == columns.end) return;
  for (size_t r = rows.first; r < rows.end; r++) {
    const float *source = x + (r * g->stride_height + phase_row - g->padding_top) * g->width;
    size_t first = columns.first * g->stride_width + phase_column - g->padding_left;
    float *target = dealt + r * pitch + columns.first;
    size_t count = columns.end - columns.first;
    // The usual strides are spelled out: the compiler makes vector code of those.
    if (g->stride_width == 1)
      memcpy(target, source + first, count * sizeof *target);
    else if (g->stride_width == 2)
      for (size_t c = 0; c < count; c++) target[c] = source[first + 2 * c];
    else
      for (size_t c = 0; c < count; c++) target[c] = source[first + g->stride_width * c];
  }
}

/// Puts one phase back into the map.
VITCAM_INLINE void put_back(const Geometry *g, const float *dealt, size_t phase, float *x) {
  size_t phase_row = phase / g->stride_width, phase_column = phase % g->stride_width, pitch = phase_pitch(g);
  Run rows = inside(phase_row, g->padding_top, g->stride_height, g->height, phase_rows(g));
  Run columns = inside(phase_column, g->padding_left, g->stride_width, g->width, pitch);
  for (size_t r = rows.first; r < rows.end; r++) {
    float *target = x + (r * g->stride_height + phase_row - g->padding_top) * g->width;
    for (size_t c = columns.first; c < columns.end; c++) {
      target[c * g->stride_width + phase_column - g->padding_left] = dealt[r * pitch + c];
    }
  }
}

VITCAM_KERNEL void vitcam_depthwise(const Geometry *g, const float *x, const float *weight, float bias, float *scratch,
                                    float *y) {
  size_t memory = phase_memory(g), tap_count = 0;
  float *sums = scratch + phase_count(g) * memory;
  Tap *taps = (Tap *)(sums + memory);
  for (size_t phase = 0; phase < phase_count(g); phase++) {
    size_t found = list_taps(g, weight, phase, phase * memory, taps + tap_count);
    if (found > 0) deal_out(g, x, phase, scratch + phase * memory);
    tap_count += found;
  }
  weighted_sum(scratch, taps, tap_count, 1, bias, sums, output_span(g));
  for (size_t r = 0; r < g->output_height; r++) {
    memcpy(y + r * g->output_width, sums + r * phase_pitch(g), g->output_width * sizeof *y);
  }
}

VITCAM_KERNEL void vitcam_depthwise_backward(const Geometry *g, const float *gradient, const float *weight,
                                             float *scratch, float *out) {
  // The gradient in rows a pitch apart, with zeros between them, in front and behind.
  size_t memory = phase_memory(g);
  float *spread = scratch + memory;
  memset(spread, 0, (farthest_tap(g) + memory) * sizeof *spread);
  float *start = spread + farthest_tap(g);
  for (size_t r = 0; r < g->output_height; r++) {
    memcpy(start + r * phase_pitch(g), gradient + r * g->output_width, g->output_width * sizeof *start);
  }
  Tap *taps = (Tap *)(start + memory);
  memset(out, 0, g->height * g->width * sizeof *out);
  for (size_t phase = 0; phase < phase_count(g); phase++) {
    size_t count = list_taps(g, weight, phase, 0, taps);
    if (count == 0) continue;
    weighted_sum(start, taps, count, -1, 0, scratch, phase_rows(g) * phase_pitch(g));
    put_back(g, scratch, phase, out);
  }
}
