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

  model value;
  value.node = {"dev", 0};
  value.services = {service::access};
  value.pool.name = "localhost";
  value.domains = {"localhost"};
  value.outside.address = loopback;
  value.inside.address = loopback;
  value.access = std::move(access);
  value.metrics.listen = endpoint{loopback, 9464};
  value.development = true;
  return value;
}

} // namespace sallyport::config
