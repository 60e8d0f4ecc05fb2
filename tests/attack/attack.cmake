# Attacks on a node that serves others meanwhile (root, for network namespaces), and the return of every phone after a
# restart. `make attack` and `make herd` measure the same on the release build.
find_program(SALLYPORT_SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(TARGET sallyport AND SALLYPORT_SYSTEM_PYTHON)
  foreach(name attack herd)
    add_test(NAME e2e.${name} COMMAND ${SALLYPORT_SYSTEM_PYTHON} -B -m pytest -q --durations=5 ${name}_test.py
             WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
    set_tests_properties(e2e.${name} PROPERTIES LABELS e2e TIMEOUT 300 ENVIRONMENT
      "SALLYPORT_BINARY=$<TARGET_FILE:sallyport>;SALLYPORT_LOAD=$<TARGET_FILE:sip_load>")
  endforeach()
  # Each attack takes its seconds: begun early, it is over when the others are.
  set_tests_properties(e2e.attack PROPERTIES COST 800)
endif()
