/* fuzz.h - what libFuzzer calls.  A target returns 0; it aborts, or a sanitizer does, when a claim is broken.
 */
#ifndef SUNLIT_TESTS_FUZZ_H
#define SUNLIT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Also counts in builds where assert is not what is wanted: the claim stands in the output. */
#define CLAIM(holds)                                                                                         \
  do {                                                                                                       \
    if (!(holds)) {                                                                                          \
      (void)fprintf(stderr, "broken claim: %s\n", #holds);                                                   \
      abort();                                                                                               \
    }                                                                                                        \
  } while (0)

#endif
