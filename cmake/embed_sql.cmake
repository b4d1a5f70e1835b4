# SPDX-License-Identifier: MIT
# Writes the SQL files of the route into a C++ source, so that the library needs no file of its own at run time.
# Run as a script: cmake -DSCHEMA=FILE -DMIGRATIONS=DIR -DOUTPUT=FILE -P embed_sql.cmake

file(READ "${SCHEMA}" schema)
file(GLOB migrations "${MIGRATIONS}/[0-9][0-9][0-9][0-9]_*.sql")
list(SORT migrations)

set(source "// Generated from ${SCHEMA} and the migrations.\n#include \"storage/sqlite/schema.hpp\"\n\n")
string(APPEND source "namespace ipcm::storage::sqlite {\n\n")
string(APPEND source "const char* const kSchemaSql = R\"~sql~(${schema})~sql~\";\n\n")
string(APPEND source "namespace {\nconst Migration kAll[] = {\n")
set(expected 0)
foreach(migration IN LISTS migrations)
  math(EXPR expected "${expected} + 1")
  get_filename_component(name "${migration}" NAME)
  string(REGEX MATCH "^[0-9]+" digits "${name}")
  math(EXPR version "${digits}" OUTPUT_FORMAT DECIMAL)
  if(NOT version EQUAL expected)
    message(FATAL_ERROR "${name}: migrations are numbered 0001, 0002, ... without a gap; expected number ${expected}")
  endif()
  file(READ "${migration}" text)
  string(APPEND source "    {${version}, \"${name}\", R\"~sql~(${text})~sql~\"},\n")
endforeach()
string(APPEND source "};\n}  // namespace\n\nconst std::span<const Migration> kMigrations{kAll};\n\n")
string(APPEND source "}  // namespace ipcm::storage::sqlite\n")
file(WRITE "${OUTPUT}" "${source}")
