#include <string.h>

#include "CKernels.h"
#include "Dispatch.h"
#include "Lanes.h"

// The product of a block of rows and a panel: 32 columns of a matrix, packed so that each step along the depth reads 32
// consecutive floats. The block's sums stay in registers; at each step, a scalar of each row is multiplied by the panel's
// columns. How many rows fit depends on the processor's registers, so blocks are spelled out for each kind of them.

enum { PANEL = VITCAM_PANEL_COLUMNS, MOST_ROWS = VITCAM_PANEL_ROWS };
typedef VitcamPanelProduct Product;

/// min(max(x, lowest), highest); keeps NaN.
VITCAM_INLINE void clamp(Lanes *x, float lowest, float highest) {
  Lanes low = lowest - (Lanes){0}, high = highest - (Lanes){0};
  Mask below = *x < low, above = *x > high;
  *x = (Lanes)(((Mask)*x & ~below & ~above) | ((Mask)low & below) | ((Mask)high & above));
}

/// One block: `count` rows times `vectors` registers of columns, both of them constants where this is inlined.
VITCAM_INLINE void block(const Product *p, const float *x, int count, int vectors, const float *panel,
                         const float *addend, float *out, size_t column) {
  Lanes sums[MOST_ROWS][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < count; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      size_t c = column + v * LANES;
      sums[r][v] = *(const UnalignedLanes *)(p->bias ? p->bias + c : out + r * p->out_stride + c);
    }
  for (size_t k = 0; k < p->depth; k++) {
    Lanes columns[2];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) columns[v] = *(const UnalignedLanes *)(panel + k * PANEL + column + v * LANES);
#pragma clang loop unroll(full)
    for (int r = 0; r < count; r++) {
      float scalar = x[r * p->row_stride + k];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sums[r][v] += scalar * columns[v];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < count; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      size_t c = column + v * LANES;
      Lanes y = sums[r][v];
      if (addend) y += *(const UnalignedLanes *)(addend + r * p->addend_stride + c);
      if (p->is_clamped) clamp(&y, p->lowest, p->highest);
      *(UnalignedLanes *)(out + r * p->out_stride + c) = y;
    }
}

#define BLOCK(count, vectors)                            \
  case count:                                            \
    block(p, x, count, vectors, panel, addend, out, column); \
    break;

/// At most 14 rows: 28 sums and two vectors of columns in 32 registers.
VITCAM_INLINE void wide_blocks(const Product *p, const float *x, const float *panel, const float *addend, float *out) {
  const size_t column = 0;
  switch (p->row_count) {
    BLOCK(1, 2) BLOCK(2, 2) BLOCK(3, 2) BLOCK(4, 2) BLOCK(5, 2) BLOCK(6, 2) BLOCK(7, 2)
    BLOCK(8, 2) BLOCK(9, 2) BLOCK(10, 2) BLOCK(11, 2) BLOCK(12, 2) BLOCK(13, 2) BLOCK(14, 2)
  }
}

/// Half of the columns at a time, and at most `most` rows.
VITCAM_INLINE void narrow_blocks(const Product *p, const float *x, const float *panel, const float *addend, float *out,
                                 size_t most) {
  size_t blocks = (p->row_count + most - 1) / most;
  for (size_t i = 0; i < blocks; i++) {
    size_t first = p->row_count * i / blocks, end = p->row_count * (i + 1) / blocks;
    for (size_t column = 0; column < PANEL; column += LANES) switch (end - first) {
        BLOCK(1, 1) BLOCK(2, 1) BLOCK(3, 1) BLOCK(4, 1) BLOCK(5, 1) BLOCK(6, 1)
      }
    x += (end - first) * p->row_stride;
    out += (end - first) * p->out_stride;
    if (addend) addend += (end - first) * p->addend_stride;
  }
}

#if defined(__x86_64__)
// Without a least width, the compiler takes AVX-512 apart into halves.
__attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static void product_avx512(
    const Product *p, const float *x, const float *panel, const float *addend, float *out) {
  wide_blocks(p, x, panel, addend, out);
}

__attribute__((target("arch=x86-64-v3"))) static void product_avx2(
    const Product *p, const float *x, const float *panel, const float *addend, float *out) {
  narrow_blocks(p, x, panel, addend, out, 6);
}
#endif

static void product_baseline(const Product *p, const float *x, const float *panel, const float *addend, float *out) {
#if defined(__aarch64__)
  narrow_blocks(p, x, panel, addend, out, 6);
#else
  narrow_blocks(p, x, panel, addend, out, 3);
#endif
}

static void whole_panel(const Product *p, const float *x, const float *panel, const float *addend, float *out) {
#if defined(__x86_64__)
  if (vitcam_processor_has_avx512()) return product_avx512(p, x, panel, addend, out);
  if (vitcam_processor_has_avx2()) return product_avx2(p, x, panel, addend, out);
#endif
  product_baseline(p, x, panel, addend, out);
}

static void copy_columns(const float *x, size_t x_stride, float *y, size_t y_stride, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) memcpy(y + r * y_stride, x + r * x_stride, columns * sizeof *x);
}

void vitcam_panel_product(const Product *p, const float *x, const float *panel, const float *addend, float *out,
                          size_t columns) {
  if (columns == PANEL) return whole_panel(p, x, panel, addend, out);
  // The last panel of a matrix may have fewer columns: it is computed whole, beside the result.
  float bias[PANEL] = {0}, results[MOST_ROWS * PANEL], addends[MOST_ROWS * PANEL];
  Product aside = *p;
  aside.out_stride = aside.addend_stride = PANEL;
  if (p->bias) {
    memcpy(bias, p->bias, columns * sizeof *bias);
    aside.bias = bias;
  } else {
    copy_columns(out, p->out_stride, results, PANEL, p->row_count, columns);
  }
  if (addend) copy_columns(addend, p->addend_stride, addends, PANEL, p->row_count, columns);
  whole_panel(&aside, x, panel, addend ? addends : NULL, results);
  copy_columns(results, PANEL, out, p->out_stride, p->row_count, columns);
}

// MARK: Packing

typedef float Eight __attribute__((vector_size(32)));
typedef float UnalignedEight __attribute__((vector_size(32), aligned(4)));
enum { BLOCK = 8 };

/// A step of transposing eight vectors: in blocks of twice `size` rows and columns, the upper right and the lower left quarter
/// change places. LOW and HIGH say from where each element of the upper and the lower vector of a pair comes.
#define LOW(e, s) ((e) & (s) ? BLOCK + (e) - (s) : (e))
#define HIGH(e, s) ((e) & (s) ? BLOCK + (e) : (e) + (s))
#define EACH(f, s) f(0, s), f(1, s), f(2, s), f(3, s), f(4, s), f(5, s), f(6, s), f(7, s)
#define EXCHANGE(x, size)                                                \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < BLOCK; i++) {   \
    if (i & (size)) continue;                                            \
    Eight a = (x)[i], b = (x)[i + (size)];                               \
    (x)[i] = __builtin_shufflevector(a, b, EACH(LOW, size));             \
    (x)[i + (size)] = __builtin_shufflevector(a, b, EACH(HIGH, size));   \
  }

/// y = xᵀ for eight rows and columns.
VITCAM_INLINE void transpose(const float *x, size_t stride, float *y) {
  Eight block[BLOCK];
#pragma clang loop unroll(full)
  for (int i = 0; i < BLOCK; i++) block[i] = *(const UnalignedEight *)(x + i * stride);
  EXCHANGE(block, 1)
  EXCHANGE(block, 2)
  EXCHANGE(block, 4)
#pragma clang loop unroll(full)
  for (int i = 0; i < BLOCK; i++) *(UnalignedEight *)(y + i * PANEL) = block[i];
}

VITCAM_KERNEL void vitcam_pack_panel(const float *x, size_t stride, size_t columns, size_t depth, float *panel) {
  size_t c = 0;
  for (; c + BLOCK <= columns; c += BLOCK) {
    size_t k = 0;
    for (; k + BLOCK <= depth; k += BLOCK) transpose(x + c * stride + k, stride, panel + k * PANEL + c);
    for (; k < depth; k++)
      for (size_t j = c; j < c + BLOCK; j++) panel[k * PANEL + j] = x[j * stride + k];
  }
  for (; c < columns; c++)
    for (size_t k = 0; k < depth; k++) panel[k * PANEL + c] = x[c * stride + k];
  if (columns == PANEL) return;
  for (size_t k = 0; k < depth; k++) memset(panel + k * PANEL + columns, 0, (PANEL - columns) * sizeof *panel);
}

void vitcam_prefetch_rows(const float *x, size_t stride, size_t rows, size_t depth) {
  enum { LINE = 16 };
  for (size_t r = 0; r < rows; r++)
    for (size_t k = 0; k < depth; k += LINE) __builtin_prefetch(x + r * stride + k, 0, 2);
}

void vitcam_pack_rows(const float *x, size_t stride, size_t columns, size_t depth, float *panel) {
  for (size_t k = 0; k < depth; k++) {
    memcpy(panel + k * PANEL, x + k * stride, columns * sizeof *x);
    memset(panel + k * PANEL + columns, 0, (PANEL - columns) * sizeof *x);
  }
}
