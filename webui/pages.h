/* pages.h - the built pages as a table of assets, made by cmake/pages.cmake from webui/app.
 * Where npm was missing at configure time it holds one page that says so. */
#ifndef SUNLIT_WEBUI_PAGES_H
#define SUNLIT_WEBUI_PAGES_H

#include "webui/web.h"

extern const struct web_asset pages_assets[];
extern const size_t pages_asset_count;

#endif
