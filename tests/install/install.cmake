# Installs the build directory BUILD into PREFIX, emptied first: nothing of an earlier install helps.
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX}
                        COMMAND_ERROR_IS_FATAL ANY)
