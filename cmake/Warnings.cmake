# Every target of the project links `project_options`: warnings are errors, and the instrumentation
# asked for on the command line applies to all code alike.
add_library(project_options INTERFACE)
target_compile_options(
    project_options
    INTERFACE -Wall -Wextra -Werror $<$<COMPILE_LANGUAGE:C>:-pedantic>
              $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
              $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>)

# Targets of component/ and of platform/cpu, and the C libraries of devices, of the bus and of what devices
# share, link `strict_options` too: a value becomes narrower, or changes its sign, only where the source
# says so.
add_library(strict_options INTERFACE)
target_compile_options(strict_options INTERFACE -Wconversion -Wsign-conversion -Wshadow -Wcast-qual)

# Programs with SystemC have a source of their own where they are sanitized: it says why.
set(main_stack)
if(SMMU_VP_SANITIZE)
    set(main_stack ${PROJECT_SOURCE_DIR}/cmake/main_stack.c)
    target_compile_options(project_options INTERFACE -fsanitize=${SMMU_VP_SANITIZE}
                                                     -fno-sanitize-recover=all
                                                     -fno-omit-frame-pointer)
    target_link_options(project_options INTERFACE -fsanitize=${SMMU_VP_SANITIZE})
endif()

if(SMMU_VP_COVERAGE)
    target_compile_options(project_options INTERFACE --coverage -O0)
    target_link_options(project_options INTERFACE --coverage)
endif()
