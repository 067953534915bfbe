#include "CImageCodecs.h"
#include "Source.h"

#include <webp/decode.h>

static bool fail(CodecMessage *message, const char *text) {
  setText(message, text);
  return false;
}

static const char *meaning(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY: return "not enough memory";
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA: return "the file ends early";
    case VP8_STATUS_UNSUPPORTED_FEATURE: return "a feature that libwebp does not know";
    default: return "the compressed data make no sense";
  }
}

bool codecReadWebPHeader(const void *bytes, size_t count, CodecFormat *format, CodecMessage *message) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(bytes, count, &features);
  if (status != VP8_STATUS_OK) return fail(message, meaning(status));
  if (features.has_animation) {
    message->isUnsupported = true;
    return fail(message, "it is an animation; take a frame: webpmux -get frame 1 moving.webp -o still.webp");
  }
  *format = (CodecFormat){
      .width = (uint32_t)features.width,
      .height = (uint32_t)features.height,
      .channels = features.has_alpha ? 4 : 3,
      .bitsPerSample = 8,
      .hasAlpha = features.has_alpha};
  return true;
}

bool codecReadWebP(const void *bytes, size_t count, CodecFormat format, void *samples, CodecMessage *message) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return fail(message, "another version of libwebp than was built with");
  const size_t rowBytes = (size_t)format.width * format.channels;
  config.output.colorspace = format.hasAlpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = (WebPRGBABuffer){samples, (int)rowBytes, rowBytes * format.height};
  const VP8StatusCode status = WebPDecode(bytes, count, &config);
  WebPFreeDecBuffer(&config.output);
  return status == VP8_STATUS_OK || fail(message, meaning(status));
}
