/* A branch signs anything: whole entries go into a real hub's store by the real apply path.  After each
 * everything the hub does by itself is done, every page of it is looked at over its web, and an honest
 * branch's entry gets in and is told.  The input is a list of changes to honest rows, or a payload as it
 * stands:
 *
 *   first byte: bit 0 a hub from before there were rules, bit 1 a made-up payload follows as it stands,
 *               bit 2 a name of the record is made up, bits 3 to 5 the table
 *   then entries of: column u8 | kind u8 | size u8 | so many bytes */
#include "hostile.h"
#include "tests/fuzz/fuzz.h"

#include "core/base/log.h"

#include <string.h>

enum { CELLS_MAX = 8, ENTRIES_EACH = 200, VERIFY_EACH = 8 };

static struct hostile hub;
static bool open_now, sealed_now;
static int entries, inputs;

static void close_hub(void)
{
  if (open_now) hostile_verifies(&hub);
  if (open_now) hostile_close(&hub);
  open_now = false;
}

/* A hub serves many inputs: what one leaves behind is what the next must bear. */
static void prepare(bool sealed)
{
  static bool once;
  if (!once) (void)atexit(close_hub);
  once = true;
  if (open_now && entries < ENTRIES_EACH && (sealed || !sealed_now)) {
    if (sealed && !sealed_now) hostile_seal(&hub);
    sealed_now = sealed || sealed_now;
    return;
  }
  close_hub();
  hostile_open(&hub, sealed);
  open_now = true;
  sealed_now = sealed;
  entries = 0;
}

static int64_t number_of(const uint8_t *p, size_t n)
{
  uint64_t v = 0;
  for (size_t i = 0; i < n && i < 8; i++)
    v = v << 8 | p[i];
  if (n && n < 8 && p[0] & 0x80) v |= ~UINT64_C(0) << (8 * n);
  return (int64_t)v;
}

static struct forged value_of(const uint8_t *p, size_t n, uint8_t kind)
{
  return (struct forged){.kind = kind % 6, .n = number_of(p, n), .p = p, .size = n};
}

/* A record's names are held to a line of UTF-8 before an entry is one. */
static bool may_name(const uint8_t *p, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (p[i] < 0x20 || p[i] == 0x7f) return false;
  return n <= 120 && utf8_valid(p, n);
}

static void send(const uint8_t *data, size_t size, uint8_t mode)
{
  struct buf payload = BUF_INIT;
  char name[121] = "officer";
  struct labels labels = {.actor = name, .action = "price.add", .subject = name};
  if (mode & 4 && size) {
    size_t n = data[0] < size ? data[0] : size - 1;
    if (may_name(data + 1, n)) {
      memcpy(name, data + 1, n);
      name[n] = '\0';
    }
    data += 1 + n;
    size -= 1 + n;
  }
  if (mode & 2) {
    put_bytes(&payload, data, size);
    (void)hostile_send(&hub, EVIL, &payload, &labels);
    entries++;
  }
  int table = (mode >> 3) % T_COUNT;
  for (int i = 0; !(mode & 2) && i < CELLS_MAX && size >= 3; i++) {
    size_t n = data[2] < size - 3 ? data[2] : size - 3;
    struct forged value = value_of(data + 3, n, data[1]);
    buf_clear(&payload);
    hostile_row(&hub, &payload, table, EVIL, data[0] % hostile_columns(table), &value);
    (void)hostile_send(&hub, EVIL, &payload, &labels);
    entries++;
    data += 3 + n;
    size -= 3 + n;
  }
  buf_wipe(&payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2) return 0;
  prepare(!(data[0] & 1));
  send(data + 1, size - 1, data[0]);
  if (!sealed_now) hostile_seal(&hub);
  sealed_now = true;
  hostile_chores(&hub);
  hostile_honest_gets_through(&hub);
  hostile_look(&hub, 4);
  if (++inputs % VERIFY_EACH == 0) hostile_verifies(&hub);
  return 0;
}
