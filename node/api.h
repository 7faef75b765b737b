/* api.h - the HTTP interface of the node: what a branch records, what waits, what came back.
 *
 * The routes both programs serve are in site/; docs/openapi.yaml describes all of them.  Handlers get the
 * program's struct app, write through app_commit and app_local alone, and never wait for the line.
 * THREADS: those of the web. */
#ifndef SUNLIT_NODE_API_H
#define SUNLIT_NODE_API_H

#include "site/site.h"

extern const struct web_route node_routes[];
extern const size_t node_route_count;

web_handler node_get_evidence, node_get_evidence_file, node_post_handled;
web_handler node_get_status, node_get_sync, node_post_retry, node_get_aside;
web_handler node_get_carry, node_post_carry;
web_handler node_post_price, node_get_price, node_post_price_void;
web_handler node_get_template, node_post_import, node_get_import_file;
web_handler node_post_evaluation, node_get_evaluation, node_post_evaluation_void, node_post_confirmation;
web_handler node_get_proposals, node_get_proposals_workbook, node_get_proposal, node_post_proposal,
    node_post_proposal_answer, node_post_proposal_withdrawal;

#endif
