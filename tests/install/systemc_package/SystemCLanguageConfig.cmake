# SystemC as one that CMake built installs it: a package of its own. Stands in for that.
find_library(systemc_library systemc REQUIRED)
add_library(SystemC::systemc INTERFACE IMPORTED)
target_link_libraries(SystemC::systemc INTERFACE ${systemc_library})
