# asmjit, which writes host instructions. ASMJIT is whether the CPU can translate guest code with it: the
# translator writes those of x86-64.
set(ASMJIT OFF)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
    find_package(asmjit CONFIG QUIET)
    set(ASMJIT ${asmjit_FOUND})
endif()
