/* conf.h - a configuration file in INI form, read once at start.
 *
 * `[section]` and `name = value` lines, `;` and `#` comments; a byte order mark is fine.  A file that is not
 * there is an empty one.  A value out of its bounds, a name nobody knows or a name given twice is refused
 * with the file and the line, so a typing error never becomes a silent default. */
#ifndef SUNLIT_BASE_CONF_H
#define SUNLIT_BASE_CONF_H

#include "core/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct conf;

bool conf_open(struct conf **out, const char *path, struct err *err);
void conf_close(struct conf *conf);

/* `names` are "section.name", the list ends with NULL. */
bool conf_only(const struct conf *conf, const char *const *names, struct err *err);
/* The text is borrowed from conf; fallback (may be NULL) when the name is absent. */
const char *conf_text(const struct conf *conf, const char *name, const char *fallback);
bool conf_int(const struct conf *conf, const char *name, int64_t min, int64_t max, int64_t fallback,
              int64_t *out, struct err *err);

#endif
