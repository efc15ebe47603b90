# Links the objects of the object libraries ARGN into one, `object`, whose hidden symbols become local:
# users of a library see the functions of its public headers and no others.
function(localize_hidden object)
    set(objects)
    foreach(library IN LISTS ARGN)
        list(APPEND objects $<TARGET_OBJECTS:${library}>)
    endforeach()
    add_custom_command(
        OUTPUT ${object}
        COMMAND ${CMAKE_LINKER} -r -o ${object}.all ${objects}
        COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${object}.all ${object}
        DEPENDS ${ARGN} ${objects}
        COMMAND_EXPAND_LISTS VERBATIM)
endfunction()
