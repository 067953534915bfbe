#include "CImageCodecs.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

_Static_assert(CODEC_MESSAGE_SIZE >= JMSG_LENGTH_MAX, "libjpeg's messages must fit");

/// A progressive file has about ten scans. A hostile one has thousands, each of which costs a pass over the picture.
enum { maximumScans = 500 };

typedef struct {
  struct jpeg_error_mgr manager;  // first, so that libjpeg's pointer to it is a pointer to this
  jmp_buf caller;
  CodecMessage *message;
} Errors;

static void fail(j_common_ptr codec) {
  Errors *errors = (Errors *)codec->err;
  codec->err->format_message(codec, errors->message->text);
  longjmp(errors->caller, 1);
}

/// Warnings mean missing or damaged pixels, and are errors here, but for those that concern only headers or what lies
/// between segments.
static void judgeWarning(j_common_ptr codec, int level) {
  if (level >= 0) return;
  switch (codec->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL: break;
    default: fail(codec);
  }
}

static void limitScans(j_common_ptr codec) {
  if (((j_decompress_ptr)codec)->input_scan_number <= maximumScans) return;
  Errors *errors = (Errors *)codec->err;
  snprintf(errors->message->text, sizeof errors->message->text, "more than %d scans", maximumScans);
  longjmp(errors->caller, 1);
}

static struct jpeg_error_mgr *prepare(Errors *errors, CodecMessage *message) {
  errors->message = message;
  jpeg_std_error(&errors->manager);
  errors->manager.error_exit = fail;
  errors->manager.emit_message = judgeWarning;
  return &errors->manager;
}

// ---------------------------------------------------------------------------------------------------------- Reading

static void readHeader(j_decompress_ptr jpeg, const void *bytes, size_t count) {
  jpeg_mem_src(jpeg, bytes, count);
  jpeg_read_header(jpeg, TRUE);
  switch (jpeg->num_components) {
    case 1: jpeg->out_color_space = JCS_GRAYSCALE; break;
    case 4: jpeg->out_color_space = JCS_CMYK; break;
    default: jpeg->out_color_space = JCS_RGB; break;
  }
  jpeg_calc_output_dimensions(jpeg);
}

static void readRows(j_decompress_ptr jpeg, CodecFormat format, void *samples) {
  const size_t rowBytes = (size_t)format.width * format.channels;
  jpeg_start_decompress(jpeg);
  if (jpeg->output_width != format.width || jpeg->output_height != format.height
      || jpeg->output_components != (int)format.channels) {
    ERREXIT(jpeg, JERR_BAD_STATE);
  }
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row = (JSAMPROW)samples + jpeg->output_scanline * rowBytes;
    jpeg_read_scanlines(jpeg, &row, 1);
  }
}

bool codecReadJPEGHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message) {
  struct jpeg_decompress_struct jpeg;
  Errors errors;
  memset(&jpeg, 0, sizeof jpeg);  // jpeg_destroy may be reached before jpeg_create has finished
  jpeg.err = prepare(&errors, message);
  if (setjmp(errors.caller)) {
    jpeg_destroy_decompress(&jpeg);
    return false;
  }
  jpeg_create_decompress(&jpeg);
  readHeader(&jpeg, bytes, count);
  *format = (CodecFormat){
      .width = jpeg.output_width, .height = jpeg.output_height, .channels = (uint32_t)jpeg.output_components,
      .bitsPerSample = 8};
  jpeg_destroy_decompress(&jpeg);
  return true;
}

bool codecReadJPEG(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message) {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_progress_mgr progress = {.progress_monitor = limitScans};
  Errors errors;
  memset(&jpeg, 0, sizeof jpeg);
  jpeg.err = prepare(&errors, message);
  if (setjmp(errors.caller)) {
    jpeg_destroy_decompress(&jpeg);
    return false;
  }
  jpeg_create_decompress(&jpeg);
  jpeg.progress = &progress;
  readHeader(&jpeg, bytes, count);
  readRows(&jpeg, format, samples);
  jpeg_destroy_decompress(&jpeg);
  return true;
}

// ---------------------------------------------------------------------------------------------------------- Writing

static void writeRows(j_compress_ptr jpeg, const void *samples, CodecFormat format, int quality) {
  const size_t rowBytes = (size_t)format.width * format.channels;
  jpeg->image_width = format.width;
  jpeg->image_height = format.height;
  jpeg->input_components = (int)format.channels;
  jpeg->in_color_space = format.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(jpeg);
  jpeg_set_quality(jpeg, quality, TRUE);
  jpeg_start_compress(jpeg, TRUE);
  while (jpeg->next_scanline < jpeg->image_height) {
    JSAMPROW row = (JSAMPROW)samples + jpeg->next_scanline * rowBytes;
    jpeg_write_scanlines(jpeg, &row, 1);
  }
  jpeg_finish_compress(jpeg);
}

bool codecWriteJPEG(
    const void *samples, CodecFormat format, int quality, unsigned char **bytes, unsigned long *count,
    CodecMessage *message) {
  struct jpeg_compress_struct jpeg;
  Errors errors;
  memset(&jpeg, 0, sizeof jpeg);
  jpeg.err = prepare(&errors, message);
  if (setjmp(errors.caller)) {
    jpeg_destroy_compress(&jpeg);
    return false;
  }
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, bytes, count);
  writeRows(&jpeg, samples, format, quality);
  jpeg_destroy_compress(&jpeg);
  return true;
}
