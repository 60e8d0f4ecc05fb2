# The layers of ARCHITECTURE.md, read from the sources; and a test that this reading sees what it should.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
add_test(NAME unit.layers COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/layers.py ${PROJECT_SOURCE_DIR})
add_test(NAME unit.layers_test COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/layers_test.py)
set_tests_properties(unit.layers unit.layers_test PROPERTIES LABELS unit TIMEOUT 60)
