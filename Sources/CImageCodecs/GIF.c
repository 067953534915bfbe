#include "CImageCodecs.h"
#include "Source.h"

#include <gif_lib.h>
#include <stdlib.h>

static int take(GifFileType *gif, GifByteType *target, int count) {
  return count >= 0 && takeBytes(gif->UserData, target, (size_t)count) ? count : 0;
}

static bool fail(CodecMessage *message, int error) {
  const char *text = error == D_GIF_ERR_READ_FAILED ? "the file ends early" : GifErrorString(error);
  setText(message, text ? text : "the compressed data make no sense");
  return false;
}

/// A file up to the pixels of its first frame.
typedef struct {
  GifFileType *gif;
  uint32_t width, height;
  /// The palette number that is transparent; or 0, which is what lies around a frame then.
  int background;
} Frame;

static bool readExtension(GifFileType *gif, Frame *frame) {
  int code;
  GifByteType *block;
  if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) return false;
  GraphicsControlBlock control;
  if (code == GRAPHICS_EXT_FUNC_CODE && block && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
    if (control.TransparentColor != NO_TRANSPARENT_COLOR) frame->background = control.TransparentColor;
  }
  while (block) {
    if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) return false;
  }
  return true;
}

static bool findFrame(Frame *frame, CodecMessage *message) {
  GifFileType *gif = frame->gif;
  GifRecordType record;
  do {
    if (DGifGetRecordType(gif, &record) == GIF_ERROR) return fail(message, gif->Error);
    if (record == TERMINATE_RECORD_TYPE) return fail(message, D_GIF_ERR_NO_IMAG_DSCR);
    if (record == EXTENSION_RECORD_TYPE && !readExtension(gif, frame)) return fail(message, gif->Error);
  } while (record != IMAGE_DESC_RECORD_TYPE);
  if (DGifGetImageDesc(gif) == GIF_ERROR) return fail(message, gif->Error);
  const GifImageDesc *image = &gif->Image;
  const uint32_t right = (uint32_t)image->Left + (uint32_t)image->Width;
  const uint32_t bottom = (uint32_t)image->Top + (uint32_t)image->Height;
  if (image->Width == 0 || image->Height == 0) return fail(message, D_GIF_ERR_NO_IMAG_DSCR);
  // As in Pillow, a frame that is larger than the screen makes it larger.
  frame->width = right > (uint32_t)gif->SWidth ? right : (uint32_t)gif->SWidth;
  frame->height = bottom > (uint32_t)gif->SHeight ? bottom : (uint32_t)gif->SHeight;
  return true;
}

static bool openFrame(Frame *frame, Source *source, CodecMessage *message) {
  int error = 0;
  *frame = (Frame){.gif = DGifOpen(source, take, &error)};
  if (!frame->gif) return fail(message, error);
  if (findFrame(frame, message)) return true;
  DGifCloseFile(frame->gif, &error);
  return false;
}

static const ColorMapObject *palette(const GifFileType *gif) {
  return gif->Image.ColorMap ? gif->Image.ColorMap : gif->SColorMap;
}

static bool isGray(const ColorMapObject *map) {
  for (int number = 0; map && number < map->ColorCount; number++) {
    const GifColorType color = map->Colors[number];
    if (color.Red != color.Green || color.Green != color.Blue) return false;
  }
  return true;
}

/// Without a palette, numbers are gray; those that a palette lacks are black.
static void put(const ColorMapObject *map, int number, uint32_t channels, uint8_t *pixel) {
  const uint8_t gray = map ? 0 : (uint8_t)number;
  const GifColorType color = map && number < map->ColorCount ? map->Colors[number] : (GifColorType){gray, gray, gray};
  pixel[0] = color.Red;
  if (channels == 3) pixel[1] = color.Green, pixel[2] = color.Blue;
}

static bool readRow(const Frame *frame, CodecFormat format, int row, GifByteType *line, uint8_t *samples) {
  const GifImageDesc *image = &frame->gif->Image;
  if (DGifGetLine(frame->gif, line, image->Width) == GIF_ERROR) return false;
  uint8_t *pixel = samples + ((size_t)(image->Top + row) * format.width + (size_t)image->Left) * format.channels;
  for (int x = 0; x < image->Width; x++, pixel += format.channels) {
    put(palette(frame->gif), line[x], format.channels, pixel);
  }
  return true;
}

static bool readRows(const Frame *frame, CodecFormat format, GifByteType *line, uint8_t *samples) {
  static const int firsts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
  const int height = frame->gif->Image.Height;
  if (!frame->gif->Image.Interlace) {
    for (int row = 0; row < height; row++) {
      if (!readRow(frame, format, row, line, samples)) return false;
    }
    return true;
  }
  for (int pass = 0; pass < 4; pass++) {
    for (int row = firsts[pass]; row < height; row += steps[pass]) {
      if (!readRow(frame, format, row, line, samples)) return false;
    }
  }
  return true;
}

bool codecReadGIFHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message) {
  Source source = {bytes, count};
  Frame frame;
  if (!openFrame(&frame, &source, message)) return false;
  *format = (CodecFormat){
      .width = frame.width, .height = frame.height, .channels = isGray(palette(frame.gif)) ? 1 : 3, .bitsPerSample = 8};
  int error;
  DGifCloseFile(frame.gif, &error);
  return true;
}

bool codecReadGIF(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message) {
  Source source = {bytes, count};
  Frame frame;
  if (!openFrame(&frame, &source, message)) return false;
  const size_t pixels = (size_t)format.width * format.height;
  for (size_t pixel = 0; pixel < pixels; pixel++) {
    put(palette(frame.gif), frame.background, format.channels, (uint8_t *)samples + pixel * format.channels);
  }
  GifByteType *line = malloc((size_t)frame.gif->Image.Width);
  const bool succeeded = line && (readRows(&frame, format, line, samples) || fail(message, frame.gif->Error));
  free(line);
  int error;
  DGifCloseFile(frame.gif, &error);
  return succeeded;
}
