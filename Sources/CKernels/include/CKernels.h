#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Vectorised kernels on contiguous 32-bit floats. Each runs on the calling thread; the caller splits work over threads.
// Every kernel is compiled for several generations of x86-64 processors, and the loader picks one at run time.
// Inputs and outputs may be the same buffer unless a comment says otherwise.

// MARK: Arithmetic (Arithmetic.c)

/// y[i] = a[i] + b[i]
void vitcam_add(const float *a, const float *b, float *y, size_t count);
/// y[i] = a[i] * b[i]
void vitcam_multiply(const float *a, const float *b, float *y, size_t count);
/// y[i] = x[i] * scale + shift
void vitcam_affine(const float *x, float scale, float shift, float *y, size_t count);
/// y[r][c] += bias[c], with rows `stride` apart
void vitcam_add_to_rows(float *y, const float *bias, size_t rows, size_t columns, size_t stride);
/// y[r][c] = x[r][c] * scale[c]
void vitcam_scale_columns(const float *x, const float *scale, float *y, size_t rows, size_t columns);
/// y[i] = max(y[i], x[i * stride]); NaN where there is one.
void vitcam_raise(float *y, const float *x, size_t stride, size_t count);
/// The same, with places[i] = start + i * stride where x wins: the first of equal values, or of NaN. A negative place stands
/// for none yet.
void vitcam_raise_places(float *y, int32_t *places, const float *x, int32_t start, size_t stride, size_t count);
/// The sum of x[i], and of a[i] * b[i].
float vitcam_sum(const float *x, size_t count);
float vitcam_dot(const float *a, const float *b, size_t count);

// MARK: Order (Transpose.c)

/// y[r][c] = x[c][r], for so many rows and columns of y, with rows `x_stride` and `y_stride` apart; not the same buffer.
void vitcam_transpose(const float *x, size_t x_stride, float *y, size_t y_stride, size_t rows, size_t columns);

// MARK: Relevance (Relevance.c)

/// y[i] = |x[i]|
void vitcam_magnitudes(const float *x, float *y, size_t count);
/// Shares of relevance by the gamma rule, of sums z whose products have magnitudes that sum to `magnitudes`: what goes back
/// along the weights, and what goes back along their magnitudes with the sign of the input.
void vitcam_gamma_shares(const float *gradient, const float *z, const float *magnitudes, float gamma, float epsilon,
                         float *plain, float *signed_, size_t count);
/// y[i] += magnitudes[i] with the sign of x[i]; 0 counts as positive.
void vitcam_add_signed(const float *x, const float *magnitudes, float *y, size_t count);

// MARK: Activations (Activations.c)

/// y = x Φ(x), with the exact Φ (Hendrycks and Gimpel 2016).
void vitcam_gelu(const float *x, float *y, size_t count);
/// out = gradient ⊙ (Φ(x) + x φ(x))
void vitcam_gelu_backward(const float *x, const float *gradient, float *out, size_t count);
/// y = max(x, 0); keeps NaN.
void vitcam_relu(const float *x, float *y, size_t count);
/// out = 0 where output ≤ 0, else gradient
void vitcam_relu_backward(const float *output, const float *gradient, float *out, size_t count);
/// y = min(max(x, 0), 6); keeps NaN.
void vitcam_relu6(const float *x, float *y, size_t count);
/// out = 0 where output ≤ 0 or output ≥ 6, else gradient
void vitcam_relu6_backward(const float *output, const float *gradient, float *out, size_t count);
/// y = 1 / (1 + exp(-x))
void vitcam_sigmoid(const float *x, float *y, size_t count);
/// y = x / (1 + exp(-x)) (Elfwing et al. 2018), and its gradient.
void vitcam_silu(const float *x, float *y, size_t count);
void vitcam_silu_backward(const float *x, const float *gradient, float *out, size_t count);
/// y = min(max(x + 3, 0), 6) / 6 (Howard et al. 2019), and its gradient.
void vitcam_hard_sigmoid(const float *x, float *y, size_t count);
void vitcam_hard_sigmoid_backward(const float *x, const float *gradient, float *out, size_t count);
/// y = x min(max(x + 3, 0), 6) / 6 (Howard et al. 2019), and its gradient.
void vitcam_hard_swish(const float *x, float *y, size_t count);
void vitcam_hard_swish_backward(const float *x, const float *gradient, float *out, size_t count);

// MARK: Rows (Rows.c)

/// Softmax of each row.
void vitcam_softmax(const float *x, float *y, size_t rows, size_t columns);
/// out = y ⊙ (g − Σ g ⊙ y) for each row, y being the softmax's output.
void vitcam_softmax_backward(const float *y, const float *gradient, float *out, size_t rows, size_t columns);
/// Layer normalisation of each row: gamma ⊙ (x − mean) / √(variance + epsilon) + beta.
void vitcam_layer_norm(const float *x, const float *gamma, const float *beta, float epsilon, float *y, size_t rows,
                       size_t columns);
/// The gradient of vitcam_layer_norm with respect to x. `out` must not be `x` or `gradient`.
void vitcam_layer_norm_backward(const float *x, const float *gamma, float epsilon, const float *gradient, float *out,
                                size_t rows, size_t columns);
/// The same where the standard deviation is taken as constant. `out` must not be `x` or `gradient`.
void vitcam_layer_norm_relevance(const float *x, const float *gamma, float epsilon, const float *gradient, float *out,
                                 size_t rows, size_t columns);

// MARK: Products of rows and packed panels (PanelProduct.c)

enum {
  /// The columns of a panel.
  VITCAM_PANEL_COLUMNS = 32,
  /// The most rows of a block.
  VITCAM_PANEL_ROWS = 14,
  /// The most floats of a row at once. A block of such rows stays in the first-level cache.
  VITCAM_PANEL_DEPTH = 256,
  /// How far apart copied rows start: not a multiple of a memory page, so that they do not displace each other in the cache.
  VITCAM_PANEL_ROW_STRIDE = VITCAM_PANEL_DEPTH + 16
};

/// A block of a product.
typedef struct {
  size_t depth, row_count;
  size_t row_stride, out_stride, addend_stride;
  /// What the sums start with; those in `out` where it is NULL.
  const float *bias;
  /// Whether the results are kept between `lowest` and `highest`.
  bool is_clamped;
  float lowest, highest;
} VitcamPanelProduct;

/// out[r][c] = bias[c] + Σ x[r][k] panel[k][c] + addend[r][c], clamped where asked for; NaN is kept.
/// `panel` is depth × 32, `addend` may be NULL. Only the first `columns` of `bias`, `addend` and `out` are touched.
void vitcam_panel_product(const VitcamPanelProduct *product, const float *x, const float *panel, const float *addend,
                          float *out, size_t columns);
/// Packs the transpose of x (columns × depth, rows `stride` apart) as one panel, depth × 32, with zeros for the columns that
/// it has not.
void vitcam_pack_panel(const float *x, size_t stride, size_t columns, size_t depth, float *panel);
/// Asks for rows that will be packed soon, so that they are on their way meanwhile.
void vitcam_prefetch_rows(const float *x, size_t stride, size_t rows, size_t depth);
/// The same for x as it is (depth × columns).
void vitcam_pack_rows(const float *x, size_t stride, size_t columns, size_t depth, float *panel);

// MARK: Depth-wise convolution (DepthwiseConvolution.c)

/// How a window slides over one channel: what lies above and left of the map counts as `padding_top` rows and
/// `padding_left` columns of zeros, and what the last windows need below and right of it is zero too.
typedef struct {
  size_t height, width;
  size_t output_height, output_width;
  size_t kernel_height, kernel_width;
  size_t stride_height, stride_width;
  size_t dilation_height, dilation_width;
  size_t padding_top, padding_left;
} VitcamDepthwiseGeometry;

/// How many floats of scratch memory the two functions below need.
size_t vitcam_depthwise_scratch(const VitcamDepthwiseGeometry *geometry);
/// One channel of a depth-wise convolution: x (height × width) with `weight` (kernel_height × kernel_width) gives y
/// (output_height × output_width). `x` and `y` must not overlap.
void vitcam_depthwise(const VitcamDepthwiseGeometry *geometry, const float *x, const float *weight, float bias,
                      float *scratch, float *y);
/// The gradient of the above with respect to x: `gradient` (output_height × output_width) gives `out` (height × width).
void vitcam_depthwise_backward(const VitcamDepthwiseGeometry *geometry, const float *gradient, const float *weight,
                               float *scratch, float *out);

// MARK: Maps with channels last (ChannelsLast.c)

/// One row of a depth-wise convolution of a map height × width × channels: `taps` has kernel_height × kernel_width ×
/// channels weights, `y` output_width × channels sums. `x` and `y` must not overlap.
void vitcam_depthwise_row(const VitcamDepthwiseGeometry *geometry, size_t channels, const float *x, size_t row,
                          const float *taps, const float *bias, float *y);
/// What each column is scaled and shifted by, and the bounds that results are kept between.
typedef struct {
  size_t columns;
  const float *scale, *shift;
  float lowest, highest;
} VitcamAffineColumns;
/// y[r][c] = min(max(x[r][c] * scale[c] + shift[c], lowest), highest), with rows `x_stride` and `y_stride` apart; keeps NaN.
void vitcam_affine_columns(const VitcamAffineColumns *parameters, const float *x, size_t x_stride, float *y,
                           size_t y_stride, size_t rows);
/// y[i] = min(max(x[i], lowest), highest); keeps NaN.
void vitcam_clamp(const float *x, float lowest, float highest, float *y, size_t count);

// MARK: Convolutions by Winograd's method (Winograd.c)

enum {
  /// The places of a tile, 4×4, and as many of a transformed one.
  VITCAM_WINOGRAD_PLACES = 16
};

/// Maps with channels last, and the tiles of 2×2 results that cover what a 3×3 kernel gives of them: row by row, map after
/// map.
typedef struct {
  size_t height, width, channels;
  /// The zeros above and left of a map; those below and right of it follow from the size of the result.
  size_t padding_top, padding_left;
  size_t output_height, output_width, outputs;
} VitcamWinogradGrid;

/// How many tiles cover a map.
size_t vitcam_winograd_tile_count(const VitcamWinogradGrid *grid);
/// Transforms the places that some tiles see of the maps x: y[p * place_stride + t * channels + c].
void vitcam_winograd_tiles(const VitcamWinogradGrid *grid, const float *x, size_t first, size_t count, float *y,
                           size_t place_stride);
/// Transforms a kernel of 3×3 taps × channels: y[p * place_stride + c].
void vitcam_winograd_kernel(const float *taps, size_t channels, float *y, size_t place_stride);
/// Where the sums of some tiles go.
typedef struct {
  /// sums[p * place_stride + t * 32 + c]
  const float *sums;
  size_t place_stride;
  /// The first channel of the results, and how many of them there are, at most 32.
  size_t column, columns;
  /// NULL or maps like the result.
  const float *addend;
  /// A scalar for each output.
  const float *bias;
  float lowest, highest;
} VitcamWinogradSums;
/// Transforms the sums of some tiles back, and writes what the maps `out` have of their results:
/// min(max(result + bias + addend, lowest), highest); NaN is kept.
void vitcam_winograd_results(const VitcamWinogradGrid *grid, const VitcamWinogradSums *sums, size_t first, size_t count,
                             float *out);

// MARK: Attention in windows (WindowAttention.c)

/// y[q][k] = x[q][k] + bias[q][k], less 100 where parts[q] and parts[k] differ
void vitcam_add_masked(const float *x, const float *bias, const float *parts, float *y, size_t tokens);
/// y = length · x / max(‖x‖, epsilon) for each row.
void vitcam_unit_length(const float *x, float length, float epsilon, float *y, size_t rows, size_t columns);
/// The gradient of vitcam_unit_length with respect to x. `out` must not be `x` or `gradient`.
void vitcam_unit_length_backward(const float *x, float length, float epsilon, const float *gradient, float *out,
                                 size_t rows, size_t columns);

// MARK: Attention (Attention.c)

/// Attention to some keys, of heads of some width.
typedef struct {
  size_t key_count, width, value_width;
  /// The keys, packed by vitcam_pack_panel: panels of 32 keys, width × 32 each; the values, packed by vitcam_pack_rows:
  /// panels of 32 columns, key_count × 32 each.
  const float *keys, *values;
  /// What products of queries and keys are multiplied by.
  float factor;
  /// What is added to the scores, a row for each query, or one for all where the stride is 0. It has as many columns as the
  /// panels of keys; those beyond the keys are −∞.
  const float *bias;
  size_t bias_stride;
  /// A number for each token: scores of queries and keys of different numbers are 100 less. May be NULL.
  const float *parts;
  size_t query_stride, out_stride;
} VitcamAttention;

/// How many floats of scratch memory the two functions below need.
size_t vitcam_attention_scratch(const VitcamAttention *attention);
/// out = softmax(factor · queries · keysᵀ + bias) · values for at most VITCAM_PANEL_ROWS queries, of which `first` is the
/// number of the first one.
void vitcam_attend(const VitcamAttention *attention, const float *queries, size_t first, size_t rows, float *scratch,
                   float *out);
/// The softmax alone, as rows of key_count.
void vitcam_attention_weights(const VitcamAttention *attention, const float *queries, size_t first, size_t rows,
                              float *scratch, float *out);

// MARK: Threads (Threads.c)

typedef void (*VitcamWork)(void *context);
/// Calls `work` on this thread and, where nobody else uses them, on up to `threads` − 1 more; returns when all calls have
/// returned. A thread that comes too late does not call it: `work` must do all there is to do also when called once.
void vitcam_work_together(size_t threads, VitcamWork work, void *context);

// MARK: The processor (Processor.c)

/// Whether the processor has AVX2 and FMA, and whether it has AVX-512 F, BW, DQ and VL.
bool vitcam_processor_has_avx2(void);
bool vitcam_processor_has_avx512(void);
/// The number of processors that this process may run on.
int vitcam_available_processors(void);
