/// What the codecs share: the bytes of a file, read one after another, and saying what is wrong with them.
#pragma once
#include "CImageCodecs.h"

#include <string.h>

typedef struct {
  const uint8_t *next;
  size_t remaining;
} Source;

/// Copies the next bytes; takes none where there are fewer.
static inline bool takeBytes(Source *source, void *destination, size_t count) {
  if (count > source->remaining) return false;
  memcpy(destination, source->next, count);
  source->next += count;
  source->remaining -= count;
  return true;
}

static inline void setText(CodecMessage *message, const char *text) {
  strncpy(message->text, text, sizeof message->text - 1);
}
