/* describe.h - tables, columns, values and actions in words, Chinese and English.
 *
 * Plain tables of data: the audit trail and the pending list decode changesets with them.  Unknown names come
 * back as they are, so that a newer schema is shown rather than hidden. */
#ifndef SUNLIT_DOMAIN_DESCRIBE_H
#define SUNLIT_DOMAIN_DESCRIBE_H

#include "core/base/bytes.h"

enum language { LANGUAGE_ZH, LANGUAGE_EN };

const char *describe_table(const char *table, enum language language);
const char *describe_column(const char *table, const char *column, enum language language);
const char *describe_action(const char *action, enum language language); /* "price.add" -> 记价格 */
const char *describe_word(const char *column, const char *word, enum language language);
/* The word that is called so in Chinese; said itself when none is. */
const char *describe_key(const char *said); /* storage, live -> 活鲜 */
const char *describe_rule(const char *rule, enum language language);

/* Values as a person reads them: fen as yuan, dates, times, enum words, yes and no, month-days, JSON fields.
 */
void describe_int(struct buf *out, const char *table, const char *column, int64_t v, enum language language);
void describe_text(struct buf *out, const char *table, const char *column, const char *v, size_t n,
                   enum language language);
/* The value of a product's, supplier's or channel's field, as a revision row keeps it: a text as it is, else
 * JSON. */
void describe_field(struct buf *out, const char *kind, const char *field, const char *v, size_t n,
                    enum language language);

/* What stands beside a security event, decoded by its kind; place: a branch by its code, may be NULL. */
struct event_reader {
  enum language language;
  void (*place)(void *ctx, uint32_t code, struct buf *out);
  void *ctx;
};
void describe_event(struct buf *out, const struct event_reader *reader, const char *kind, const char *detail);

/* Actions, so that programs, journal and pages spell them alike. */
#define ACTION_PRICE_ADD "price.add"
#define ACTION_PRICE_CORRECT "price.correct"
#define ACTION_PRICE_VOID "price.void"
#define ACTION_PRICE_IMPORT "price.import"
#define ACTION_EVALUATION_ADD "evaluation.add"
#define ACTION_EVALUATION_VOID "evaluation.void"
#define ACTION_CONFIRMATION_ADD "confirmation.add"
#define ACTION_PROPOSAL_ADD "proposal.add"
#define ACTION_PROPOSAL_DECIDE "proposal.decide"
#define ACTION_PROPOSAL_ASK "proposal.ask"
#define ACTION_PROPOSAL_ANSWER "proposal.answer"
#define ACTION_PROPOSAL_WITHDRAW "proposal.withdraw"
#define ACTION_PRICE_JUDGE "price.judge"
#define ACTION_PRODUCT_ADD "product.add"
#define ACTION_PRODUCT_CHANGE "product.change"
#define ACTION_SUPPLIER_ADD "supplier.add"
#define ACTION_SUPPLIER_CHANGE "supplier.change"
#define ACTION_CHANNEL_ADD "channel.add"
#define ACTION_CHANNEL_CHANGE "channel.change"
#define ACTION_CHANNEL_REMOVE "channel.remove"
#define ACTION_CATALOGUE_IMPORT "catalogue.import"
#define ACTION_SEED "catalogue.seed"
#define ACTION_SCORE_PUBLISH "score.publish"
#define ACTION_PRICE_REFUSE "price.refuse"
#define ACTION_PRICE_DOUBT "price.doubt"
#define ACTION_ENTRY_REFUSE "entry.refuse"
#define ACTION_WITHHOLD_ASK "withhold.ask"
#define ACTION_WITHHOLD "withhold"
#define ACTION_WITHHOLD_DECLINE "withhold.decline"
#define ACTION_LOGIN "login"
#define ACTION_ACCOUNT "account.change"
#define ACTION_ENTRY_HANDLE "entry.handle"
#define ACTION_SECURITY "security.event"
#define ACTION_UPGRADE "program.upgrade"
#define ACTION_ENTRY_LOST "entry.lost"
#define ACTION_ENTRY_FOUND "entry.found"

#endif
