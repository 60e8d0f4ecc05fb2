#include "config/dev.hpp"

namespace sallyport::config {

model development_model() {
  const auto loopback = *ip_address::parse("127.0.0.1");
  access_settings access;
  access.outside.listen = {{loopback, 5443}};
  access.inside.listen = {loopback, 5062};
  access.inside.transport = transport::tcp;
  access.inside.peers = {*ip_prefix::parse("127.0.0.0/8")};
  access.next_hop = {{loopback, 5060}, transport::tcp, {}};

  av_settings av;
  av.outside.listen = {{loopback, 3478}};
  av.realm = "localhost";

  model value;
  value.node = {"dev", 0};
  value.services = {service::access, service::av};
  value.pool.name = "localhost";
  value.domains = {"localhost"};
  value.outside.address = loopback;
  value.inside.address = loopback;
  value.access = std::move(access);
  value.av = std::move(av);
  value.metrics.listen = endpoint{loopback, 9464};
  value.development = true;
  return value;
}

turn_credentials development_turn_credentials() {
  // MD5("dev:localhost:dev"). A password that everyone knows, on a port that only this host can reach.
  constexpr decltype(turn_user::key) key{0x72, 0x60, 0x58, 0x7d, 0xa1, 0xf4, 0xfc, 0xd7,
                                         0xea, 0x19, 0x0d, 0xc1, 0x69, 0x0b, 0x21, 0x02};
  return {.users = {{"dev", key, "dev@localhost"}}, .secrets = {}};
}

} // namespace sallyport::config
