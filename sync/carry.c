#include "sync/carry.h"

#include <string.h>

static const char magic[] = "sunlit.carry.v1\n";
enum { MAGIC_SIZE = sizeof magic - 1, COUNT_AT = MAGIC_SIZE + 1 + 4 + 4 + 8 + 8 + 8 + 8 };

bool carry_is(const void *p, size_t n)
{
  return n >= MAGIC_SIZE && memcmp(p, magic, MAGIC_SIZE) == 0;
}

void carry_begin(struct buf *out, const struct carry_head *head)
{
  put_bytes(out, magic, MAGIC_SIZE);
  put_u8(out, (uint8_t)head->kind);
  put_u32(out, head->province);
  put_u32(out, head->branch);
  put_u64(out, head->acked_seq);
  put_u64(out, head->held_size);
  put_u64(out, head->shared_seq);
  put_u64(out, head->directed_seq);
  put_u32(out, 0);
}

bool carry_end(struct buf *out, uint32_t count, struct err *err)
{
  if (out->bad) return err_set(err, ERR_LIMIT, "out of memory for a file to carry");
  for (int i = 0; i < 4; i++)
    out->data[COUNT_AT + i] = (uint8_t)(count >> (24 - 8 * i));
  return true;
}

static bool malformed(struct err *err, const char *what)
{
  return err_rule(err, ERR_INPUT, "file", "carry", "this is not a whole file of entries or receipts: %s",
                  what);
}

static bool may_hold(enum carry_kind kind, uint8_t type)
{
  if (type == FRAME_BATCH) return true;
  if (kind == CARRY_HISTORY)
    return type == FRAME_RECALLED || type == FRAME_SIGNATURES || type == FRAME_MIRROR ||
           type == FRAME_TILES || type == FRAME_BROUGHT;
  if (type == FRAME_STANDING) return true;
  if (kind == CARRY_ENTRIES) return type == FRAME_WITNESSED;
  return type == FRAME_CHECKPOINT || type == FRAME_LEAVES;
}

bool carry_next(struct carry_reader *reader, struct frame *item)
{
  if (reader->left == 0) return false;
  reader->left--;
  item->size = get_u32(&reader->items);
  item->type = (enum frame_type)get_u8(&reader->items);
  item->body = get_bytes(&reader->items, item->size);
  return !reader->items.bad;
}

static struct carry_head read_head(struct reader *r)
{
  struct carry_head head = {.kind = (enum carry_kind)get_u8(r)};
  head.province = get_u32(r);
  head.branch = get_u32(r);
  head.acked_seq = get_u64(r);
  head.held_size = get_u64(r);
  head.shared_seq = get_u64(r);
  head.directed_seq = get_u64(r);
  head.count = get_u32(r);
  return head;
}

bool carry_open(struct carry_reader *out, const void *p, size_t n, struct err *err)
{
  if (n > CARRY_SIZE_MAX + FRAME_SIZE_MAX) return malformed(err, "it is too long");
  if (!carry_is(p, n))
    return err_rule(err, ERR_INPUT, "file", "not_carried",
                    "this is no file of entries, no receipt and no history: it begins with something else");
  struct reader r = reader_of((const uint8_t *)p + MAGIC_SIZE, n - MAGIC_SIZE);
  const struct carry_head head = read_head(&r);
  bool sane = head.kind >= CARRY_ENTRIES && head.kind <= CARRY_HISTORY && head.count <= CARRY_ITEMS_MAX &&
              head.acked_seq <= SEQ_MAX && head.shared_seq <= SEQ_MAX && head.directed_seq <= SEQ_MAX &&
              head.held_size <= INT64_MAX;
  if (r.bad || !sane) return malformed(err, "its head is out of bounds");
  struct carry_reader whole = {.head = head, .items = r, .left = head.count};
  *out = whole;
  struct frame item;
  while (carry_next(&whole, &item))
    if (!may_hold(head.kind, (uint8_t)item.type) || item.size > frame_size_max(item.type))
      return malformed(err, "it holds an item of a wrong type or size");
  if (!reader_done(&whole.items)) return malformed(err, "it was cut off, or something follows its end");
  return true;
}

/* Each by what it is and where it belongs. */
static bool other_kind(const struct carry_head *head, struct err *err)
{
  if (head->kind == CARRY_ENTRIES)
    return err_rule(
        err, ERR_INPUT, "file", "carry_entries",
        "this is what branch %u hands to the province, on its way out: sunlit-hub accept takes it "
        "there and writes the receipt",
        head->branch);
  if (head->kind == CARRY_RECEIPT)
    return err_rule(err, ERR_INPUT, "file", "carry_receipt",
                    "this is the province's receipt for branch %u: it goes back to that branch",
                    head->branch);
  return err_rule(err, ERR_INPUT, "file", "carry_history",
                  "this is all that branch %u holds of the log: sunlit-hub rebuild --from-branches takes it",
                  head->branch);
}

bool carry_may_be(const void *p, size_t n, enum carry_kind door, struct err *err)
{
  if (n < CARRY_HEAD_SIZE || !carry_is(p, n)) return true;
  struct reader r = reader_of((const uint8_t *)p + MAGIC_SIZE, n - MAGIC_SIZE);
  const struct carry_head head = read_head(&r);
  return head.kind == door || head.kind < CARRY_ENTRIES || head.kind > CARRY_HISTORY ||
         other_kind(&head, err);
}

bool carry_fits(const struct carry_head *head, const struct carry_door *door, struct err *err)
{
  if (door->province && head->province != door->province)
    return err_rule(err, ERR_INPUT, "file", "carry_other_province",
                    "this file is of the province %u, and this is %u", head->province, door->province);
  if (door->branch && head->branch != door->branch)
    return err_rule(err, ERR_INPUT, "file", "carry_other_branch", "this is %s of branch %u, and this is %u",
                    head->kind == CARRY_RECEIPT   ? "the receipt"
                    : head->kind == CARRY_ENTRIES ? "the outgoing file"
                                                  : "the history",
                    head->branch, door->branch);
  return head->kind == door->kind || other_kind(head, err);
}
