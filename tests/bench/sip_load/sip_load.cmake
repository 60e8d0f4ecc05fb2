# Phones before an edge and the registrar behind it. It shares no code with the node that it tests.
file(GLOB sip_load_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
add_executable(sip_load ${sip_load_sources})
target_include_directories(sip_load PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(sip_load PRIVATE OpenSSL::SSL OpenSSL::Crypto)
target_compile_options(sip_load PRIVATE ${light_checks})
target_precompile_headers(sip_load REUSE_FROM precompiled)
