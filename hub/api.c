#include "hub/api.h"

#include "site/aside_page.h"
#include "sync/tlog.h"

enum { ANY = ROLE_HUB, CURATORS = ROLE_CURATOR | ROLE_ADMIN, ADMIN = ROLE_ADMIN, ONCE = SITE_ONCE };

/* The parameters of a list, and of its workbook, which has no pages. */
#define REVIEWS "state branch sort from to"
#define AUDIT "author lane action from to q state time"
#define EVENTS "group branch"

const struct web_route hub_routes[] = {
    {"GET", "/api/v1/status", hub_get_status, 0, 0, NULL},
    {"GET", "/api/v1/board", hub_get_board, 0, ANY, NULL},
    {"GET", "/api/v1/board.xlsx", hub_get_board_workbook, 0, ANY, NULL},
    {"GET", "/api/v1/reviews", hub_get_reviews, 0, ANY, REVIEWS ANSWER_PAGED},
    {"GET", "/api/v1/reviews.xlsx", hub_get_reviews_workbook, 0, ANY, REVIEWS},
    {"GET", "/api/v1/reviews/{branch}/{id}", hub_get_review, 0, ANY, NULL},
    {"POST", "/api/v1/reviews/{branch}/{id}/decision", hub_post_decision, ONCE, CURATORS, NULL},
    {"POST", "/api/v1/reviews/{branch}/{id}/question", hub_post_question, ONCE, CURATORS, NULL},
    {"GET", "/api/v1/price-doubts", hub_get_price_doubts, 0, ANY, NULL},
    {"POST", "/api/v1/price-doubts/{branch}/{id}", hub_post_price_doubt, ONCE, CURATORS, NULL},
    {"POST", "/api/v1/products", hub_post_product, ONCE, CURATORS, NULL},
    {"PATCH", "/api/v1/products/{id}", hub_patch_product, 0, CURATORS, NULL},
    {"GET", "/api/v1/delisted", hub_get_delisted, 0, ANY, NULL},
    {"GET", "/api/v1/catalogue/template.xlsx", hub_get_catalogue_template, 0, ANY, NULL},
    {"GET", "/api/v1/catalogue/pinyin", hub_get_pinyin, 0, ANY, "name"},
    {"POST", "/api/v1/catalogue/import", hub_post_catalogue, ONCE | WEB_UPLOAD | SITE_FILE_BODY, CURATORS,
     "meant from"},
    {"POST", "/api/v1/suppliers", hub_post_supplier, ONCE, CURATORS, NULL},
    {"PATCH", "/api/v1/suppliers/{id}", hub_patch_supplier, 0, CURATORS, NULL},
    {"POST", "/api/v1/channels", hub_post_channel, ONCE, CURATORS, NULL},
    {"PATCH", "/api/v1/channels/{id}", hub_patch_channel, 0, CURATORS, NULL},
    {"GET", "/api/v1/compare/{product}", hub_get_compare, 0, ANY, "days"},
    {"GET", "/api/v1/compare/{product}/counties.xlsx", hub_get_compare_workbook, 0, ANY, "days"},
    {"GET", "/api/v1/audit", hub_get_audit, 0, ANY, AUDIT ANSWER_PAGED},
    {"GET", "/api/v1/audit.xlsx", hub_get_audit_workbook, 0, ANY, AUDIT},
    {"GET", "/api/v1/audit/branches", hub_get_audit_branches, 0, ANY, NULL},
    {"GET", "/api/v1/audit/branches.xlsx", hub_get_audit_branches_workbook, 0, ANY, NULL},
    {"GET", "/api/v1/audit/behind", hub_get_behind, 0, ANY,
     "of product supplier branch price days" ANSWER_PAGED},
    {"GET", "/api/v1/audit/row/{branch}/{id}", hub_get_audit_row, 0, ANY, "by"},
    {"GET", "/api/v1/audit/events", hub_get_audit_events, 0, ANY, EVENTS ANSWER_PAGED},
    {"GET", "/api/v1/audit/events.xlsx", hub_get_audit_events_workbook, 0, ANY, EVENTS},
    {"GET", "/api/v1/audit/keys", hub_get_audit_keys, 0, ANY, NULL},
    {"GET", "/api/v1/audit/keys.xlsx", hub_get_audit_keys_workbook, 0, ANY, NULL},
    {"GET", "/api/v1/audit/quarantine", hub_get_quarantine, 0, ANY, ANSWER_PAGED},
    {"GET", "/api/v1/audit/quarantine.xlsx", hub_get_quarantine_workbook, 0, ANY, NULL},
    {"GET", "/api/v1/audit/aside", hub_get_aside, 0, ANY, NULL},
    {"POST", "/api/v1/audit/aside/{id}/retry", post_aside_retry, 0, CURATORS, NULL},
    {"POST", "/api/v1/audit/aside/{id}/leave", post_aside_leave, ONCE, CURATORS, NULL},
    {"POST", "/api/v1/audit/{pos}/handled", hub_post_handled, ONCE, CURATORS, NULL},
    {"POST", "/api/v1/audit/checkpoint", hub_post_audit_checkpoint, 0, ANY, NULL},
    {"GET", "/api/v1/audit/evidence", hub_get_evidence_of_many, 0, ANY, "pos"},
    {"GET", "/api/v1/audit/{pos}", hub_get_audit_entry, 0, ANY, NULL},
    {"GET", "/api/v1/audit/{pos}/bytes", hub_get_audit_bytes, 0, ANY, NULL},
    {"GET", "/api/v1/audit/{pos}/evidence", hub_get_evidence, 0, ANY, NULL},
    {"GET", "/api/v1/audit/{pos}/withholding", hub_get_withholding, 0, ANY, NULL},
    {"POST", "/api/v1/audit/{pos}/withholding", hub_post_withholding, ONCE, CURATORS, NULL},
    {"POST", "/api/v1/audit/{pos}/withholding/carry-out", hub_post_withholding_carry_out, ONCE, ADMIN, NULL},
    {"POST", "/api/v1/audit/{pos}/withholding/decline", hub_post_withholding_decline, ONCE, CURATORS, NULL},
    {"GET", "/api/v1/withhold-requests", hub_get_withhold_requests, 0, ANY, "state"},
    {"GET", "/log/checkpoint", hub_get_log_checkpoint, 0, 0, NULL},
    {"GET", "/log/" CHECKPOINT_WITNESSED, hub_get_log_checkpoint_witnessed, 0, 0, NULL},
    {"GET", "/log/keys.txt", hub_get_log_keys, 0, 0, NULL},
    {"GET", "/log/witnessed", hub_get_log_witnessed, 0, 0, NULL},
    {"GET", "/log/witnessed/{day}/{n}", hub_get_log_witnessed_note, 0, 0, NULL},
    {"GET", "/log/tile/{level}/{n}", hub_get_log_tile, 0, 0, NULL},
    {"GET", "/log/tile/{level}/{x}/{n}", hub_get_log_tile, 0, 0, NULL},
    {"GET", "/log/tile/{level}/{x}/{y}/{n}", hub_get_log_tile, 0, 0, NULL},
    {"GET", "/api/v1/branches", hub_get_branches, 0, ANY, NULL},
    {"GET", "/api/v1/branches.xlsx", hub_get_branches_workbook, 0, ANY, NULL},
    {"POST", "/api/v1/invites", hub_post_invite, ONCE, ADMIN, NULL},
    {"POST", "/api/v1/branches/{branch}/invite/withdrawal", hub_post_invite_withdrawal, ONCE, ADMIN, NULL},
    {"POST", "/api/v1/branches/{branch}/revoke", hub_post_revoke, ONCE, ADMIN, NULL},
};
const size_t hub_route_count = sizeof hub_routes / sizeof *hub_routes;
