# The flags every file of the house is compiled with, as the target sunlit_flags.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)

option(SUNLIT_WERROR "warnings are errors" ON)
option(SUNLIT_TESTS "build the tests too (needs cmocka)" ON)
set(SUNLIT_SANITIZE "" CACHE STRING "address,undefined or thread")
option(SUNLIT_FUZZ "build the fuzz targets too (clang)" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Asserts guard against programmer errors and stay on in a release: CMake's own flags would define NDEBUG.
foreach(config RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${config} "${CMAKE_C_FLAGS_${config}}")
endforeach()

# ccache, when the machine has it, makes the second of the five builds of ./check a short one.  Only for C: it
# does not see the files that the embedded assets pull in with .incbin.
find_program(SUNLIT_CCACHE ccache)
if(SUNLIT_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${SUNLIT_CCACHE})
endif()

add_library(sunlit_flags INTERFACE)
target_compile_definitions(sunlit_flags INTERFACE _GNU_SOURCE SUNLIT_VERSION="${PROJECT_VERSION}")
target_compile_options(sunlit_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wundef -Wcast-qual -Wwrite-strings -Wformat=2 -Wvla -Wimplicit-fallthrough
  -fno-common -fstack-protector-strong -fPIE)
# clang doubts every string of a table that is broken over two lines, which our tables of statements and errors do.
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
  target_compile_options(sunlit_flags INTERFACE -Wno-string-concatenation)
endif()
if(SUNLIT_WERROR)
  target_compile_options(sunlit_flags INTERFACE -Werror)
endif()

# Hardening: read-only relocations, address randomisation, checked string functions, stacks that cannot be
# jumped over.  The sanitizers bring their own checks and do not mix with _FORTIFY_SOURCE.
if(SUNLIT_SANITIZE)
  target_compile_options(sunlit_flags INTERFACE
    -fsanitize=${SUNLIT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sunlit_flags INTERFACE -fsanitize=${SUNLIT_SANITIZE})
else()
  target_compile_definitions(sunlit_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
  target_compile_options(sunlit_flags INTERFACE -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(sunlit_flags INTERFACE -fcf-protection)
  endif()
  target_link_options(sunlit_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -pie)
endif()
if(SUNLIT_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "the fuzz targets need clang's libFuzzer: cmake --preset fuzz")
  endif()
  target_compile_options(sunlit_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(sunlit_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
