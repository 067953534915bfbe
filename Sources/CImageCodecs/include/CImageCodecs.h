/// Libraries of picture formats behind plain functions.
///
/// libpng and libjpeg report errors by longjmp, which must not cross Swift frames. Here every jump starts and ends within
/// one call, nothing outlives a call, and an error is a line of text.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Room for an error message, with its terminating zero.
#define CODEC_MESSAGE_SIZE 256

/// A message from a codec; empty while nothing went wrong.
typedef struct {
  char text[CODEC_MESSAGE_SIZE];
  /// Whether the file may be sound, but is of a kind that is not read.
  bool isUnsupported;
} CodecMessage;

/// The form in which a picture's samples are given and taken: rows from top to bottom without padding, channels
/// interleaved, 16-bit samples in the processor's byte order.
typedef struct {
  uint32_t width, height;
  /// 1: gray, 3: RGB, 4: CMYK (JPEG only, as stored).
  uint32_t channels;
  /// 8 or 16.
  uint32_t bitsPerSample;
} CodecFormat;

/// Reads a PNG file's header and says what `codecReadPNG` will give: alpha is dropped, palettes and small depths are
/// expanded. Reserves no memory for pixels.
bool codecReadPNGHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message);

/// Decodes a PNG file into `samples`, which holds exactly what `format`, from `codecReadPNGHeader`, says.
bool codecReadPNG(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message);

/// Reads a JPEG file's header and says what `codecReadJPEG` will give. Reserves no memory for pixels.
bool codecReadJPEGHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message);

/// Decodes a JPEG file into `samples`, which holds exactly what `format`, from `codecReadJPEGHeader`, says.
/// A file that ends early or whose compressed data are damaged is an error, where libjpeg only warns.
bool codecReadJPEG(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message);

/// Reads a still WebP file's header and says what `codecReadWebP` will give: RGB, alpha is dropped.
bool codecReadWebPHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message);

/// Decodes a WebP file into `samples`, which holds exactly what `format`, from `codecReadWebPHeader`, says.
bool codecReadWebP(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message);

/// Encodes gray or RGB samples as a PNG file. `*bytes`, null before, is for `codecFree`, also after an error.
bool codecWritePNG(
    const void *samples, CodecFormat format, unsigned char **bytes, unsigned long *count, CodecMessage *message);

/// Encodes 8-bit gray or RGB samples, at most 65500 on a side, as a baseline JPEG file of a quality of 1 to 100.
/// `*bytes`, null before, is for `codecFree` when this succeeds.
bool codecWriteJPEG(
    const void *samples, CodecFormat format, int quality, unsigned char **bytes, unsigned long *count,
    CodecMessage *message);

/// Frees what a writing function gave.
void codecFree(unsigned char *bytes);
