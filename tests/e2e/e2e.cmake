# End-to-end tests: real registrar, real phones, three network namespaces (root). One ctest entry for the whole, since
# its parts share a network, a registrar and a node that would otherwise be made for each.
find_program(SALLYPORT_SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(TARGET sallyport AND SALLYPORT_SYSTEM_PYTHON)
  add_test(NAME e2e COMMAND ${SALLYPORT_SYSTEM_PYTHON} -B -m pytest --durations=10 ${CMAKE_CURRENT_LIST_DIR}
           WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
  set_tests_properties(e2e PROPERTIES LABELS e2e TIMEOUT 400 RUN_SERIAL TRUE ENVIRONMENT
    "SALLYPORT_BINARY=$<TARGET_FILE:sallyport>;SALLYPORT_E2E_OUTPUT=${CMAKE_BINARY_DIR}/e2e")
endif()
