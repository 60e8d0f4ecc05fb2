# What `make mutate` may change in a source, and what it must leave alone. Mutating is no test of every build.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
add_test(NAME unit.mutate_test COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_LIST_DIR}/mutate_test.py)
set_tests_properties(unit.mutate_test PROPERTIES LABELS unit TIMEOUT 60)
