# SPDX-License-Identifier: MIT
# What Debian and Ubuntu build their packages with, so that a build by hand is no weaker: checked calls of the C
# library, guards of the stack, control flow that only goes where the compiler meant it to, and tables of addresses that
# are bound before main() and read-only from then on. In optimised builds alone: checked calls need that.
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)

set(ipcm_hardened_configurations Release RelWithDebInfo MinSizeRel)
set(ipcm_hardening_options)
set(ipcm_hardening_link_options)
# Sanitizers check the same calls by themselves.
if(IPCM_HARDEN AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize|--coverage")
  check_pie_supported(LANGUAGES CXX)
  # -mbranch-protection: for AArch64 what -fcf-protection is for x86.
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard)
    string(MAKE_C_IDENTIFIER "IPCM_HAS${flag}" known)
    check_cxx_compiler_flag(${flag} ${known})
    if(${known})
      list(APPEND ipcm_hardening_options ${flag})
    endif()
  endforeach()
  if(NOT CMAKE_CXX_FLAGS MATCHES "_FORTIFY_SOURCE")  # else who packages it has chosen
    list(APPEND ipcm_hardening_options -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  endif()
  check_linker_flag(CXX "LINKER:-z,relro,-z,now" IPCM_HAS_RELRO)
  if(IPCM_HAS_RELRO)
    set(ipcm_hardening_link_options LINKER:-z,relro,-z,now)
  endif()
endif()

# ipcm_harden(TARGET...)
function(ipcm_harden)
  string(REPLACE ";" "," configurations "${ipcm_hardened_configurations}")
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE
      "$<$<CONFIG:${configurations}>:${ipcm_hardening_options}>")
    get_target_property(type ${target} TYPE)
    if(type MATCHES "^(SHARED_LIBRARY|EXECUTABLE)$")
      target_link_options(${target} PRIVATE ${ipcm_hardening_link_options})
    endif()
    if(ipcm_hardening_options)
      set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    endif()
  endforeach()
endfunction()
