#include "CImageCodecs.h"
#include "Source.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void fail(png_structp png, png_const_charp text) {
  CodecMessage *message = png_get_error_ptr(png);
  setText(message, text);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {}

// ---------------------------------------------------------------------------------------------------------- Reading

static void take(png_structp png, png_bytep destination, size_t count) {
  if (!takeBytes(png_get_io_ptr(png), destination, count)) png_error(png, "the file ends early");
}

/// Chunks that say how to show a picture, or that hold text, change no sample and are skipped unread: compressed ones
/// could unpack to any size.
static void skipAncillaryChunks(png_structp png) {
  static const png_byte names[] =
      "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names, sizeof names / 5);
}

/// Starts reading and asks for gray or RGB of 8 or 16 bits, with alpha where there is any, whatever is stored.
static void readHeader(png_structp png, png_infop info, Source *source) {
  png_set_read_fn(png, source, take);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // the caller judges the size by the header
  skipAncillaryChunks(png);
  png_read_info(png, info);
  if (png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  if (png_get_valid(png, info, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (png_get_bit_depth(png, info) == 16) png_set_swap(png);
#endif
}

/// Every pass of an interlaced picture goes over all rows and fills in its pixels.
static void readRows(png_structp png, png_infop info, CodecFormat format, uint8_t *samples) {
  const int passes = png_set_interlace_handling(png);
  const size_t rowBytes = (size_t)format.width * format.channels * (format.bitsPerSample / 8);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != rowBytes) png_error(png, "rows are not as the header says");
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < format.height; y++) png_read_row(png, samples + y * rowBytes, NULL);
  }
  png_read_end(png, NULL);  // checks the last checksum
}

bool codecReadPNGHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message) {
  Source source = {bytes, count};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return false;
  }
  readHeader(png, info, &source);
  format->width = png_get_image_width(png, info);
  format->height = png_get_image_height(png, info);
  format->hasAlpha = png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA || png_get_valid(png, info, PNG_INFO_tRNS);
  format->channels = (png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR ? 3 : 1) + format->hasAlpha;
  format->bitsPerSample = png_get_bit_depth(png, info) == 16 ? 16 : 8;
  png_destroy_read_struct(&png, &info, NULL);
  return true;
}

bool codecReadPNG(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message) {
  Source source = {bytes, count};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return false;
  }
  readHeader(png, info, &source);
  readRows(png, info, format, samples);
  png_destroy_read_struct(&png, &info, NULL);
  return true;
}

// ---------------------------------------------------------------------------------------------------------- Writing

typedef struct {
  unsigned char **bytes;
  unsigned long *count, capacity;
} Sink;

static void give(png_structp png, png_bytep bytes, size_t count) {
  Sink *sink = png_get_io_ptr(png);
  const unsigned long needed = *sink->count + count;
  if (needed > sink->capacity) {
    unsigned char *grown = realloc(*sink->bytes, 2 * needed);
    if (!grown) png_error(png, "not enough memory");
    *sink->bytes = grown;
    sink->capacity = 2 * needed;
  }
  memcpy(*sink->bytes + *sink->count, bytes, count);
  *sink->count = needed;
}

static void flush(png_structp png) {}

static void writeRows(png_structp png, png_infop info, const uint8_t *samples, CodecFormat format) {
  const size_t rowBytes = (size_t)format.width * format.channels * (format.bitsPerSample / 8);
  png_set_IHDR(
      png, info, format.width, format.height, (int)format.bitsPerSample,
      format.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  // Where neighbours are alike, as in heatmaps, runs of what Paeth's predictor leaves are smaller than what deflate finds by
  // searching, and found ten times as fast.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_PAETH);
  png_set_compression_strategy(png, Z_RLE);
  png_write_info(png, info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (format.bitsPerSample == 16) png_set_swap(png);
#endif
  for (uint32_t y = 0; y < format.height; y++) png_write_row(png, samples + y * rowBytes);
  png_write_end(png, info);
}

bool codecWritePNG(
    const void *samples, CodecFormat format, unsigned char **bytes, unsigned long *count, CodecMessage *message) {
  Sink sink = {bytes, count, 0};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  *count = 0;
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_set_write_fn(png, &sink, give, flush);
  writeRows(png, info, samples, format);
  png_destroy_write_struct(&png, &info);
  return true;
}

void codecFree(unsigned char *bytes) { free(bytes); }
