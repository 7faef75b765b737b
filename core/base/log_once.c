#include "core/base/log_once.h"

#include "core/base/crypto.h"

#include <string.h>

bool log_once_take(struct log_once *once, const char *text)
{
  uint8_t whole[HASH_SIZE];
  uint64_t hash = 0;
  sha256(whole, text, strlen(text));
  memcpy(&hash, whole, sizeof hash);
  for (size_t i = 0; i < once->count; i++)
    if (once->said[i] == hash) return false;
  once->said[once->next] = hash;
  once->next = (once->next + 1) % LOG_ONCE_MAX;
  if (once->count < LOG_ONCE_MAX) once->count++;
  return true;
}
