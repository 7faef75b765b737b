# What the journal needs of SQLite beyond being there: the preupdate hook, by which changes are captured; the session
# extension, against which the tests hold that capture and our reader of changesets (docs/decisions/0001, 0002); and a
# build of it without CVE-2023-7104, an overread in SQLite's own changeset parser.
#
# The product reads what peers send with a parser of its own, so the patch level is a second wall and not the first; but
# it also says whether a machine that keeps the books is kept up.  Upstream mended the parser after 3.43.0: every release
# from 3.44.0 on has the fix, whoever packaged it.  Debian 12 stays at 3.40.1 and carries the fix as a patch from revision
# 2+deb12u1 on, which only the package's own version can tell: the library answers 3.40.1 either way.  Any other older
# SQLite is refused, because nothing here could tell whether it was mended.
function(sunlit_check_sqlite)
  include(CheckSymbolExists)
  set(CMAKE_REQUIRED_LIBRARIES PkgConfig::sqlite)
  set(CMAKE_REQUIRED_DEFINITIONS -DSQLITE_ENABLE_SESSION=1 -DSQLITE_ENABLE_PREUPDATE_HOOK=1)
  set(CMAKE_REQUIRED_QUIET ON)
  check_symbol_exists(sqlite3session_changeset sqlite3.h SUNLIT_SQLITE_SESSION)
  check_symbol_exists(sqlite3_preupdate_hook sqlite3.h SUNLIT_SQLITE_PREUPDATE)
  if(NOT SUNLIT_SQLITE_SESSION OR NOT SUNLIT_SQLITE_PREUPDATE)
    unset(SUNLIT_SQLITE_SESSION CACHE) # so that the next configure looks again
    unset(SUNLIT_SQLITE_PREUPDATE CACHE)
    message(FATAL_ERROR "SQLite ${sqlite_VERSION} was built without SQLITE_ENABLE_SESSION or "
      "SQLITE_ENABLE_PREUPDATE_HOOK, without which changes cannot be captured or the capture not be tested: use Debian's libsqlite3-dev")
  endif()

  if(sqlite_VERSION VERSION_GREATER_EQUAL 3.44.0)
    return()
  endif()
  find_program(SUNLIT_DPKG_QUERY dpkg-query)
  find_program(SUNLIT_DPKG dpkg)
  set(package "unknown")
  if(SUNLIT_DPKG_QUERY AND SUNLIT_DPKG)
    execute_process(COMMAND ${SUNLIT_DPKG_QUERY} -W -f "\${Version}" libsqlite3-0
      OUTPUT_VARIABLE package RESULT_VARIABLE failed ERROR_QUIET)
    if(failed)
      set(package "unknown")
    endif()
  endif()
  if(NOT package STREQUAL "unknown")
    execute_process(COMMAND ${SUNLIT_DPKG} --compare-versions ${package} ge 3.40.1-2+deb12u1 RESULT_VARIABLE older)
    if(NOT older)
      return()
    endif()
  endif()
  message(FATAL_ERROR "SQLite ${sqlite_VERSION} (package libsqlite3-0: ${package}) may read past its buffer when a "
    "changeset was made to do so (CVE-2023-7104): needed is Debian's 3.40.1-2+deb12u1 or upstream 3.44.0: "
    "apt-get install --only-upgrade libsqlite3-0")
endfunction()
