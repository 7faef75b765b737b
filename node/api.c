#include "node/api.h"

#include "node/proof.h"
#include "node/witness.h"
#include "site/aside_page.h"

enum { ANY = ROLE_NODE, OFFICERS = ROLE_OFFICER | ROLE_ADMIN, ONCE = SITE_ONCE };

/* The parameters of a list, and of its workbook, which has no pages. */
#define PROPOSALS "state actor q kind sort from to"

const struct web_route node_routes[] = {
    {"GET", "/api/v1/status", node_get_status, 0, 0, NULL},
    {"GET", "/api/v1/sync", node_get_sync, 0, ANY, NULL},
    {"GET", "/api/v1/sync/evidence", node_get_evidence, 0, ANY, NULL},
    {"GET", "/api/v1/sync/evidence/{id}", node_get_evidence_file, 0, OFFICERS, NULL},
    {"POST", "/api/v1/sync/refusals/{id}/handled", node_post_handled, ONCE, OFFICERS, NULL},
    {"POST", "/api/v1/sync/retry", node_post_retry, 0, ANY, NULL},
    {"GET", "/api/v1/sync/aside", node_get_aside, 0, ANY, NULL},
    {"POST", "/api/v1/sync/aside/{id}/retry", post_aside_retry, 0, OFFICERS, NULL},
    {"POST", "/api/v1/sync/aside/{id}/leave", post_aside_leave, ONCE, OFFICERS, NULL},
    {"GET", "/api/v1/sync/carry", node_get_carry, 0, OFFICERS, NULL},
    {"POST", "/api/v1/sync/carry", node_post_carry, WEB_UPLOAD | SITE_FILE_BODY, OFFICERS, NULL},
    {"POST", "/api/v1/prices", node_post_price, ONCE, OFFICERS, NULL},
    {"GET", "/api/v1/prices/template.xlsx", node_get_template, 0, OFFICERS, NULL},
    {"POST", "/api/v1/prices/import", node_post_import, ONCE | WEB_UPLOAD | SITE_FILE_BODY, OFFICERS,
     "again meant"},
    {"GET", "/api/v1/prices/import/{file}", node_get_import_file, 0, OFFICERS, NULL},
    {"GET", "/api/v1/prices/{id}", node_get_price, 0, ANY, NULL},
    {"GET", "/api/v1/entries/{row}/proof", node_get_proof, 0, ANY, NULL},
    {"POST", "/api/v1/prices/{id}/void", node_post_price_void, ONCE, OFFICERS, NULL},
    {"POST", "/api/v1/evaluations", node_post_evaluation, ONCE, ANY, NULL},
    {"GET", "/api/v1/evaluations/{id}", node_get_evaluation, 0, ANY, NULL},
    {"POST", "/api/v1/evaluations/{id}/void", node_post_evaluation_void, ONCE, ANY, NULL},
    {"POST", "/api/v1/confirmations", node_post_confirmation, ONCE, OFFICERS, NULL},
    {"GET", "/api/v1/proposals", node_get_proposals, 0, ANY, PROPOSALS ANSWER_PAGED},
    {"GET", "/api/v1/proposals.xlsx", node_get_proposals_workbook, 0, ANY, PROPOSALS},
    {"POST", "/api/v1/proposals", node_post_proposal, ONCE, ANY, NULL},
    {"GET", "/api/v1/proposals/{id}", node_get_proposal, 0, ANY, NULL},
    {"POST", "/api/v1/proposals/{id}/answer", node_post_proposal_answer, ONCE, ANY, NULL},
    {"POST", "/api/v1/proposals/{id}/withdrawal", node_post_proposal_withdrawal, ONCE, ANY, NULL},
    {"POST", "/witness/add-checkpoint", node_post_add_checkpoint, SITE_OPEN | WEB_STRANGER, 0, NULL},
};
const size_t node_route_count = sizeof node_routes / sizeof *node_routes;
