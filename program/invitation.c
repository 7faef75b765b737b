#include "program/invitation.h"

#include "core/base/bytes.h"
#include "core/base/cli.h"

#include <stdio.h>
#include <string.h>

enum { PARTS = 6 };
static const char *const part_names[PARTS] = {
    "form", "branch code", "address", "authority's fingerprint", "token", "expiry in seconds"};

void invitation_write(const struct invitation *invitation, char out[INVITATION_LINE_MAX])
{
  char fingerprint[2 * INVITATION_FINGERPRINT_SIZE + 1], token[2 * INVITATION_TOKEN_SIZE + 1];
  hex_encode(fingerprint, invitation->fingerprint, INVITATION_FINGERPRINT_SIZE);
  hex_encode(token, invitation->token, INVITATION_TOKEN_SIZE);
  snprintf(out, INVITATION_LINE_MAX, "sunlit1/%u/%s/%s/%s/%lld", invitation->branch, invitation->address,
           fingerprint, token, (long long)(invitation->expires_ms / 1000));
}

/* Cuts the line at its slashes into exactly PARTS. */
static bool cut(char *line, char *parts[PARTS], struct err *err)
{
  for (int i = 0; i < PARTS; i++) {
    parts[i] = line;
    char *slash = strchr(line, '/');
    if (!slash != (i == PARTS - 1))
      return err_rule(
          err, ERR_INPUT, "invite", "invite_form",
          "the invitation has %s parts than the %d of sunlit1/branch/address/authority/token/expiry",
          slash ? "more" : "fewer", PARTS);
    if (slash) *slash = 0;
    line = slash ? slash + 1 : line;
  }
  return true;
}

static bool bad_part(int part, struct err *err)
{
  return err_rule(err, ERR_INPUT, "invite", "invite_form", "the invitation's %s cannot be read",
                  part_names[part]);
}

bool invitation_read(const char *line, struct invitation *out, struct err *err)
{
  char text[INVITATION_LINE_MAX];
  line += strspn(line, " \t\r\n");
  size_t n = strcspn(line, " \t\r\n");
  if (n >= sizeof text || line[n + strspn(line + n, " \t\r\n")])
    return err_rule(err, ERR_INPUT, "invite", "invite_form", "the invitation is not one line of at most %zu",
                    sizeof text - 1);
  memcpy(text, line, n);
  text[n] = 0;
  char *parts[PARTS];
  if (!cut(text, parts, err)) return false;
  struct invitation got;
  struct cli_address address;
  long number = 0;
  if (strcmp(parts[0], "sunlit1") != 0) return bad_part(0, err);
  if (!cli_int("branch", parts[1], 100000, 999999, &number, NULL)) return bad_part(1, err);
  got.branch = (uint32_t)number;
  if (strlen(parts[2]) >= sizeof got.address || !cli_address("address", parts[2], &address, NULL))
    return bad_part(2, err);
  snprintf(got.address, sizeof got.address, "%s", parts[2]);
  if (!hex_decode(got.fingerprint, INVITATION_FINGERPRINT_SIZE, parts[3])) return bad_part(3, err);
  if (!hex_decode(got.token, INVITATION_TOKEN_SIZE, parts[4])) return bad_part(4, err);
  if (!cli_int("expiry", parts[5], 0, 99999999999L, &number, NULL)) return bad_part(5, err);
  got.expires_ms = (int64_t)number * 1000;
  *out = got;
  return true;
}
