#include "openapi.h"

#include <assert.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* -- YAML to JSON: mappings, sequences, and plain scalars by their look. -- */

static json_t *scalar(const yaml_node_t *node)
{
  const char *text = (const char *)node->data.scalar.value;
  char *end;
  if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return json_string(text);
  if (strcmp(text, "true") == 0) return json_true();
  if (strcmp(text, "false") == 0) return json_false();
  if (strcmp(text, "null") == 0) return json_null();
  long long number = strtoll(text, &end, 10);
  return *text && !*end ? json_integer(number) : json_string(text);
}

static json_t *convert(yaml_document_t *doc, int index)
{
  const yaml_node_t *node = yaml_document_get_node(doc, index);
  if (node->type == YAML_SCALAR_NODE) return scalar(node);
  if (node->type == YAML_SEQUENCE_NODE) {
    json_t *list = json_array();
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++)
      json_array_append_new(list, convert(doc, *i));
    return list;
  }
  json_t *object = json_object();
  for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
    const char *key = (const char *)yaml_document_get_node(doc, p->key)->data.scalar.value;
    assert(!json_object_get(object, key)); /* said twice */
    json_object_set_new(object, key, convert(doc, p->value));
  }
  return object;
}

json_t *openapi_load(void)
{
  yaml_parser_t parser;
  yaml_document_t doc;
  FILE *file = fopen(SOURCE_DIR "/docs/openapi.yaml", "rb");
  assert(file);
  assert(yaml_parser_initialize(&parser));
  yaml_parser_set_input_file(&parser, file);
  if (!yaml_parser_load(&parser, &doc)) {
    fprintf(stderr, "openapi.yaml:%zu: %s\n", parser.problem_mark.line + 1, parser.problem);
    abort();
  }
  json_t *api = convert(&doc, 1);
  yaml_document_delete(&doc);
  yaml_parser_delete(&parser);
  fclose(file);
  return api;
}

static const json_t *resolve(const json_t *api, const json_t *schema)
{
  const char *ref;
  while ((ref = json_string_value(json_object_get(schema, "$ref")))) {
    const json_t *at = api;
    char name[64];
    for (const char *p = ref + 2; *p;) {
      size_t n = strcspn(p, "/");
      snprintf(name, sizeof name, "%.*s", (int)n, p);
      at = json_object_get(at, name);
      p += n + (p[n] == '/');
    }
    assert(at); /* a reference to nothing */
    schema = at;
  }
  return schema;
}

/* -- which operation? -- */

static bool path_fits(const char *pattern, const char *path, size_t size)
{
  const char *end = path + size;
  while (*pattern && path < end) {
    if (*pattern == '{') {
      pattern = strchr(pattern, '}') + 1;
      size_t n = 0;
      while (path + n < end && path[n] != '/')
        n++;
      if (!n) return false;
      path += n;
    } else if (*pattern++ != *path++) {
      return false;
    }
  }
  return !*pattern && path == end;
}

const json_t *openapi_operation(const json_t *api, const char *method, const char *target, const char **path)
{
  char lower[8] = "";
  for (size_t i = 0; method[i] && i < sizeof lower - 1; i++)
    lower[i] = (char)(method[i] | 0x20);
  const char *rest = strncmp(target, "/api/v1", 7) == 0 ? target + 7 : target;
  size_t size = strcspn(rest, "?");
  const json_t *found = NULL;
  const char *pattern;
  json_t *operations;
  json_object_foreach(json_object_get(api, "paths"), pattern, operations)
  {
    const json_t *operation = json_object_get(operations, lower);
    if (!operation || !path_fits(pattern, rest, size)) continue;
    if (found && strchr(pattern, '{')) continue; /* a literal path goes before a pattern */
    found = operation;
    if (path) *path = pattern;
  }
  return found;
}

const json_t *openapi_content(const json_t *api, const json_t *operation, int status)
{
  char key[8];
  snprintf(key, sizeof key, "%d", status);
  const json_t *answers = json_object_get(operation, "responses");
  const json_t *answer = json_object_get(answers, key);
  if (!answer) answer = json_object_get(answers, "default");
  return json_object_get(resolve(api, answer), "content");
}

const json_t *openapi_answer(const json_t *api, const json_t *operation, int status)
{
  const json_t *content = openapi_content(api, operation, status);
  return json_object_get(json_object_get(content, "application/json"), "schema");
}

/* -- shapes -- */

struct fit {
  const json_t *api;
  struct buf *why; /* NULL: only whether */
  char at[200];
};

static bool fail(const struct fit *fit, const char *what, const char *name)
{
  char line[400];
  if (!fit->why || fit->why->size) return false;
  snprintf(line, sizeof line, "%s: %s%s", *fit->at ? fit->at : "the answer", what, name);
  put_text(fit->why, line);
  put_u8(fit->why, 0);
  return false;
}

static bool is_type(const char *type, const json_t *v)
{
  if (strcmp(type, "object") == 0) return json_is_object(v);
  if (strcmp(type, "array") == 0) return json_is_array(v);
  if (strcmp(type, "string") == 0) return json_is_string(v);
  if (strcmp(type, "integer") == 0) return json_is_integer(v);
  if (strcmp(type, "number") == 0) return json_is_number(v);
  if (strcmp(type, "boolean") == 0) return json_is_boolean(v);
  return strcmp(type, "null") == 0 && json_is_null(v);
}

static bool type_fits(const json_t *type, const json_t *v)
{
  size_t i;
  json_t *one;
  if (!type) return true;
  if (json_is_string(type)) return is_type(json_string_value(type), v);
  json_array_foreach(type, i, one) if (is_type(json_string_value(one), v)) return true;
  return false;
}

static bool enum_fits(const json_t *words, const json_t *v)
{
  size_t i;
  json_t *one;
  if (!words) return true;
  json_array_foreach(words, i, one) if (json_equal(one, v)) return true;
  return false;
}

static bool pattern_fits(const char *pattern, const json_t *v)
{
  regex_t regex;
  if (!pattern || !json_is_string(v)) return true;
  assert(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
  bool ok = regexec(&regex, json_string_value(v), 0, NULL, 0) == 0;
  regfree(&regex);
  return ok;
}

/* The schema of one member, in the schema or in what it builds on. */
static const json_t *member(const struct fit *fit, const json_t *schema, const char *name)
{
  size_t i;
  json_t *base;
  schema = resolve(fit->api, schema);
  const json_t *found = json_object_get(json_object_get(schema, "properties"), name);
  if (found) return found;
  json_array_foreach(json_object_get(schema, "allOf"), i, base)
  {
    if ((found = member(fit, base, name))) return found;
  }
  return NULL;
}

static bool required_fit(const struct fit *fit, const json_t *schema, const json_t *v)
{
  size_t i;
  json_t *one;
  schema = resolve(fit->api, schema);
  json_array_foreach(json_object_get(schema, "required"), i, one)
  {
    const char *name = json_string_value(one);
    assert(member(fit, schema, name)); /* required, and described nowhere */
    if (!json_object_get(v, name)) return fail(fit, "lacks ", name);
  }
  json_array_foreach(json_object_get(schema, "allOf"), i, one) if (!required_fit(fit, one, v)) return false;
  return true;
}

static bool fits(struct fit *fit, const json_t *schema, const json_t *v);

static bool into(struct fit *fit, const char *name, const json_t *schema, const json_t *v)
{
  size_t n = strlen(fit->at);
  snprintf(fit->at + n, sizeof fit->at - n, ".%s", name);
  bool ok = fits(fit, schema, v);
  fit->at[n] = 0;
  return ok;
}

static bool members_fit(struct fit *fit, const json_t *schema, const json_t *v)
{
  const char *name;
  json_t *one;
  const json_t *more = json_object_get(schema, "additionalProperties");
  json_object_foreach((json_t *)(uintptr_t)v, name, one)
  {
    const json_t *known = member(fit, schema, name);
    if (!known && !more) return fail(fit, "has, and the description has not, ", name);
    if (!known && json_is_object(more)) known = more;
    if (known && !into(fit, name, known, one)) return false;
  }
  return required_fit(fit, schema, v);
}

static bool fits(struct fit *fit, const json_t *schema, const json_t *v)
{
  size_t i;
  json_t *one;
  schema = resolve(fit->api, schema);
  const json_t *choices = json_object_get(schema, "oneOf");
  if (choices) {
    struct buf *why = fit->why;
    bool any = false;
    fit->why = NULL;
    json_array_foreach(choices, i, one) any = any || fits(fit, one, v);
    fit->why = why;
    if (any) return true;
    /* Say what is wrong with the last choice: the first is null. */
    return fits(fit, json_array_get(choices, json_array_size(choices) - 1), v) ||
           fail(fit, "fits no choice", "");
  }
  if (!type_fits(json_object_get(schema, "type"), v)) return fail(fit, "is of another type", "");
  if (!enum_fits(json_object_get(schema, "enum"), v))
    return fail(fit, "is none of its words: ", json_is_string(v) ? json_string_value(v) : "?");
  if (!pattern_fits(json_string_value(json_object_get(schema, "pattern")), v))
    return fail(fit, "has another form: ", json_string_value(v));
  if (json_is_array(v) && json_object_get(schema, "items")) {
    json_array_foreach(v, i, one) if (!into(fit, "[]", json_object_get(schema, "items"), one)) return false;
  }
  return !json_is_object(v) || members_fit(fit, schema, v);
}

bool openapi_fits(const json_t *api, const json_t *schema, const json_t *value, struct buf *why)
{
  struct fit fit = {.api = api, .why = why};
  return fits(&fit, schema, value);
}
