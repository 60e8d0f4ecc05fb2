# That ThreadSanitizer sees into actors and their scheduler at all.
if(stage STREQUAL "tsan")
  add_executable(planted_race ${CMAKE_CURRENT_LIST_DIR}/planted_race.cpp)
  target_link_libraries(planted_race PRIVATE net_io CAF::core)
  add_dependencies(tsan_tests planted_race)
  add_test(NAME tsan.planted_race COMMAND planted_race)
  set_tests_properties(tsan.planted_race PROPERTIES LABELS tsan TIMEOUT 60 PASS_REGULAR_EXPRESSION
                       "ThreadSanitizer: data race.*hasty_actor")
endif()
