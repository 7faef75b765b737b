#include "site/kept_file.h"

#include "core/base/crypto.h"

#include <stdio.h>
#include <string.h>

void kept_files_init(struct kept_files *files)
{
  memset(files, 0, sizeof *files);
  pthread_mutex_init(&files->lock, NULL);
}

void kept_files_wipe(struct kept_files *files)
{
  for (int i = 0; i < KEPT_FILES_MAX; i++)
    buf_wipe(&files->list[i].bytes);
  pthread_mutex_destroy(&files->lock);
}

void kept_files_add(struct kept_files *files, const char *account, struct buf *bytes, int64_t now_ms,
                    char name[KEPT_NAME_SIZE])
{
  uint8_t token[16];
  crypto_random(token, sizeof token);
  hex_encode(name, token, sizeof token);
  snprintf(name + 32, KEPT_NAME_SIZE - 32, ".xlsx");
  pthread_mutex_lock(&files->lock);
  struct kept_file *oldest = &files->list[0];
  for (int i = 1; i < KEPT_FILES_MAX; i++)
    if (files->list[i].at_ms < oldest->at_ms) oldest = &files->list[i];
  buf_wipe(&oldest->bytes);
  memcpy(oldest->name, name, KEPT_NAME_SIZE);
  snprintf(oldest->account, sizeof oldest->account, "%s", account);
  oldest->at_ms = now_ms;
  oldest->bytes = *bytes;
  pthread_mutex_unlock(&files->lock);
  memset(bytes, 0, sizeof *bytes);
}

bool kept_files_get(struct kept_files *files, const char *account, const char *name, int64_t now_ms,
                    struct buf *out)
{
  bool found = false;
  pthread_mutex_lock(&files->lock);
  for (int i = 0; i < KEPT_FILES_MAX && !found; i++) {
    const struct kept_file *f = &files->list[i];
    found = *f->name && strcmp(f->name, name) == 0 && strcmp(f->account, account) == 0 &&
            now_ms - f->at_ms < KEPT_FOR_MS;
    if (found) put_bytes(out, f->bytes.data, f->bytes.size);
  }
  pthread_mutex_unlock(&files->lock);
  return found;
}
