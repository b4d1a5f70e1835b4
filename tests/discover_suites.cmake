# SPDX-License-Identifier: MIT
# Writes the file OUTPUT, in which each suite of a Boost.Test program is a test of ctest, so that they run side by side,
# the longest first. Run after the program was linked:
#   cmake -D PROGRAM=… -D NAME=… -D DEPTH=… -D LABELS=… -D THREADS=… -D TIMEOUT=… -D COST=… -D RUNNER=… -D OUTPUT=…
#         -P discover_suites.cmake
# DEPTH: how deep a suite or case lies that is a test of its own; 0: the whole program is one test. THREADS: a regular
# expression; what it matches has the label "threads", too.
execute_process(COMMAND ${PROGRAM} --list_content=HRF
  RESULT_VARIABLE result ERROR_VARIABLE content OUTPUT_VARIABLE other)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --list_content: ${result}\n${content}${other}")
endif()

set(text "# Written by ${CMAKE_CURRENT_LIST_FILE}\n")
function(add_one path)
  string(REPLACE "/" "." name "${NAME}/${path}")
  string(REGEX REPLACE "\\.$" "" name "${name}")
  set(labels ${LABELS})
  if(THREADS AND "${path}" MATCHES "${THREADS}")
    list(APPEND labels threads)
  endif()
  set(filter)
  if(path)
    set(filter "\"--run_test=${path}\"")
  endif()
  string(APPEND text "add_test([==[${name}]==] \"${RUNNER}\" \"${PROGRAM}\" --log_level=test_suite ${filter})\n"
    "set_tests_properties([==[${name}]==] PROPERTIES LABELS \"${labels}\" TIMEOUT ${TIMEOUT} COST ${COST})\n")
  set(text "${text}" PARENT_SCOPE)
endfunction()

# A line is a suite or case, indented by four blanks a level, with a star if it is enabled. Only the next line says
# whether anything lies below it.
string(REGEX REPLACE "\n$" "" content "${content}")
string(REPLACE "\n" ";" lines "${content}")
if(DEPTH EQUAL 0)
  add_one("")
  set(lines)
endif()
set(open)  # the names from the root down to the last line
set(pending "")
foreach(line IN LISTS lines ITEMS ".")  # the dot ends what is open
  string(REGEX MATCH "^( *)([^ *]*)(\\*?)" _ "${line}")
  set(name "${CMAKE_MATCH_2}")
  set(enabled "${CMAKE_MATCH_3}")
  string(LENGTH "${CMAKE_MATCH_1}" level)
  math(EXPR level "${level} / 4 + 1")
  list(LENGTH open depth)
  if(pending AND level LESS_EQUAL depth)
    add_one("${pending}")
  endif()
  set(pending "")
  while(depth GREATER_EQUAL level)
    list(POP_BACK open)
    math(EXPR depth "${depth} - 1")
  endwhile()
  list(APPEND open "${name}")
  if(enabled AND level EQUAL DEPTH)
    string(REPLACE ";" "/" path "${open}")
    add_one("${path}")
  elseif(enabled AND level LESS DEPTH)
    string(REPLACE ";" "/" pending "${open}")
  endif()
endforeach()
file(WRITE ${OUTPUT} "${text}")
