# Runs dtc for a build rule: cmake -DDTC=... -DIN=... -DOUT=... -P dtc.cmake. A warning is an error.
execute_process(
    COMMAND ${DTC} -I dts -O dtb -o ${OUT} ${IN}
    RESULT_VARIABLE status
    ERROR_VARIABLE diagnostics)
if(NOT status EQUAL 0 OR NOT diagnostics STREQUAL "")
    file(REMOVE ${OUT})
    message(FATAL_ERROR "dtc: ${diagnostics}")
endif()
