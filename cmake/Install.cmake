# What `cmake --install` puts into a prefix: headers, libraries, a CMake package, pkg-config files.
include(CMakePackageConfigHelpers)

set(SMMU_VP_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/smmu-vp)
set(SMMU_VP_PC_DIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# The prefix as seen from a .pc file, so that an installed tree can be moved.
file(RELATIVE_PATH SMMU_VP_PC_PREFIX /${SMMU_VP_PC_DIR} /)
string(REGEX REPLACE "/$" "" SMMU_VP_PC_PREFIX ${SMMU_VP_PC_PREFIX})

# Installs one library as smmu::NAME: its archive, the headers under INCLUDE_DIR, its target file
# and its .pc file.
function(smmu_vp_install_library name include_dir)
    set_target_properties(smmu_${name} PROPERTIES EXPORT_NAME ${name})
    install(TARGETS smmu_${name} EXPORT smmu-vp-${name}-targets)
    install(
        EXPORT smmu-vp-${name}-targets
        NAMESPACE smmu::
        DESTINATION ${SMMU_VP_CMAKE_DIR})
    install(
        DIRECTORY ${include_dir}/smmu
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING
        PATTERN "*.h"
        PATTERN "*.hpp"
        PATTERN "*.def")
    configure_file(cmake/smmu-${name}.pc.in smmu-${name}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/smmu-${name}.pc DESTINATION ${SMMU_VP_PC_DIR})
endfunction()

smmu_vp_install_library(core component/include)
smmu_vp_install_library(dpi component/dpi/include)
set(SMMU_VP_SV_DIR ${CMAKE_INSTALL_DATADIR}/smmu-vp)
install(TARGETS smmu_dpi_module LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES component/dpi/smmu_pkg.sv DESTINATION ${SMMU_VP_SV_DIR})
smmu_vp_install_library(replay component/replay/include)
if(TARGET smmu_tlm)
    smmu_vp_install_library(tlm component/tlm/include)
    smmu_vp_install_library(pins component/pins/include)
    smmu_vp_install_library(recorder component/replay/include)
    install(FILES cmake/SystemC.cmake DESTINATION ${SMMU_VP_CMAKE_DIR})
endif()

configure_package_config_file(
    cmake/smmu-vp-config.cmake.in smmu-vp-config.cmake INSTALL_DESTINATION ${SMMU_VP_CMAKE_DIR}
    PATH_VARS SMMU_VP_SV_DIR CMAKE_INSTALL_LIBDIR
    NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(smmu-vp-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/smmu-vp-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/smmu-vp-config-version.cmake
        DESTINATION ${SMMU_VP_CMAKE_DIR})
