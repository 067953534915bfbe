#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "Dispatch.h"
#include "Exponential.h"
#include "Lanes.h"

// Attention of a block of queries: their scores are made, normalised and multiplied by the values while they are in the
// first-level cache.

enum {
  PANEL = VITCAM_PANEL_COLUMNS,
  DEPTH = VITCAM_PANEL_DEPTH,
  ROW = VITCAM_PANEL_ROW_STRIDE,
  PIECE = VITCAM_PANEL_ROWS * ROW
};

/// Rows of a block lie in pieces of DEPTH columns, as products read them: where a column of the first row is.
static inline size_t place(size_t column) { return column / DEPTH * PIECE + column % DEPTH; }

static inline size_t pieces(size_t columns) { return (columns + DEPTH - 1) / DEPTH; }

static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }

size_t vitcam_attention_scratch(const VitcamAttention *a) { return (pieces(a->width) + pieces(a->key_count)) * PIECE; }

/// Copies the queries, times the factor.
VITCAM_KERNEL static void copy_queries(const VitcamAttention *a, const float *queries, size_t rows, float *copy) {
  for (size_t r = 0; r < rows; r++, queries += a->query_stride)
    for (size_t first = 0; first < a->width; first += DEPTH) {
      float *piece = copy + place(first) + r * ROW;
      size_t count = least(DEPTH, a->width - first);
      for (size_t c = 0; c < count; c++) piece[c] = a->factor * queries[first + c];
    }
}

/// max(largest, x) in each lane, NaN left out.
VITCAM_INLINE void raise_lanes(Lanes *largest, const float *x) {
  Lanes lanes = *(const UnalignedLanes *)x;
  Mask wins = lanes > *largest;
  *largest = (Lanes)(((Mask)lanes & wins) | ((Mask)*largest & ~wins));
}

/// x = exp(x − largest); 0 where that is next to nothing, because numbers below the smallest normal one are slow.
VITCAM_INLINE void exponentials(float *x, float largest) {
#pragma clang loop vectorize_width(16) interleave_count(1)
  for (int i = 0; i < LANES; i++) {
    float difference = x[i] - largest, power = vitcam_exp(difference);
    x[i] = difference < -80.0f ? 0.0f : power;
  }
}

/// The softmax of rows of scores, of whole vectors.
VITCAM_KERNEL static void normalise(float *scores, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++, scores += ROW) {
    Lanes lanes = -INFINITY - (Lanes){0}, sums = {0};
    for (size_t c = 0; c < columns; c += LANES) raise_lanes(&lanes, scores + place(c));
    float largest = -INFINITY, sum = 0;
    for (int i = 0; i < LANES; i++) largest = lanes[i] > largest ? lanes[i] : largest;
    for (size_t c = 0; c < columns; c += LANES) {
      exponentials(scores + place(c), largest);
      sums += *(UnalignedLanes *)(scores + place(c));
    }
    for (int i = 0; i < LANES; i++) sum += sums[i];
    for (size_t c = 0; c < columns; c += LANES) *(UnalignedLanes *)(scores + place(c)) *= 1 / sum;
  }
}

/// Takes 100 from the scores of queries and keys of different parts.
VITCAM_KERNEL static void mask(float *scores, size_t rows, size_t columns, const float *keys, const float *queries) {
  for (size_t r = 0; r < rows; r++, scores += ROW)
    for (size_t first = 0; first < columns; first += DEPTH) {
      float *x = scores + place(first);
      size_t count = least(DEPTH, columns - first);
      for (size_t c = 0; c < count; c++) x[c] += keys[first + c] == queries[r] ? 0.0f : -100.0f;
    }
}

/// out = x · panel + addend, with x in pieces.
static void multiply(const float *x, size_t rows, size_t depth, const float *panel, const float *addend,
                     size_t addend_stride, float *out, size_t out_stride, size_t columns) {
  static const float zeros[PANEL];
  VitcamPanelProduct product = {
      .row_count = rows, .row_stride = ROW, .out_stride = out_stride, .addend_stride = addend_stride};
  for (size_t k = 0; k < depth; k += DEPTH) {
    product.depth = least(DEPTH, depth - k);
    product.bias = k == 0 ? zeros : NULL;
    vitcam_panel_product(&product, x + place(k), panel + k * PANEL, k + DEPTH < depth ? NULL : addend, out, columns);
  }
}

/// Leaves the weights of the keys behind the copied queries; returns where.
static float *weigh(const VitcamAttention *a, const float *queries, size_t first, size_t rows, float *scratch) {
  float *weights = scratch + pieces(a->width) * PIECE;
  copy_queries(a, queries, rows, scratch);
  for (size_t c = 0; c < a->key_count; c += PANEL)
    multiply(scratch, rows, a->width, a->keys + c * a->width, a->bias + first * a->bias_stride + c, a->bias_stride,
             weights + place(c), ROW, PANEL);
  if (a->parts) mask(weights, rows, a->key_count, a->parts, a->parts + first);
  normalise(weights, rows, a->key_count);
  return weights;
}

void vitcam_attend(const VitcamAttention *a, const float *queries, size_t first, size_t rows, float *scratch,
                   float *out) {
  const float *weights = weigh(a, queries, first, rows, scratch);
  for (size_t c = 0; c < a->value_width; c += PANEL)
    multiply(weights, rows, a->key_count, a->values + c * a->key_count, NULL, 0, out + c, a->out_stride,
             least(PANEL, a->value_width - c));
}

void vitcam_attention_weights(const VitcamAttention *a, const float *queries, size_t first, size_t rows,
                              float *scratch, float *out) {
  const float *weights = weigh(a, queries, first, rows, scratch);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < a->key_count; c += DEPTH)
      memcpy(out + r * a->key_count + c, weights + r * ROW + place(c), least(DEPTH, a->key_count - c) * sizeof *out);
}
