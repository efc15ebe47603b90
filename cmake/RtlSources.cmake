# Makes DIRECTORY/all.cpp of the sources that Verilator has written there.
file(GLOB sources RELATIVE ${DIRECTORY} ${DIRECTORY}/V*.cpp)
list(TRANSFORM sources REPLACE "(.+)" "#include \"\\1\"\n" OUTPUT_VARIABLE lines)
list(JOIN lines "" text)
file(WRITE ${DIRECTORY}/all.cpp "${text}")
