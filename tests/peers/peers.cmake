# The package that suites of tests in Python share; these look at it without the program.
find_program(SALLYPORT_SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(SALLYPORT_SYSTEM_PYTHON)
  add_test(NAME peers.peers COMMAND ${SALLYPORT_SYSTEM_PYTHON} -B -m pytest -q peers_test.py
           WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
  set_tests_properties(peers.peers PROPERTIES LABELS unit TIMEOUT 60)
endif()
