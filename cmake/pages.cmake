# The pages become part of the programs: vite builds webui/app, and each file is embedded raw and compressed.
#
# SUNLIT_PAGES=AUTO  builds them where npm has put their packages (webui/app/node_modules), else embeds one page that says so
# SUNLIT_PAGES=ON    fetches the packages by `npm ci` when they are missing or out of date; failing is an error
# SUNLIT_PAGES=OFF   embeds the one page
set(SUNLIT_PAGES AUTO CACHE STRING "AUTO, ON or OFF: build the pages with npm")

# A library `pages` that defines pages_assets of webui/pages.h.
function(sunlit_pages app missing)
  find_program(NODE node)
  find_program(NPM npm)
  set(why "")
  if(SUNLIT_PAGES STREQUAL "OFF")
    set(why "SUNLIT_PAGES is OFF")
  elseif(NOT NODE OR NOT NPM)
    set(why "node or npm is missing (apt-get install nodejs npm)")
  elseif(SUNLIT_PAGES STREQUAL "AUTO" AND NOT EXISTS ${app}/node_modules/.package-lock.json)
    set(why "webui/app/node_modules is missing (npm ci in webui/app, or -DSUNLIT_PAGES=ON)")
  endif()
  if(why STREQUAL "")
    sunlit_pages_built(${app})
  elseif(SUNLIT_PAGES STREQUAL "ON")
    message(FATAL_ERROR "the pages cannot be built: ${why}")
  else()
    message(STATUS "the pages are not built: ${why}")
    sunlit_pages_missing(${missing})
  endif()
endfunction()

function(sunlit_pages_built app)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/pages)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${app}/src/* ${app}/public/* ${app}/index.html ${app}/vite.config.ts
    ${app}/tsconfig.json
    ${PROJECT_SOURCE_DIR}/core/domain/units.json)
  # npm writes this file last; it is newer than the lock it followed.  A build that has not made it itself looks first: whoever
  # uses the packages meanwhile would find them gone.
  set(packages ${app}/node_modules/.package-lock.json)
  add_custom_command(OUTPUT ${packages}
    COMMAND sh -c "test '${packages}' -nt '${app}/package-lock.json' || '${NPM}' ci --no-audit --no-fund --loglevel=error"
    COMMAND ${CMAKE_COMMAND} -E touch ${packages}
    DEPENDS ${app}/package-lock.json WORKING_DIRECTORY ${app} VERBATIM
    COMMENT "Fetching the packages of the pages")
  add_custom_command(OUTPUT ${out}/assets.c ${out}/assets.S
    COMMAND ${NPM} run build --silent -- --outDir ${out}/dist --emptyOutDir --logLevel warn
    COMMAND ${NODE} ${PROJECT_SOURCE_DIR}/cmake/embed-pages.mjs ${out}/dist ${out}
    DEPENDS ${sources} ${packages} ${PROJECT_SOURCE_DIR}/cmake/embed-pages.mjs ${PROJECT_SOURCE_DIR}/cmake/gzip.mjs WORKING_DIRECTORY ${app}
    COMMENT "Building the pages")
  add_library(pages STATIC ${out}/assets.c ${out}/assets.S)
  target_link_libraries(pages PUBLIC base)
endfunction()

function(sunlit_pages_missing page)
  file(SIZE ${page} size)
  file(SHA256 ${page} hash)
  string(SUBSTRING ${hash} 0 16 tag)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/pages_missing.c CONTENT
"#include \"webui/pages.h\"

extern const unsigned char pages_missing_html[];
const struct web_asset pages_assets[] = {{.path = \"/index.html\", .type = \"text/html; charset=utf-8\", .tag = \"${tag}\",
                                          .raw = pages_missing_html, .raw_size = ${size}}};
const size_t pages_asset_count = 1;
")
  add_library(pages STATIC ${CMAKE_CURRENT_BINARY_DIR}/pages_missing.c)
  target_link_libraries(pages PUBLIC base)
  sunlit_embed(pages pages_missing_html ${page})
endfunction()
