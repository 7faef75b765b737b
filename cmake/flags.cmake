# The flags every file of the house is compiled with.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Asserts guard against programmer errors and stay on in a release: CMake's own flags would define NDEBUG.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_RELEASE "-O2 -g" CACHE STRING "" FORCE)

option(SUNLIT_WERROR "warnings are errors" ON)
set(SUNLIT_SANITIZE "" CACHE STRING "address,undefined or thread")
option(SUNLIT_FUZZ "build the fuzz targets (clang)" OFF)

add_library(sunlit_flags INTERFACE)
target_compile_definitions(sunlit_flags INTERFACE _GNU_SOURCE SUNLIT_VERSION="${PROJECT_VERSION}")
target_compile_options(sunlit_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wundef -Wcast-qual -Wwrite-strings -Wformat=2 -Wvla -Wimplicit-fallthrough
  -fno-common -fstack-protector-strong -fPIE)
if(SUNLIT_WERROR)
  target_compile_options(sunlit_flags INTERFACE -Werror)
endif()
if(SUNLIT_SANITIZE)
  target_compile_options(sunlit_flags INTERFACE -fsanitize=${SUNLIT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(sunlit_flags INTERFACE -fsanitize=${SUNLIT_SANITIZE})
else()
  target_compile_definitions(sunlit_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
  target_link_options(sunlit_flags INTERFACE -Wl,-z,relro,-z,now -pie)
endif()
