# SPDX-License-Identifier: MIT
# What `cmake --install` puts where: headers, both libraries, the command, and package files for CMake and pkg-config.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ipcm)

install(DIRECTORY include/ipcm TYPE INCLUDE FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PROJECT_BINARY_DIR}/include/ipcm/version.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ipcm)

# What an installation has: the libraries, and the command where it is built.
add_custom_target(installable DEPENDS ipcm_static ipcm_shared $<TARGET_NAME_IF_EXISTS:ipcm>)

# An export set for each library: the shared one can be used where SQLiteCpp is not installed.
foreach(kind static shared)
  install(TARGETS ipcm_${kind} EXPORT ipcm-${kind})
  install(EXPORT ipcm-${kind} NAMESPACE ipcm:: DESTINATION ${package_dir} FILE ipcm-${kind}-targets.cmake)
endforeach()
if(TARGET ipcm)
  install(TARGETS ipcm)
endif()

# JSON values pass between a program and the library: the same version for both (include/ipcm/serializer.hpp).
if(nlohmann_json_VERSION)
  set(IPCM_NLOHMANN_JSON_FOR_CMAKE "${nlohmann_json_VERSION} EXACT")
  set(IPCM_NLOHMANN_JSON_FOR_PKG_CONFIG "= ${nlohmann_json_VERSION}")
else()
  set(IPCM_NLOHMANN_JSON_FOR_CMAKE 3.11)
  set(IPCM_NLOHMANN_JSON_FOR_PKG_CONFIG ">= 3.11")
endif()
configure_package_config_file(cmake/ipcm-config.cmake.in ${PROJECT_BINARY_DIR}/ipcm-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ipcm-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ipcm-config.cmake ${PROJECT_BINARY_DIR}/ipcm-config-version.cmake
  DESTINATION ${package_dir})

# Relative to the file itself, so that the installed tree can be moved.
file(RELATIVE_PATH pkgconfig_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/ipcm.pc.in ${PROJECT_BINARY_DIR}/ipcm.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/ipcm.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
