/* routes.h - the handlers both programs serve, and pieces of answers they share with the programs' own.
 * THREADS: those of the web. */
#ifndef SUNLIT_SITE_ROUTES_H
#define SUNLIT_SITE_ROUTES_H

#include "core/domain/evaluation.h"
#include "core/domain/price.h"
#include "core/domain/price_stat.h"
#include "core/domain/proposal.h"
#include "core/domain/season.h"
#include "core/domain/supplier.h"
#include "site/answer.h"
#include "site/place.h"

web_handler get_session, get_sessions, post_session_logout, post_login, post_logout, post_password;
web_handler get_accounts, post_account, patch_account, post_account_reset, post_account_logout,
    post_account_unlock;
web_handler get_catalogue, get_catalogue_workbook, get_product, get_product_prices, get_divisions;
web_handler get_suppliers, get_suppliers_workbook, get_supplier;
web_handler get_prices, get_prices_workbook, get_evaluations, get_evaluations_workbook;

/* name_zh and name_en of this site. */
bool site_name_out(struct app *app, struct db *db, struct json_out *out, struct err *err);

/* A product as lists show it (schema Item), as an element or a member. */
void item_out(struct json_out *out, const char *key, const struct catalogue_item *item);
void seasons_out(struct json_out *out, const struct season *list, size_t count);
void channel_out(struct json_out *out, const struct channel *row);
void period_out(struct json_out *out, const struct price_period *row);

/* Rows of the ledger with their place; a fault is remembered in the place. */
struct ledger_out {
  struct json_out *out;
  struct place place;
};
void price_out(void *ledger, const struct price_row *row);                      /* an element */
void price_members_out(struct ledger_out *ledger, const struct price_row *row); /* inside an open object */
void evaluation_out(void *ledger, const struct evaluation_row *row);
/* sort, from and to of a list of proposals. */
bool proposal_asked(struct web_request *request, struct proposal_filter *filter, struct err *err);
void proposal_out(void *ledger, const struct proposal_row *row);
void proposal_members_out(struct ledger_out *ledger, const struct proposal_row *row);
/* What was asked and answered about it, and the values that were mended. */
bool talk_out(struct json_out *out, struct db *db, uint32_t branch, int64_t id, struct err *err);
extern const struct list_sheet proposal_sheet, review_sheet;

#endif
