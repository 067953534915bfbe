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
/// interleaved, samples of 16 and 32 bits in the processor's byte order.
typedef struct {
  uint32_t width, height;
  /// 1: gray, 3: RGB, 4: CMYK, inverted: 0 is all of an ink. With alpha, which comes last, 2: gray, 4: RGB.
  uint32_t channels;
  /// 8, 16, or 32 for floats.
  uint32_t bitsPerSample;
  /// The samples that are black and white; both 0 where these are 0 and the largest number, or where floats may be anything.
  double black, white;
  /// How the picture must be turned to stand upright, as EXIF numbers it; 0 where the header does not say.
  uint32_t orientation;
  /// Whether the last channel is alpha.
  bool hasAlpha;
} CodecFormat;

/// Reads a PNG file's header and says what `codecReadPNG` will give: palettes and small depths are expanded, a transparent
/// color becomes alpha. Reserves no memory for pixels.
bool codecReadPNGHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message);

/// Decodes a PNG file into `samples`, which holds exactly what `format`, from `codecReadPNGHeader`, says.
bool codecReadPNG(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message);

/// Reads a JPEG file's header and says what `codecReadJPEG` will give. Reserves no memory for pixels.
bool codecReadJPEGHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message);

/// Decodes a JPEG file into `samples`, which holds exactly what `format`, from `codecReadJPEGHeader`, says.
/// A file that ends early or whose compressed data are damaged is an error, where libjpeg only warns.
bool codecReadJPEG(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message);

/// Reads a still WebP file's header and says what `codecReadWebP` will give: RGB, and alpha where it has any.
bool codecReadWebPHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message);

/// Decodes a WebP file into `samples`, which holds exactly what `format`, from `codecReadWebPHeader`, says.
bool codecReadWebP(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message);

/// Reads the header of a GIF file's first frame and says what `codecReadGIF` will give: gray or RGB.
bool codecReadGIFHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message);

/// Decodes a GIF file's first frame, at its place in the picture, into `samples`, which holds exactly what `format`, from
/// `codecReadGIFHeader`, says. Around it lies the transparent color, or the first one, as in Pillow.
bool codecReadGIF(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message);

/// Reads the header of a TIFF file's page, from 0, and says what `codecReadTIFF` will give: gray, RGB or CMYK; palettes are
/// expanded, further channels dropped.
bool codecReadTIFFHeader(const void *bytes, size_t count, uint32_t page, CodecFormat *format, CodecMessage *message);

/// Decodes a TIFF file's page into `samples`, which holds exactly what `format`, from `codecReadTIFFHeader`, says.
bool codecReadTIFF(
    const void *bytes, size_t count, uint32_t page, CodecFormat format, void *samples, CodecMessage *message);

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
