#include "hub/api.h"

enum { ANY = ROLE_HUB, CURATORS = ROLE_CURATOR | ROLE_ADMIN, ADMIN = ROLE_ADMIN, ONCE = SITE_ONCE };

const struct web_route hub_routes[] = {
    {"GET", "/api/v1/status", hub_get_status, 0, 0},
    {"GET", "/api/v1/board", hub_get_board, 0, ANY},
    {"GET", "/api/v1/board.xlsx", hub_get_board_workbook, 0, ANY},
    {"GET", "/api/v1/reviews", hub_get_reviews, 0, ANY},
    {"GET", "/api/v1/reviews.xlsx", hub_get_reviews_workbook, 0, ANY},
    {"GET", "/api/v1/reviews/{branch}/{id}", hub_get_review, 0, ANY},
    {"POST", "/api/v1/reviews/{branch}/{id}/decision", hub_post_decision, ONCE, CURATORS},
    {"POST", "/api/v1/products", hub_post_product, ONCE, CURATORS},
    {"PATCH", "/api/v1/products/{id}", hub_patch_product, 0, CURATORS},
    {"GET", "/api/v1/delisted", hub_get_delisted, 0, ANY},
    {"POST", "/api/v1/catalogue/import", hub_post_catalogue, ONCE | WEB_UPLOAD | SITE_FILE_BODY, CURATORS},
    {"POST", "/api/v1/suppliers", hub_post_supplier, ONCE, CURATORS},
    {"PATCH", "/api/v1/suppliers/{id}", hub_patch_supplier, 0, CURATORS},
    {"POST", "/api/v1/channels", hub_post_channel, ONCE, CURATORS},
    {"PATCH", "/api/v1/channels/{id}", hub_patch_channel, 0, CURATORS},
    {"GET", "/api/v1/compare/{product}", hub_get_compare, 0, ANY},
    {"GET", "/api/v1/compare/{product}/counties.xlsx", hub_get_compare_workbook, 0, ANY},
    {"GET", "/api/v1/audit", hub_get_audit, 0, ANY},
    {"GET", "/api/v1/audit.xlsx", hub_get_audit_workbook, 0, ANY},
    {"GET", "/api/v1/audit/{pos}", hub_get_audit_entry, 0, ANY},
    {"GET", "/api/v1/audit/{pos}/bytes", hub_get_audit_bytes, 0, ANY},
    {"GET", "/api/v1/audit/{pos}/evidence", hub_get_evidence, 0, ANY},
    {"GET", "/log/checkpoint", hub_get_log_checkpoint, 0, 0},
    {"GET", "/log/keys.txt", hub_get_log_keys, 0, 0},
    {"GET", "/log/tile/{level}/{n}", hub_get_log_tile, 0, 0},
    {"GET", "/log/tile/{level}/{x}/{n}", hub_get_log_tile, 0, 0},
    {"GET", "/log/tile/{level}/{x}/{y}/{n}", hub_get_log_tile, 0, 0},
    {"GET", "/api/v1/branches", hub_get_branches, 0, ANY},
    {"GET", "/api/v1/branches.xlsx", hub_get_branches_workbook, 0, ANY},
    {"POST", "/api/v1/invites", hub_post_invite, ONCE, ADMIN},
    {"POST", "/api/v1/branches/{branch}/revoke", hub_post_revoke, ONCE, ADMIN},
};
const size_t hub_route_count = sizeof hub_routes / sizeof *hub_routes;
