/* openapi.h - docs/openapi.yaml as data, and whether an answer has the shape it promises.
 *
 * A schema is taken strictly: a member it does not name is a fault, unless it says additionalProperties. */
#ifndef SUNLIT_TESTS_API_OPENAPI_H
#define SUNLIT_TESTS_API_OPENAPI_H

#include "core/base/json.h"

json_t *openapi_load(void); /* asserts; the caller's reference */
/* The operation that answers a request; its path pattern in *path (may be NULL); NULL when there is none. */
const json_t *openapi_operation(const json_t *api, const char *method, const char *target, const char **path);
/* What may come back with that status, by its media type, the default answer when the status is not named. */
const json_t *openapi_content(const json_t *api, const json_t *operation, int status);
/* The schema of a JSON answer of that status, the default one when the status is not named. */
const json_t *openapi_answer(const json_t *api, const json_t *operation, int status);
/* False with one line in why. */
bool openapi_fits(const json_t *api, const json_t *schema, const json_t *value, struct buf *why);

#endif
