/* api.h - the HTTP interface of the province: the board, the queue of proposals, the catalogue's editor, the
 * comparison of prices, the audit trail, and who is let in.
 *
 * The routes both programs serve are in site/; docs/openapi.yaml describes all of them.  THREADS: those of
 * the web. */
#ifndef SUNLIT_HUB_API_H
#define SUNLIT_HUB_API_H

#include "site/site.h"

extern const struct web_route hub_routes[];
extern const size_t hub_route_count;

web_handler hub_get_status, hub_get_board, hub_get_board_workbook;
web_handler hub_get_reviews, hub_get_reviews_workbook, hub_get_review, hub_post_decision, hub_post_question;
web_handler hub_get_price_doubts, hub_post_price_doubt;
web_handler hub_post_product, hub_patch_product, hub_get_delisted, hub_post_catalogue;
web_handler hub_get_catalogue_template, hub_get_pinyin;
web_handler hub_post_supplier, hub_patch_supplier, hub_post_channel, hub_patch_channel;
web_handler hub_get_compare, hub_get_compare_workbook;
web_handler hub_get_audit, hub_get_audit_workbook, hub_get_audit_entry, hub_get_audit_bytes;
web_handler hub_get_audit_branches, hub_get_audit_branches_workbook;
web_handler hub_get_audit_events, hub_get_audit_events_workbook, hub_get_audit_keys,
    hub_get_audit_keys_workbook;
web_handler hub_get_behind, hub_get_audit_row;
web_handler hub_get_aside, hub_get_quarantine, hub_get_quarantine_workbook, hub_post_handled,
    hub_post_audit_checkpoint;
web_handler hub_get_withholding, hub_post_withholding, hub_post_withholding_carry_out;
web_handler hub_post_withholding_decline, hub_get_withhold_requests;
web_handler hub_get_log_checkpoint, hub_get_log_keys, hub_get_log_tile, hub_get_log_witnessed;
web_handler hub_get_log_checkpoint_witnessed;
web_handler hub_get_log_witnessed_note;
web_handler hub_get_evidence, hub_get_evidence_of_many;
web_handler hub_get_branches, hub_get_branches_workbook, hub_post_invite, hub_post_invite_withdrawal,
    hub_post_revoke;

#endif
