#include <string.h>

#include "CKernels.h"
#include "Dispatch.h"

// Winograd's minimal filtering F(2×2, 3×3) of maps whose channels come last (Lavin and Gray 2016): a tile of 4×4 places gives
// 2×2 results with 16 multiplications in place of 36. The tile d and the kernel g are transformed, multiplied place by place
// and summed over the channels; the sums m are transformed back:
//
//     y = Aᵀ m A,  m = Σ (G g Gᵀ) ⊙ (Bᵀ d B)
//
//     Bᵀ = 1  0 −1  0    G = 1   0   0    Aᵀ = 1  1  1  0
//          0  1  1  0        ½   ½   ½         0  1 −1 −1
//          0 −1  1  0        ½  −½   ½
//          0  1  0 −1        0   0   1

enum { TILE = 4, RESULTS = 2, WIDTH = VITCAM_PANEL_COLUMNS };

typedef VitcamWinogradGrid Grid;

/// A tile: its map, and the first row and column of its results.
typedef struct {
  size_t map, row, column;
} Tile;

static size_t tile_rows(const Grid *g) { return (g->output_height + 1) / RESULTS; }
static size_t tile_columns(const Grid *g) { return (g->output_width + 1) / RESULTS; }

size_t vitcam_winograd_tile_count(const Grid *g) { return tile_rows(g) * tile_columns(g); }

static Tile tile_at(const Grid *g, size_t index) {
  size_t rows = tile_rows(g), columns = tile_columns(g);
  return (Tile){index / (rows * columns), index / columns % rows * RESULTS, index % columns * RESULTS};
}

/// Bᵀ times four scalars.
VITCAM_INLINE void transform_line(const float x[TILE], float y[TILE]) {
  y[0] = x[0] - x[2];
  y[1] = x[1] + x[2];
  y[2] = x[2] - x[1];
  y[3] = x[1] - x[3];
}

/// Bᵀ d B for each channel; `place` and `row` are the distances between neighbours in the map.
VITCAM_INLINE void transform_tile(const float *d, size_t place, size_t row, size_t channels, float *y, size_t stride) {
  VITCAM_ELEMENTWISE
  for (size_t c = 0; c < channels; c++) {
    float columns[TILE][TILE];
    for (int j = 0; j < TILE; j++) {
      float line[TILE];
      for (int i = 0; i < TILE; i++) line[i] = d[i * row + j * place + c];
      transform_line(line, columns[j]);
    }
    for (int i = 0; i < TILE; i++) {
      float line[TILE], results[TILE];
      for (int j = 0; j < TILE; j++) line[j] = columns[j][i];
      transform_line(line, results);
      for (int j = 0; j < TILE; j++) y[(i * TILE + j) * stride + c] = results[j];
    }
  }
}

/// Places at the edge, some channels of them: zeros where the map ends.
enum { EDGE_CHANNELS = 64 };
static void copy_edge(const Grid *g, const float *x, Tile tile, size_t channel, size_t count,
                      float tiles[TILE * TILE * EDGE_CHANNELS]) {
  for (size_t p = 0; p < TILE * TILE; p++) {
    size_t row = tile.row + p / TILE, column = tile.column + p % TILE;
    int inside = row >= g->padding_top && row - g->padding_top < g->height && column >= g->padding_left &&
                 column - g->padding_left < g->width;
    float *target = tiles + p * EDGE_CHANNELS;
    if (inside) {
      size_t place = (tile.map * g->height + row - g->padding_top) * g->width + column - g->padding_left;
      memcpy(target, x + place * g->channels + channel, count * sizeof *x);
    } else {
      memset(target, 0, count * sizeof *x);
    }
  }
}

VITCAM_KERNEL void vitcam_winograd_tiles(const Grid *g, const float *x, size_t first, size_t count, float *y,
                                         size_t place_stride) {
  for (size_t t = 0; t < count; t++, y += g->channels) {
    Tile tile = tile_at(g, first + t);
    int inside = tile.row >= g->padding_top && tile.row - g->padding_top + TILE <= g->height &&
                 tile.column >= g->padding_left && tile.column - g->padding_left + TILE <= g->width;
    if (inside) {
      size_t place = (tile.map * g->height + tile.row - g->padding_top) * g->width + tile.column - g->padding_left;
      transform_tile(x + place * g->channels, g->channels, g->width * g->channels, g->channels, y, place_stride);
      continue;
    }
    for (size_t c = 0; c < g->channels; c += EDGE_CHANNELS) {
      float edge[TILE * TILE * EDGE_CHANNELS];
      size_t channels = g->channels - c < EDGE_CHANNELS ? g->channels - c : EDGE_CHANNELS;
      copy_edge(g, x, tile, c, channels, edge);
      transform_tile(edge, EDGE_CHANNELS, TILE * EDGE_CHANNELS, channels, y + c, place_stride);
    }
  }
}

/// G times three scalars.
VITCAM_INLINE void transform_taps(const float x[3], float y[TILE]) {
  y[0] = x[0];
  y[1] = (x[0] + x[1] + x[2]) / 2;
  y[2] = (x[0] - x[1] + x[2]) / 2;
  y[3] = x[2];
}

VITCAM_KERNEL void vitcam_winograd_kernel(const float *taps, size_t channels, float *y, size_t place_stride) {
  VITCAM_ELEMENTWISE
  for (size_t c = 0; c < channels; c++) {
    float columns[3][TILE];
    for (int j = 0; j < 3; j++) {
      float line[3];
      for (int i = 0; i < 3; i++) line[i] = taps[(3 * i + j) * channels + c];
      transform_taps(line, columns[j]);
    }
    for (int i = 0; i < TILE; i++) {
      float line[3] = {columns[0][i], columns[1][i], columns[2][i]}, results[TILE];
      transform_taps(line, results);
      for (int j = 0; j < TILE; j++) y[(i * TILE + j) * place_stride + c] = results[j];
    }
  }
}

/// Aᵀ m A for each of 32 columns.
VITCAM_INLINE void transform_sums(const float *m, size_t stride, float y[RESULTS * RESULTS][WIDTH]) {
  VITCAM_ELEMENTWISE
  for (size_t c = 0; c < WIDTH; c++) {
    float rows[RESULTS][TILE];
    for (int j = 0; j < TILE; j++) {
      float line[TILE];
      for (int i = 0; i < TILE; i++) line[i] = m[(i * TILE + j) * stride + c];
      rows[0][j] = line[0] + line[1] + line[2];
      rows[1][j] = line[1] - line[2] - line[3];
    }
    for (int i = 0; i < RESULTS; i++) {
      y[2 * i][c] = rows[i][0] + rows[i][1] + rows[i][2];
      y[2 * i + 1][c] = rows[i][1] - rows[i][2] - rows[i][3];
    }
  }
}

/// y = min(max(x + bias + addend, lowest), highest)
VITCAM_INLINE void finish(const float *x, const float *bias, const float *addend, float lowest, float highest,
                          size_t columns, float *y) {
  VITCAM_ELEMENTWISE
  for (size_t c = 0; c < columns; c++) {
    float sum = x[c] + bias[c] + (addend ? addend[c] : 0);
    sum = sum < lowest ? lowest : sum;
    y[c] = sum > highest ? highest : sum;
  }
}

VITCAM_KERNEL void vitcam_winograd_results(const Grid *g, const VitcamWinogradSums *s, size_t first, size_t count,
                                           float *out) {
  const float *bias = s->bias + s->column;
  for (size_t t = 0; t < count; t++) {
    Tile tile = tile_at(g, first + t);
    float results[RESULTS * RESULTS][WIDTH];
    transform_sums(s->sums + t * WIDTH, s->place_stride, results);
    for (size_t p = 0; p < RESULTS * RESULTS; p++) {
      size_t row = tile.row + p / RESULTS, column = tile.column + p % RESULTS;
      if (row >= g->output_height || column >= g->output_width) continue;
      size_t place = ((tile.map * g->output_height + row) * g->output_width + column) * g->outputs + s->column;
      const float *addend = s->addend ? s->addend + place : NULL;
      if (s->columns == WIDTH) {
        finish(results[p], bias, addend, s->lowest, s->highest, WIDTH, out + place);
      } else {
        finish(results[p], bias, addend, s->lowest, s->highest, s->columns, out + place);
      }
    }
  }
}
