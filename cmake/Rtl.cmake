# Models of RTL, made by Verilator, 5.006 or later. VERILATOR is the program, if it is installed: without
# it, what needs RTL is left out.
#
#   add_rtl_model(NAME [STEPPED] [PREFIX class] TOP module SOURCES file... [TRACE]
#                 [ARGUMENTS argument-of-verilator...])
#
# The static library NAME is the model of `module` as a SystemC module: a class V<module>, or PREFIX, in the
# header of its name, whose ports have the types of smmu::pins::two_state. With STEPPED it is a class of C++
# whose members are the ports and whose eval() is called, which costs far less. With TRACE it can write FST.
#
#   add_rtl_class(NAME BESIDE model PREFIX class TOP module SOURCES file...)
#
# The same as a class of C++ whose members are the ports, for programs that have a model of
# add_rtl_model() too.
#
#   add_rtl_program(NAME TOP module SOURCES file... [ARGUMENTS argument-of-verilator...])
#
# The executable NAME runs the test bench `module`, which has its own clock and ends by $finish or by an
# error. Libraries that it imports functions from are linked to it.
#
# A model is one source for the compiler, and what all models share is compiled once.
find_program(VERILATOR verilator)
if(VERILATOR)
    execute_process(
        COMMAND ${VERILATOR} --getenv VERILATOR_ROOT
        OUTPUT_VARIABLE verilator_root
        OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
add_custom_target(verilated) # all that Verilator writes
set(rtl_directory ${CMAKE_CURRENT_LIST_DIR})

# Code of Verilator: its warnings are not ours to mend, `./vp lint` reads the sources themselves, and
# nobody debugs it.
add_library(rtl_options INTERFACE)
target_compile_options(rtl_options INTERFACE -w -g0 -faligned-new)
target_compile_features(rtl_options INTERFACE cxx_std_17)

# Delays in test benches are coroutines.
add_library(rtl_coroutines INTERFACE)
target_compile_features(rtl_coroutines INTERFACE cxx_std_20)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(rtl_coroutines INTERFACE -fcoroutines)
endif()

# The part of Verilator that all models with the same `definitions` share.
function(add_rtl_runtime name)
    if(TARGET ${name})
        return()
    endif()
    cmake_parse_arguments(RTL "" "" "DEFINITIONS;SOURCES" ${ARGN})
    set(sources)
    foreach(source IN LISTS RTL_SOURCES)
        if(EXISTS ${verilator_root}/include/${source}.cpp) # versions differ
            list(APPEND sources ${verilator_root}/include/${source}.cpp)
        endif()
    endforeach()
    find_package(Threads REQUIRED)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} SYSTEM PUBLIC ${verilator_root}/include
                                                     ${verilator_root}/include/vltstd)
    target_compile_definitions(${name} PUBLIC VM_COVERAGE=0 ${RTL_DEFINITIONS})
    set_target_properties(${name} PROPERTIES EXPORT_COMPILE_COMMANDS OFF)
    target_compile_options(${name} PRIVATE -O1)
    target_link_libraries(
        ${name}
        PRIVATE rtl_options
        PUBLIC Threads::Threads)
endfunction()

# Lets Verilator write the sources of a model, and adds the one that has all of them to target `name`.
function(rtl_sources name)
    cmake_parse_arguments(RTL "" "TOP;PREFIX" "SOURCES;ARGUMENTS" ${ARGN})
    if(NOT RTL_PREFIX)
        set(RTL_PREFIX V${RTL_TOP})
    endif()
    set(directory ${CMAKE_CURRENT_BINARY_DIR}/${name}.rtl)
    list(TRANSFORM RTL_SOURCES REPLACE "^([^/].*)" "${CMAKE_CURRENT_SOURCE_DIR}/\\1")
    add_custom_command(
        OUTPUT ${directory}/all.cpp
        COMMAND ${CMAKE_COMMAND} -E rm -rf ${directory}
        COMMAND ${VERILATOR} --prefix ${RTL_PREFIX} --top-module ${RTL_TOP} --Mdir ${directory} -Wno-fatal
                --assert ${RTL_ARGUMENTS} ${RTL_SOURCES}
        COMMAND ${CMAKE_COMMAND} -D DIRECTORY=${directory} -P ${rtl_directory}/RtlSources.cmake
        DEPENDS ${RTL_SOURCES} ${rtl_directory}/RtlSources.cmake
        COMMENT "Verilating ${name}"
        VERBATIM)
    add_custom_target(${name}_verilated DEPENDS ${directory}/all.cpp)
    add_dependencies(verilated ${name}_verilated)
    add_dependencies(${name} ${name}_verilated)
    target_sources(${name} PRIVATE ${directory}/all.cpp)
    target_include_directories(${name} SYSTEM PUBLIC ${directory})
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF EXPORT_COMPILE_COMMANDS OFF)
    target_compile_options(${name} PRIVATE -O2)
    target_link_libraries(${name} PRIVATE rtl_options)
endfunction()

function(add_rtl_model name)
    cmake_parse_arguments(RTL "STEPPED;TRACE" "PREFIX;TOP" "SOURCES;ARGUMENTS" ${ARGN})
    set(runtime rtl_systemc)
    set(kind --sc)
    if(RTL_STEPPED)
        set(kind --cc)
    endif()
    set(sources verilated verilated_threads)
    set(definitions VM_SC=1 VM_TRACE=0)
    if(RTL_TRACE)
        find_package(ZLIB REQUIRED)
        list(APPEND RTL_ARGUMENTS --trace-fst)
        list(APPEND sources verilated_fst_c verilated_fst_sc)
        set(definitions VM_SC=1 VM_TRACE=1 VM_TRACE_FST=1)
        set(runtime rtl_systemc_trace)
    endif()
    add_rtl_runtime(${runtime} DEFINITIONS ${definitions} SOURCES ${sources})
    target_link_libraries(${runtime} PUBLIC SystemC::systemc $<$<BOOL:${RTL_TRACE}>:ZLIB::ZLIB>)
    add_library(${name} STATIC)
    rtl_sources(
        ${name} TOP ${RTL_TOP} PREFIX "${RTL_PREFIX}" SOURCES ${RTL_SOURCES}
        ARGUMENTS ${kind} --no-timing ${RTL_ARGUMENTS})
    target_link_libraries(${name} PUBLIC ${runtime})
    set_target_properties(${name} PROPERTIES RTL_RUNTIME ${runtime})
endfunction()

function(add_rtl_class name)
    cmake_parse_arguments(RTL "" "BESIDE;PREFIX;TOP" "SOURCES" ${ARGN})
    add_library(${name} STATIC)
    rtl_sources(
        ${name} TOP ${RTL_TOP} PREFIX ${RTL_PREFIX} SOURCES ${RTL_SOURCES} ARGUMENTS --cc --no-timing)
    get_target_property(runtime ${RTL_BESIDE} RTL_RUNTIME)
    target_link_libraries(${name} PUBLIC ${runtime})
endfunction()

function(add_rtl_program name)
    cmake_parse_arguments(RTL "" "TOP" "SOURCES;ARGUMENTS" ${ARGN})
    add_rtl_runtime(
        rtl_plain
        DEFINITIONS VM_SC=0 VM_TRACE=0
        SOURCES verilated verilated_dpi verilated_threads verilated_timing verilated_random)
    target_link_libraries(rtl_plain PRIVATE rtl_coroutines)
    add_executable(${name})
    rtl_sources(
        ${name} TOP ${RTL_TOP} SOURCES ${RTL_SOURCES} ARGUMENTS --cc --exe --main --timing -Wno-WIDTH
                                                                ${RTL_ARGUMENTS})
    target_link_libraries(${name} PRIVATE rtl_plain rtl_coroutines)
endfunction()
