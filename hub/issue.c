#include "hub/issue.h"

#include "core/base/clock.h"

bool issue_certificates(struct hub *hub, uint32_t branch, struct span tls_key, const char *peer,
                        struct issued *out, struct err *err)
{
  struct cert_facts facts;
  const char *const addresses[] = {peer};
  struct cert_request request = {.use = CERT_NODE,
                                 .code = branch,
                                 .public_key = tls_key.p,
                                 .public_key_size = tls_key.size,
                                 .now_ms = clock_wall_ms()};
  if (!cert_issue(hub->authority, &request, &out->certificate, err)) return false;
  request.use = CERT_PEOPLE;
  request.addresses = addresses;
  request.address_count = 1;
  if (!cert_issue(hub->authority, &request, &out->people, err) ||
      !cert_read(&facts, out->certificate.data, out->certificate.size, err))
    return false;
  hex_encode(out->serial, facts.serial, sizeof facts.serial);
  out->until_ms = facts.not_after_ms;
  return true;
}

void issued_wipe(struct issued *issued)
{
  buf_wipe(&issued->certificate);
  buf_wipe(&issued->people);
}
