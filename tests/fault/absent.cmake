# cmake -DCOMPILER=… -DSOURCE=… -DWORK=… -P absent.cmake: what is shipped has no point at which a test could plant a fault.
# The preset of the release does not ask for them, and a source that has some leaves no trace of them when compiled as
# there. Compiled as for tests it does, so the look finds what it looks for.
file(READ ${SOURCE}/CMakePresets.json presets)
string(JSON count LENGTH ${presets} configurePresets)
math(EXPR last "${count} - 1")
foreach(at RANGE ${last})
  string(JSON name GET ${presets} configurePresets ${at} name)
  string(JSON asked ERROR_VARIABLE absent GET ${presets} configurePresets ${at} cacheVariables SALLYPORT_FAULTS)
  if(name STREQUAL "release" AND NOT absent)
    message(FATAL_ERROR "the release is built with SALLYPORT_FAULTS=${asked}")
  endif()
endforeach()
file(STRINGS ${SOURCE}/CMakeLists.txt option REGEX "^option\\(SALLYPORT_FAULTS .* OFF\\)")
if(NOT option)
  message(FATAL_ERROR "SALLYPORT_FAULTS is on unless somebody turns it off")
endif()

file(MAKE_DIRECTORY ${WORK})
foreach(definition "-USALLYPORT_FAULTS" "-DSALLYPORT_FAULTS")
  execute_process(COMMAND ${COMPILER} -std=c++20 -O2 ${definition} -I${SOURCE} -c ${SOURCE}/net/turn/relay_table.cpp
                          -o ${WORK}/relay_table.o COMMAND_ERROR_IS_FATAL ANY)
  file(STRINGS ${WORK}/relay_table.o traces REGEX "relay_table::(open|permit|bind)|5fault")
  if(definition STREQUAL "-USALLYPORT_FAULTS" AND traces)
    message(FATAL_ERROR "the shipped code has points: ${traces}")
  elseif(definition STREQUAL "-DSALLYPORT_FAULTS" AND NOT traces)
    message(FATAL_ERROR "points leave no trace that could be looked for")
  endif()
endforeach()
