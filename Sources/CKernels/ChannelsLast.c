#include "CKernels.h"
#include "Dispatch.h"
#include "Lanes.h"

// Kernels on maps whose channels come last (height × width × channels): all channels of a place lie together, so that
// each vector holds neighbouring channels of one place.


typedef VitcamDepthwiseGeometry Geometry;

/// The taps of a kernel along one axis that lie inside the map at an output place.
typedef struct {
  size_t first, end;
} Taps;

static Taps inside(size_t place, size_t stride, size_t padding, size_t dilation, size_t kernel, size_t size) {
  size_t start = place * stride;
  Taps taps = {.first = start >= padding ? 0 : (padding - start + dilation - 1) / dilation, .end = 0};
  if (size + padding > start) taps.end = (size + padding - start - 1) / dilation + 1;
  if (taps.end > kernel) taps.end = kernel;
  if (taps.first > taps.end) taps.first = taps.end;
  return taps;
}

/// Sixteen channels of one place.
VITCAM_INLINE void place_sums(const Geometry *g, size_t channels, const float *x, Taps rows, Taps columns,
                              const float *taps, const float *bias, float *y) {
  Lanes sum = *(const UnalignedLanes *)bias;
  for (size_t r = rows.first; r < rows.end; r++)
    for (size_t c = columns.first; c < columns.end; c++) {
      const float *seen = x + (r * g->dilation_height * g->width + c * g->dilation_width) * channels;
      sum += *(const UnalignedLanes *)seen * *(const UnalignedLanes *)(taps + (r * g->kernel_width + c) * channels);
    }
  *(UnalignedLanes *)y = sum;
}

/// The same for places whose window lies inside the map, with a kernel whose size is known where this is inlined: its
/// weights stay in registers from place to place.
VITCAM_INLINE void inner_sums(const Geometry *g, size_t channels, const float *x, size_t places, size_t kernel,
                              const float *taps, const float *bias, float *y) {
  Lanes weights[25];
  for (size_t t = 0; t < kernel * kernel; t++) weights[t] = *(const UnalignedLanes *)(taps + t * channels);
  Lanes start = *(const UnalignedLanes *)bias;
  size_t row = g->dilation_height * g->width * channels, column = g->dilation_width * channels;
  for (size_t p = 0; p < places; p++, x += g->stride_width * channels, y += channels) {
    Lanes sum = start;
    for (size_t r = 0; r < kernel; r++)
      for (size_t c = 0; c < kernel; c++) sum += *(const UnalignedLanes *)(x + r * row + c * column) * weights[r * kernel + c];
    *(UnalignedLanes *)y = sum;
  }
}

/// One row of the result for sixteen channels.
VITCAM_INLINE void row_sums(const Geometry *g, size_t channels, const float *x, Taps rows, const float *taps,
                            const float *bias, float *y) {
  for (size_t place = 0; place < g->output_width;) {
    Taps columns = inside(place, g->stride_width, g->padding_left, g->dilation_width, g->kernel_width, g->width);
    const float *seen = x + (ptrdiff_t)(place * g->stride_width - g->padding_left) * (ptrdiff_t)channels;
    size_t kernel = g->kernel_width, side = g->kernel_height;
    bool is_whole = rows.first == 0 && rows.end == side && columns.first == 0 && columns.end == kernel;
    if (is_whole && side == kernel && (kernel == 3 || kernel == 5)) {
      // All places up to the last whose window ends inside the map.
      size_t reach = (kernel - 1) * g->dilation_width + 1;
      size_t last = (g->width + g->padding_left - reach) / g->stride_width;
      size_t end = last + 1 < g->output_width ? last + 1 : g->output_width;
      if (kernel == 3)
        inner_sums(g, channels, seen, end - place, 3, taps, bias, y + place * channels);
      else
        inner_sums(g, channels, seen, end - place, 5, taps, bias, y + place * channels);
      place = end;
      continue;
    }
    place_sums(g, channels, seen, rows, columns, taps, bias, y + place * channels);
    place++;
  }
}

/// The same for one channel.
VITCAM_INLINE void narrow_row_sums(const Geometry *g, size_t channels, const float *x, Taps rows, const float *taps,
                                   const float *bias, float *y) {
  for (size_t place = 0; place < g->output_width; place++) {
    Taps columns = inside(place, g->stride_width, g->padding_left, g->dilation_width, g->kernel_width, g->width);
    float sum = *bias;
    for (size_t r = rows.first; r < rows.end; r++)
      for (size_t c = columns.first; c < columns.end; c++) {
        ptrdiff_t column = (ptrdiff_t)(place * g->stride_width + c * g->dilation_width - g->padding_left);
        sum += x[(ptrdiff_t)(r * g->dilation_height * g->width * channels) + column * (ptrdiff_t)channels] *
               taps[(r * g->kernel_width + c) * channels];
      }
    y[place * channels] = sum;
  }
}

VITCAM_KERNEL void vitcam_depthwise_row(const Geometry *g, size_t channels, const float *x, size_t row,
                                        const float *taps, const float *bias, float *y) {
  Taps rows = inside(row, g->stride_height, g->padding_top, g->dilation_height, g->kernel_height, g->height);
  ptrdiff_t top = (ptrdiff_t)(row * g->stride_height) - (ptrdiff_t)g->padding_top;
  const float *first = x + top * (ptrdiff_t)(g->width * channels);
  if (channels < LANES) {
    for (size_t c = 0; c < channels; c++) narrow_row_sums(g, channels, first + c, rows, taps + c, bias + c, y + c);
    return;
  }
  for (size_t c = 0; c < channels; c += LANES) {
    // The last vector begins so early that it ends with the channels.
    if (c + LANES > channels) c = channels - LANES;
    row_sums(g, channels, first + c, rows, taps + c, bias + c, y + c);
  }
}

VITCAM_KERNEL void vitcam_affine_columns(const VitcamAffineColumns *p, const float *x, size_t x_stride, float *y,
                                         size_t y_stride, size_t rows) {
  for (size_t r = 0; r < rows; r++, x += x_stride, y += y_stride) {
    VITCAM_ELEMENTWISE
    for (size_t c = 0; c < p->columns; c++) {
      float value = x[c] * p->scale[c] + p->shift[c];
      value = value < p->lowest ? p->lowest : value;
      y[c] = value > p->highest ? p->highest : value;
    }
  }
}

VITCAM_KERNEL void vitcam_clamp(const float *x, float lowest, float highest, float *y, size_t count) {
  VITCAM_ELEMENTWISE
  for (size_t i = 0; i < count; i++) {
    float value = x[i];
    value = value < lowest ? lowest : value;
    y[i] = value > highest ? highest : value;
  }
}
