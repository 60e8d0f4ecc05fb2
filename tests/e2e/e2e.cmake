# End-to-end tests: a real registrar, real phones, three network namespaces (root). One ctest entry a file, each with a
# network, a registrar and a node of its own, so they run side by side; each ends with the counts back at zero.
find_program(SALLYPORT_SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(TARGET sallyport AND SALLYPORT_SYSTEM_PYTHON)
  file(GLOB sallyport_e2e_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/*_test.py)
  list(REMOVE_ITEM sallyport_e2e_files counts_test.py tones_test.py)
  foreach(file ${sallyport_e2e_files})
    string(REPLACE _test.py "" name ${file})
    add_test(NAME e2e.${name}
             COMMAND ${SALLYPORT_SYSTEM_PYTHON} -B -m pytest -q --durations=5 ${file} counts_test.py
             WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
    set_tests_properties(e2e.${name} PROPERTIES LABELS e2e TIMEOUT 400 ENVIRONMENT
      "SALLYPORT_BINARY=$<TARGET_FILE:sallyport>;SALLYPORT_E2E_OUTPUT=${CMAKE_BINARY_DIR}/e2e/${name}")
  endforeach()
  # The ear of the tests of media, which needs nothing of the others.
  add_test(NAME e2e.tones COMMAND ${SALLYPORT_SYSTEM_PYTHON} -B -m pytest -q tones_test.py
           WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
  set_tests_properties(e2e.tones PROPERTIES LABELS unit TIMEOUT 120)
  # The longest waits for 64*T1: begun first, it is over when the others are.
  set_tests_properties(e2e.hostile_next_hop PROPERTIES COST 1000)
  set_tests_properties(e2e.call e2e.load e2e.hostile_client e2e.media e2e.turn_limits e2e.turnutils PROPERTIES COST 900)
endif()
