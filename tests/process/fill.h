/* fill.h - a node with a long history, made without its program: prices, an entry each, through the one door.
 */
#ifndef SUNLIT_TEST_FILL_H
#define SUNLIT_TEST_FILL_H

#include "tests/process/rig.h"

/* In FOLDER/NAME, which has the catalogue and nobody runs; entries a second.  The same number gives the same
 * rows. */
double fill_node(const struct rig *rig, const char *name, int entries);

#endif
