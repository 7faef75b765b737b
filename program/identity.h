/* identity.h - who a program is: its code, its signing key, and where its epoch begins.
 *
 * Kept in D/keys: author.key (the 32 byte seed of the Ed25519 key, in hex) and identity.ini (the rest). Which
 * certificates lie beside them, program/files says: tls.{key,crt} for the sync port, people.{key,crt} for the
 * people's, ca.crt, and on the hub ca.key. */
#ifndef SUNLIT_PROGRAM_IDENTITY_H
#define SUNLIT_PROGRAM_IDENTITY_H

#include "core/base/crypto.h"
#include "core/base/data_dir.h"
#include "core/base/limits.h"

enum { IDENTITY_ADDRESS_MAX = 136 };

struct identity {
  uint32_t code;     /* the branch; on the hub the province */
  uint32_t province; /* whose entries we take */
  uint32_t epoch;
  uint64_t base_seq; /* node: what the hub had of us when this epoch began */
  uint8_t base_hash[HASH_SIZE];
  int64_t enrolled_ms; /* node: what the hub's clock said then, or when it dated people.crt; 0: unknown */
  char hub[IDENTITY_ADDRESS_MAX]; /* node: host:port of the sync port */
  char name[SITE_NAME_MAX + 1];   /* of the site, for people */
  char invite[2 * HASH_SIZE +
              1]; /* node: SHA-256 of the invitation's token in hex; "" from before it was kept */
  uint8_t secret[SECRET_SIZE];
};

/* `folder` is "keys" or "keys.new". */
bool identity_read(const struct data_dir *dir, const char *folder, struct identity *out, struct err *err);
bool identity_write(const struct data_dir *dir, const char *folder, const struct identity *identity,
                    struct err *err);
/* Can the certificates and their keys in D/keys be used?  ERR rule "keys_damaged" with the way back, as
 * identity_read's of that folder. */
bool identity_files(const struct data_dir *dir, const struct identity *identity, struct err *err);
void identity_wipe(struct identity *identity);

/* The signing key alone: read from the folder, or made there when it has none. */
bool identity_key(const struct data_dir *dir, const char *folder, uint8_t secret[SECRET_SIZE],
                  struct err *err);

#endif
