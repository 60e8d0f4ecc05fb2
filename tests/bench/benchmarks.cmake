# The anchor is packaged libosip2 (libosip2-dev). Where it is not installed, the benchmark beside it cannot be built.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(OSIP IMPORTED_TARGET libosip2)
endif()
if(OSIP_FOUND)
  set(bench ${CMAKE_CURRENT_SOURCE_DIR}/bench)
  add_executable(parse_bench ${bench}/parse_bench.cpp ${bench}/parse_cases.cpp ${bench}/parse_ours.cpp
                             ${bench}/parse_osip.cpp)
  target_link_libraries(parse_bench PRIVATE net_sip PkgConfig::OSIP)
  target_compile_definitions(parse_bench PRIVATE SALLYPORT_OSIP_VERSION="${OSIP_VERSION}")
else()
  message(STATUS "libosip2-dev is not installed: no parse_bench")
endif()
