# Tests of the program as an operator uses it: commands, exit codes, signals, files, log and listeners, on loopback alone and
# as any user. One ctest entry a file: `check`, `overrides` and `schema` start no node and count as unit tests.
find_program(SALLYPORT_SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(TARGET sallyport AND SALLYPORT_SYSTEM_PYTHON)
  file(GLOB sallyport_cli_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/*_test.py)
  foreach(file ${sallyport_cli_files})
    string(REPLACE _test.py "" name ${file})
    add_test(NAME cli.${name} COMMAND ${SALLYPORT_SYSTEM_PYTHON} -B -m pytest -q --durations=3 ${file}
             WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
    set_tests_properties(cli.${name} PROPERTIES LABELS e2e TIMEOUT 200 ENVIRONMENT
      "SALLYPORT_BINARY=$<TARGET_FILE:sallyport>;SALLYPORT_SOURCE=${CMAKE_SOURCE_DIR}")
  endforeach()
  set_tests_properties(cli.check cli.overrides cli.schema PROPERTIES LABELS unit)
  # The ports of `run --dev` are fixed.
  set_tests_properties(cli.dev PROPERTIES RESOURCE_LOCK sallyport_dev_ports)
endif()
