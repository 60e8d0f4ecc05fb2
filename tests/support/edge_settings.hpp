#pragma once
#include <memory>

#include "net/io/sip_endpoint.hpp"
#include "tests/support/edge_keys.hpp"

namespace sallyport::test {

/// One lane's SIP with plain TCP on both sides; nobody judges yet.
inline io::sip_settings sip_settings_toward(const endpoint& next_hop) {
  io::sip_settings made;
  made.user.facts = edge_facts();
  made.user.traces = {3, 4};
  made.user.table_hash = {1, 2};
  made.next_hops.push_back({.connection = {.remote = next_hop}});
  return made;
}

} // namespace sallyport::test
