#include "hub/certificates.h"

#include "core/base/clock.h"
#include "core/base/log.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RENEW_MS (INT64_C(60) * 24 * 3600 * 1000)

enum { NAME_ROOM = 256 }; /* a host name has at most 253 */

/* The names and addresses a browser may use for this machine. */
struct addresses {
  char text[CERT_ADDRESSES_MAX][NAME_ROOM];
  const char *list[CERT_ADDRESSES_MAX];
  size_t count;
};

/* Names know no capitals, and certificates hold small letters. */
static void add_address(struct addresses *out, const char *text, size_t n)
{
  while (n && (text[0] == ' ' || text[0] == '\t'))
    text++, n--;
  while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
    n--;
  if (n == 0) return;
  if (n >= NAME_ROOM) n = NAME_ROOM - 1; /* too long for a name all the same, and refused as such */
  if (out->count == CERT_ADDRESSES_MAX) {
    log_warning("the certificate of the people's port names %d addresses and has no room for %.*s",
                CERT_ADDRESSES_MAX, (int)n, text);
    return;
  }
  char *name = out->text[out->count];
  for (size_t i = 0; i < n; i++)
    name[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
  name[n] = 0;
  for (size_t i = 0; i < out->count; i++)
    if (strcmp(out->list[i], name) == 0) return;
  out->list[out->count++] = name;
}

/* What a machine is called need not be a name that a certificate can hold: then it goes without. */
static void add_host(struct addresses *out)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.";
  char host[NAME_ROOM] = "";
  if (gethostname(host, sizeof host - 1) != 0) return;
  if (host[strspn(host, letters)])
    log_warning("the machine's name %s is no host name, and not in the certificate", host);
  else
    add_address(out, host, strlen(host));
}

/* An address of a link (fe80::) means nothing to anybody elsewhere. */
static bool is_shown(const struct ifaddrs *i, int family, char text[INET6_ADDRSTRLEN])
{
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  if (!i->ifa_addr || i->ifa_addr->sa_family != family || (i->ifa_flags & IFF_LOOPBACK)) return false;
  if (family == AF_INET) {
    memcpy(&v4, i->ifa_addr, sizeof v4);
    return inet_ntop(AF_INET, &v4.sin_addr, text, INET6_ADDRSTRLEN);
  }
  memcpy(&v6, i->ifa_addr, sizeof v6);
  return !IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) && inet_ntop(AF_INET6, &v6.sin6_addr, text, INET6_ADDRSTRLEN);
}

static void add_interfaces(struct addresses *out)
{
  struct ifaddrs *list = NULL;
  char text[INET6_ADDRSTRLEN];
  if (getifaddrs(&list) != 0) return;
  for (const struct ifaddrs *i = list; i; i = i->ifa_next)
    if (is_shown(i, AF_INET, text)) add_address(out, text, strlen(text));
  for (const struct ifaddrs *i = list; i; i = i->ifa_next)
    if (is_shown(i, AF_INET6, text)) add_address(out, text, strlen(text));
  freeifaddrs(list);
}

/* In a fixed order: the configuration's, the host's name, its interfaces, IPv4 first. */
static void collect(struct addresses *out, const char *more)
{
  out->count = 0;
  while (more && *more) {
    size_t n = strcspn(more, ",");
    add_address(out, more, n);
    more += n + (more[n] == ',');
  }
  add_host(out);
  add_interfaces(out);
}

static bool issue(struct cert_authority *authority, const struct data_dir *dir, enum cert_use use,
                  uint32_t code, const struct addresses *addresses, const char *folder, const char *name,
                  struct err *err)
{
  char file[64], path[DATA_PATH_MAX];
  struct cert_key *key = NULL;
  struct buf public_der = BUF_INIT, der = BUF_INIT;
  snprintf(file, sizeof file, "%s/%s.key", folder, name);
  data_dir_path(dir, file, path);
  bool ok = data_dir_has(dir, file) ? cert_key_load(&key, path, err)
                                    : cert_key_make(&key, err) && cert_key_save(key, path, err);
  ok = ok && cert_key_public(key, &public_der, err);
  struct cert_request request = {.use = use,
                                 .code = code,
                                 .public_key = public_der.data,
                                 .public_key_size = public_der.size,
                                 .now_ms = clock_wall_ms()};
  if (addresses) {
    request.addresses = addresses->list;
    request.address_count = addresses->count;
  }
  snprintf(file, sizeof file, "%s/%s.crt", folder, name);
  ok = ok && cert_issue(authority, &request, &der, err) &&
       cert_save(data_dir_path(dir, file, path), der.data, der.size, err);
  if (key) cert_key_close(key);
  buf_wipe(&public_der);
  buf_wipe(&der);
  return ok;
}

bool certificates_make(const struct data_dir *dir, uint32_t code, struct err *err)
{
  char certificate[DATA_PATH_MAX], key[DATA_PATH_MAX], name[32];
  struct cert_authority *authority = NULL;
  struct addresses addresses;
  data_dir_path(dir, "keys.new/ca.crt", certificate);
  data_dir_path(dir, "keys.new/ca.key", key);
  snprintf(name, sizeof name, "Sunlit %u", code);
  bool ok = (data_dir_has(dir, "keys.new/ca.crt") || cert_authority_make(certificate, key, name, err)) &&
            cert_authority_open(&authority, certificate, key, err);
  collect(&addresses, NULL);
  ok = ok && issue(authority, dir, CERT_HUB, code, NULL, "keys.new", "tls", err) &&
       issue(authority, dir, CERT_PEOPLE, code, &addresses, "keys.new", "people", err);
  if (authority) cert_authority_close(authority);
  return ok;
}

/* What the people's certificate was made for, to see when the machine has other addresses. */
static void list_text(const struct addresses *addresses, char *out, size_t room)
{
  size_t n = 0;
  out[0] = 0;
  for (size_t i = 0; i < addresses->count && n < room; i++)
    n += (size_t)snprintf(out + n, room - n, "%s\n", addresses->list[i]);
}

/* Whether the certificate of the people's port and its key can be used.  Both are made here at any time: a
 * key that was read and is none is put away, so that another is made; one that cannot be read now stays. */
static bool read_people(const struct data_dir *dir, struct cert_facts *facts)
{
  char path[DATA_PATH_MAX];
  struct cert_key *key = NULL;
  struct buf der = BUF_INIT;
  struct err why = ERR_INIT;
  const bool has_key = cert_key_load(&key, data_dir_path(dir, "keys/people.key", path), &why);
  if (!has_key && why.kind == ERR_CORRUPT) unlink(path);
  if (key) cert_key_close(key);
  const bool whole = has_key && cert_load(&der, data_dir_path(dir, "keys/people.crt", path), &why) &&
                     cert_read(facts, der.data, der.size, &why);
  buf_wipe(&der);
  if (!whole) log_warning("the people's port gets another certificate: %s", why.text);
  return whole;
}

bool certificates_keep(struct hub *hub, const char *more, bool *moved, struct err *err)
{
  *moved = false;
  char wanted[CERT_ADDRESSES_MAX * (NAME_ROOM + 1)];
  struct addresses addresses;
  struct buf had = BUF_INIT;
  struct cert_facts facts = {0};
  const struct data_dir *dir = &hub->app.dir;
  collect(&addresses, more);
  list_text(&addresses, wanted, sizeof wanted);
  bool ok = true, same = read_people(dir, &facts) &&
                         data_dir_read(dir, "keys/people.addresses", sizeof wanted, &had, NULL) &&
                         had.size == strlen(wanted) && memcmp(had.data, wanted, had.size) == 0;
  const int64_t now_ms = clock_wall_ms();
  /* One that is not valid yet was made while a clock was ahead. */
  if (!same || facts.not_after_ms - now_ms < RENEW_MS || facts.not_before_ms > now_ms) {
    ok = issue(hub->authority, dir, CERT_PEOPLE, hub->app.code, &addresses, "keys", "people", err) &&
         data_dir_write(dir, "keys/people.addresses", wanted, strlen(wanted), err);
    *moved = ok;
    if (ok) log_info("the people's port has a new certificate for %zu addresses", addresses.count);
  }
  buf_wipe(&had);
  return ok;
}

/* A full disk takes no new certificate; the one there is serves on, and a beat of main tries again. */
static bool keep_the_old_one(const struct err *why, struct err *err)
{
  if (why->kind == ERR_IO) {
    log_warning("the certificate of the people's port stays as it is: %s", why->text);
    return true;
  }
  *err = *why;
  return false;
}

bool certificates_open(struct hub *hub, const char *more, struct err *err)
{
  struct err why = ERR_INIT;
  char certificate[DATA_PATH_MAX], key[DATA_PATH_MAX];
  bool moved;
  data_dir_path(&hub->app.dir, "keys/ca.crt", certificate);
  data_dir_path(&hub->app.dir, "keys/ca.key", key);
  return cert_authority_open(&hub->authority, certificate, key, err) &&
         cert_load(&hub->authority_der, certificate, err) &&
         (certificates_keep(hub, more, &moved, &why) || keep_the_old_one(&why, err));
}
