#include "CImageCodecs.h"
#include "TIFFSamples.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

/// What a row or a tile may take, and libtiff for one purpose; what may be decompressed in all.
static const uint64_t maximumRowBytes = 256u << 20, maximumAllocation = 1u << 30, maximumStoredBytes = 4ull << 30;

// ------------------------------------------------------------------------------------------------- A file in memory

typedef struct {
  const uint8_t *bytes;
  uint64_t count, position;
} Source;

static tmsize_t take(thandle_t handle, void *target, tmsize_t count) {
  Source *source = handle;
  const uint64_t remaining = source->position < source->count ? source->count - source->position : 0;
  if ((uint64_t)count > remaining) count = (tmsize_t)remaining;
  memcpy(target, source->bytes + source->position, (size_t)count);
  source->position += (uint64_t)count;
  return count;
}

static tmsize_t refuse(thandle_t handle, void *bytes, tmsize_t count) { return -1; }

static toff_t seek(thandle_t handle, toff_t offset, int origin) {
  Source *source = handle;
  const uint64_t base = origin == SEEK_CUR ? source->position : origin == SEEK_END ? source->count : 0;
  return source->position = base + offset;
}

static int finish(thandle_t handle) { return 0; }

static toff_t size(thandle_t handle) { return ((Source *)handle)->count; }

static int map(thandle_t handle, void **base, toff_t *count) {
  Source *source = handle;
  *base = (void *)source->bytes;  // libtiff only reads from it
  *count = source->count;
  return 1;
}

static void unmap(thandle_t handle, void *base, toff_t count) {}

/// Keeps the first message, which is nearest to the cause.
static int noteError(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  CodecMessage *message = user;
  if (!message->text[0]) vsnprintf(message->text, sizeof message->text, format, arguments);
  return 1;
}

/// libjpeg warns of missing and damaged pixels; other warnings concern tags.
static int judgeWarning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  return module && strcmp(module, "JPEGLib") == 0 ? noteError(tiff, user, module, format, arguments) : 1;
}

static bool unsupported(CodecMessage *message, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message->text, sizeof message->text, format, arguments);
  va_end(arguments);
  message->isUnsupported = true;
  return false;
}

/// Opens a file at one of its pages; null with a message where that fails.
static TIFF *openPage(Source *source, uint32_t page, CodecMessage *message) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, noteError, message);
  TIFFOpenOptionsSetWarningHandlerExtR(options, judgeWarning, message);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)maximumAllocation);
  TIFF *tiff = TIFFClientOpenExt("picture", "r", source, take, refuse, seek, finish, size, map, unmap, options);
  TIFFOpenOptionsFree(options);
  if (!tiff || page == 0) return tiff;
  const uint32_t pages = TIFFNumberOfDirectories(tiff);
  if (page >= pages) {
    if (!message->text[0]) unsupported(message, "it has %u page%s, numbered from 0", pages, pages == 1 ? "" : "s");
  } else if (TIFFSetDirectory(tiff, (tdir_t)page)) {
    return tiff;
  }
  TIFFClose(tiff);
  return NULL;
}

// ------------------------------------------------------------------------------------------------------ What a page is

typedef struct {
  CodecFormat format;
  StoredSamples stored;
  /// Whether channels lie in planes of their own.
  bool isPlanar;
  /// Whether libtiff's own conversion to 8-bit RGB is used.
  bool isConverted;
} Page;

static uint16_t word(TIFF *tiff, uint32_t tag) {
  uint16_t value = 0;
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

static bool setKind(TIFF *tiff, Page *page, CodecMessage *message) {
  StoredSamples *stored = &page->stored;
  stored->bits = word(tiff, TIFFTAG_BITSPERSAMPLE);
  const uint16_t kind = word(tiff, TIFFTAG_SAMPLEFORMAT);
  const bool hasFloatSize = stored->bits == 16 || stored->bits == 24 || stored->bits == 32 || stored->bits == 64;
  switch (kind) {
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID: stored->kind = unsignedSamples; break;
    case SAMPLEFORMAT_INT: stored->kind = signedSamples; break;
    case SAMPLEFORMAT_IEEEFP: stored->kind = floatSamples; break;
    default: return unsupported(message, "samples of kind %u; expected integers or floats", kind);
  }
  if (stored->kind == floatSamples ? !hasFloatSize : stored->bits < 1 || stored->bits > 32) {
    return unsupported(message, "samples of %u bits; expected 1 to 32", stored->bits);
  }
  return true;
}

static bool setPalette(TIFF *tiff, StoredSamples *stored, CodecMessage *message) {
  uint16_t *red, *green, *blue;
  if (stored->bits > 16 || stored->kind != unsignedSamples || !TIFFGetField(tiff, TIFFTAG_COLORMAP, &red, &green, &blue)) {
    return unsupported(message, "colors by number without a palette for them");
  }
  stored->palette[0] = red, stored->palette[1] = green, stored->palette[2] = blue;
  stored->hasShortPalette = true;
  for (uint32_t number = 0; number < 1u << stored->bits; number++) {
    if (red[number] > 255 || green[number] > 255 || blue[number] > 255) stored->hasShortPalette = false;
  }
  return true;
}

static bool setColors(TIFF *tiff, Page *page, CodecMessage *message) {
  StoredSamples *stored = &page->stored;
  const uint16_t samples = word(tiff, TIFFTAG_SAMPLESPERPIXEL), compression = word(tiff, TIFFTAG_COMPRESSION);
  uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  uint16_t extra = 0, *kinds;
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extra, &kinds);
  uint32_t channels = 1;
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE: stored->isInverted = true; break;
    case PHOTOMETRIC_MINISBLACK: channels = samples == 3 && extra == 0 ? 3 : 1; break;
    case PHOTOMETRIC_RGB: channels = 3; break;
    case PHOTOMETRIC_PALETTE:
      if (!setPalette(tiff, stored, message)) return false;
      break;
    case PHOTOMETRIC_SEPARATED:
      if (stored->bits != 8 || stored->kind != unsignedSamples || word(tiff, TIFFTAG_INKSET) != INKSET_CMYK) {
        return unsupported(message, "inks other than CMYK of 8 bits; try: magick scan.tif -colorspace sRGB scan.png");
      }
      channels = 4;
      stored->isInverted = true;
      break;
    case PHOTOMETRIC_YCBCR:
      channels = 3;
      if (compression == COMPRESSION_JPEG && !page->isPlanar) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      } else {
        page->isConverted = true;
      }
      break;
    default:
      return unsupported(
          message, "colors of kind %u; expected gray, RGB, a palette, CMYK or YCbCr; try: magick scan.tif scan.png",
          photometric);
  }
  if (compression == COMPRESSION_OJPEG) page->isConverted = true;
  if (samples < channels) return unsupported(message, "%u samples for each pixel; expected %u", samples, channels);
  stored->interleaved = page->isPlanar ? 1 : samples;
  page->format.channels = stored->palette[0] || page->isConverted ? 3 : channels;
  return true;
}

/// Reads what a page is, and judges whether it is read.
static bool describe(TIFF *tiff, Page *page, CodecMessage *message) {
  memset(page, 0, sizeof *page);
  CodecFormat *format = &page->format;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &format->width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &format->height);
  page->isPlanar = word(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE && word(tiff, TIFFTAG_SAMPLESPERPIXEL) > 1;
  format->orientation = word(tiff, TIFFTAG_ORIENTATION);
  if (!setKind(tiff, page, message) || !setColors(tiff, page, message)) return false;
  format->bitsPerSample = page->isConverted ? 8 : givenBits(&page->stored);
  if (page->stored.kind != floatSamples) samplesRange(&page->stored, &format->black, &format->white);
  return true;
}

// ---------------------------------------------------------------------------------------------------------- Reading

/// Where a pixel of the given picture lies.
static void *pixel(const Page *page, void *samples, uint32_t x, uint32_t y) {
  const CodecFormat *format = &page->format;
  return (uint8_t *)samples
      + ((size_t)y * format->width + x) * format->channels * (format->bitsPerSample / 8);
}

static bool readStrips(TIFF *tiff, const Page *page, uint16_t plane, uint32_t taken, uint8_t *row, void *samples) {
  for (uint32_t y = 0; y < page->format.height; y++) {
    if (TIFFReadScanline(tiff, row, y, plane) < 0) return false;
    takeRow(&page->stored, row, page->format.width, page->format.channels, plane, taken, pixel(page, samples, 0, y));
  }
  return true;
}

static bool readTiles(
    TIFF *tiff, const Page *page, uint16_t plane, uint32_t taken, uint8_t *tile, size_t bytes, void *samples) {
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
  const size_t rowBytes = TIFFTileRowSize64(tiff);
  if (width == 0 || height == 0 || rowBytes * height > bytes) return false;
  const CodecFormat *format = &page->format;
  for (uint64_t top = 0; top < format->height; top += height) {
    for (uint64_t left = 0; left < format->width; left += width) {
      const uint32_t x = (uint32_t)left, y = (uint32_t)top;
      if (TIFFReadTile(tiff, tile, x, y, 0, plane) < 0) return false;
      const uint32_t columns = format->width - x < width ? format->width - x : width;
      const uint32_t rows = format->height - y < height ? format->height - y : height;
      for (uint32_t down = 0; down < rows; down++) {
        takeRow(
            &page->stored, tile + down * rowBytes, columns, format->channels, plane, taken,
            pixel(page, samples, x, y + down));
      }
    }
  }
  return true;
}

static bool readPlanes(TIFF *tiff, const Page *page, void *samples, CodecMessage *message) {
  const CodecFormat *format = &page->format;
  const uint64_t bytes = TIFFIsTiled(tiff) ? TIFFTileSize64(tiff) : TIFFScanlineSize64(tiff);
  const uint64_t needed = ((uint64_t)format->width * page->stored.interleaved * page->stored.bits + 7) / 8;
  if (bytes > maximumRowBytes || needed * format->height > maximumStoredBytes) {
    return unsupported(message, "rows or tiles of %llu bytes, more than are read", (unsigned long long)bytes);
  }
  if (bytes == 0 || (!TIFFIsTiled(tiff) && bytes < needed)) return false;
  uint8_t *buffer = calloc(bytes, 1);
  if (!buffer) return false;
  const uint32_t channels = page->stored.palette[0] ? 1 : format->channels;
  const uint32_t taken = page->isPlanar ? 1 : channels;
  bool succeeded = true;
  for (uint32_t plane = 0; succeeded && plane < channels; plane += taken) {
    succeeded = TIFFIsTiled(tiff) ? readTiles(tiff, page, (uint16_t)plane, taken, buffer, bytes, samples)
                                  : readStrips(tiff, page, (uint16_t)plane, taken, buffer, samples);
  }
  free(buffer);
  return succeeded;
}

/// YCbCr other than in JPEG, and JPEG of TIFF 6: libtiff converts them, into the same 8-bit colors as every program that
/// uses it.
static bool readConverted(TIFF *tiff, const Page *page, uint8_t *samples, CodecMessage *message) {
  const size_t pixels = (size_t)page->format.width * page->format.height;
  TIFFRGBAImage image;
  char reason[1024] = "";
  if (!TIFFRGBAImageOK(tiff, reason) || !TIFFRGBAImageBegin(&image, tiff, 1, reason)) {
    return unsupported(message, "%s", reason);
  }
  image.req_orientation = image.orientation;  // the caller turns it
  uint32_t *raster = malloc(pixels * sizeof *raster);
  const bool succeeded = raster && TIFFRGBAImageGet(&image, raster, page->format.width, page->format.height);
  for (size_t index = 0; succeeded && index < pixels; index++) {
    samples[3 * index] = (uint8_t)TIFFGetR(raster[index]);
    samples[3 * index + 1] = (uint8_t)TIFFGetG(raster[index]);
    samples[3 * index + 2] = (uint8_t)TIFFGetB(raster[index]);
  }
  free(raster);
  TIFFRGBAImageEnd(&image);
  return succeeded;
}

bool codecReadTIFFHeader(const void *bytes, size_t count, uint32_t page, CodecFormat *format, CodecMessage *message) {
  Source source = {bytes, count, 0};
  TIFF *tiff = openPage(&source, page, message);
  if (!tiff) return false;
  Page described;
  const bool succeeded = describe(tiff, &described, message);
  *format = described.format;
  TIFFClose(tiff);
  return succeeded;
}

bool codecReadTIFF(
    const void *bytes, size_t count, uint32_t page, CodecFormat format, void *samples, CodecMessage *message) {
  Source source = {bytes, count, 0};
  TIFF *tiff = openPage(&source, page, message);
  if (!tiff) return false;
  Page described;
  const bool succeeded = describe(tiff, &described, message)
      && (described.isConverted ? readConverted(tiff, &described, samples, message)
                                : readPlanes(tiff, &described, samples, message));
  TIFFClose(tiff);
  // Some of libtiff's codecs report damage and go on.
  return succeeded && !message->text[0];
}
