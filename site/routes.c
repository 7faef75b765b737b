#include "site/routes.h"

#include "site/withheld.h"

enum { OPEN = 0, ANY = ROLE_ANY, ADMIN = ROLE_ADMIN, NEW = SITE_NEW_PASSWORD, ONCE = SITE_ONCE };

/* The parameters of a list, and of its workbook, which has no pages. */
#define CATALOGUE "q group season storage origin rated confirmed sort"
#define SUPPLIERS "q status division sort order"
#define PRICES "q state sort product supplier source from to branch"
#define EVALUATIONS "q state sort product supplier from to branch"

const struct web_route site_routes[] = {
    {"GET", "/api/v1/session", get_session, 0, OPEN, NULL},
    {"POST", "/api/v1/login", post_login, WEB_STRANGER, OPEN, NULL},
    {"POST", "/api/v1/logout", post_logout, NEW, ANY, NULL},
    {"POST", "/api/v1/password", post_password, NEW, ANY, NULL},
    {"GET", "/api/v1/sessions", get_sessions, 0, ANY, NULL},
    {"POST", "/api/v1/sessions/{id}/logout", post_session_logout, 0, ANY, NULL},
    {"GET", "/api/v1/catalogue", get_catalogue, 0, ANY, CATALOGUE ANSWER_PAGED},
    {"GET", "/api/v1/catalogue.xlsx", get_catalogue_workbook, 0, ANY, CATALOGUE},
    {"GET", "/api/v1/products/{id}", get_product, 0, ANY, NULL},
    {"GET", "/api/v1/products/{id}/prices", get_product_prices, 0, ANY, "months"},
    {"GET", "/api/v1/divisions", get_divisions, 0, ANY, NULL},
    {"GET", "/api/v1/suppliers", get_suppliers, 0, ANY, SUPPLIERS ANSWER_PAGED},
    {"GET", "/api/v1/suppliers.xlsx", get_suppliers_workbook, 0, ANY, SUPPLIERS},
    {"GET", "/api/v1/suppliers/{id}", get_supplier, 0, ANY, NULL},
    {"GET", "/api/v1/prices", get_prices, 0, ANY, PRICES ANSWER_PAGED},
    {"GET", "/api/v1/prices.xlsx", get_prices_workbook, 0, ANY, PRICES},
    {"GET", "/api/v1/evaluations", get_evaluations, 0, ANY, EVALUATIONS ANSWER_PAGED},
    {"GET", "/api/v1/evaluations.xlsx", get_evaluations_workbook, 0, ANY, EVALUATIONS},
    {"GET", "/api/v1/withheld", get_withheld, 0, ANY, "branch" ANSWER_PAGED},
    {"GET", "/api/v1/withheld.xlsx", get_withheld_workbook, 0, ANY, "branch"},
    {"GET", "/api/v1/accounts", get_accounts, 0, ROLE_AUDITOR | ROLE_ADMIN, NULL},
    {"POST", "/api/v1/accounts", post_account, ONCE, ADMIN, NULL},
    {"PATCH", "/api/v1/accounts/{name}", patch_account, 0, ADMIN, NULL},
    {"POST", "/api/v1/accounts/{name}/reset", post_account_reset, ONCE, ADMIN, NULL},
    {"POST", "/api/v1/accounts/{name}/logout", post_account_logout, 0, ADMIN, NULL},
    {"POST", "/api/v1/accounts/{name}/unlock", post_account_unlock, 0, ADMIN, NULL},
};
const size_t site_route_count = sizeof site_routes / sizeof *site_routes;
