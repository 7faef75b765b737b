/* Runs a fuzz target over the files of a folder, without libFuzzer: `NAME_fuzz FOLDER`. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>

static size_t replay(const char *path)
{
  FILE *in = fopen(path, "rb");
  if (!in) {
    perror(path);
    exit(1);
  }
  CLAIM(fseek(in, 0, SEEK_END) == 0);
  size_t size = (size_t)ftell(in);
  rewind(in);
  uint8_t *bytes = malloc(size ? size : 1); /* exactly so many, for the sanitizer */
  CLAIM(bytes && fread(bytes, 1, size, in) == size);
  (void)fclose(in);
  (void)LLVMFuzzerTestOneInput(bytes, size);
  free(bytes);
  return size;
}

int main(int argc, char **argv)
{
  char path[1024];
  size_t files = 0;
  size_t bytes = 0;
  DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
  if (!dir) {
    (void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (entry->d_name[0] == '.') continue;
    (void)snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
    bytes += replay(path);
    files++;
  }
  (void)closedir(dir);
  (void)printf("%zu inputs, %zu bytes\n", files, bytes);
  return files > 0 ? 0 : 1; /* a corpus that vanished must not look like success */
}
