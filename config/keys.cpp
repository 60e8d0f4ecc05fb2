#include "config/keys.hpp"

#include "config/binding.hpp"

namespace sallyport::config {

namespace {

using enum presence;

constexpr std::int64_t second = 1'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::uint64_t kib = 1'024;
constexpr std::uint64_t mib = 1'024 * kib;

} // namespace

template <>
struct keys_of<node_settings> {
  static constexpr key<node_settings> table[] = {
    {"name", required, value<&node_settings::name>},
    {"lanes", optional, count<&node_settings::lanes, 0, lanes_max>},
  };
};

template <>
struct keys_of<pool_settings> {
  static constexpr key<pool_settings> table[] = {
    {"name", required, value<&pool_settings::name>},
    {"nodes", optional, count<&pool_settings::nodes, 1, pool_nodes_max>},
    {"site", optional, value<&pool_settings::site>},
    {"secrets", required, list<&pool_settings::secrets, secrets_max>},
  };
};

template <>
struct keys_of<outside_settings> {
  static constexpr key<outside_settings> table[] = {
    {"address", required, value<&outside_settings::address>},
    {"nat", optional, value<&outside_settings::nat>},
  };
};

template <>
struct keys_of<inside_settings> {
  static constexpr key<inside_settings> table[] = {
    {"address", required, value<&inside_settings::address>},
  };
};

template <>
struct keys_of<media_settings> {
  static constexpr key<media_settings> table[] = {
    {"announce", optional, value<&media_settings::announce>},
  };
};

template <>
struct keys_of<certificate_files> {
  static constexpr key<certificate_files> table[] = {
    {"certificate", required, value<&certificate_files::certificate>},
    {"key", required, value<&certificate_files::key>},
  };
};

template <>
struct keys_of<access_outside_settings> {
  static constexpr key<access_outside_settings> table[] = {
    {"listen", required, list<&access_outside_settings::listen, listeners_max>},
    {"certificates", required, list<&access_outside_settings::certificates, certificates_max>},
  };
};

template <>
struct keys_of<access_inside_settings> {
  // Whether the three files must be there depends on the next hop too: `validate` says.
  static constexpr key<access_inside_settings> table[] = {
    {"listen", required, value<&access_inside_settings::listen>},
    {"transport", optional, value<&access_inside_settings::transport>},
    {"certificate", optional,
     [](const cursor& at, access_inside_settings& into) { read_value(at, into.identity.certificate); }},
    {"key", optional, [](const cursor& at, access_inside_settings& into) { read_value(at, into.identity.key); }},
    {"ca", optional, value<&access_inside_settings::ca>},
    {"peers", optional, list<&access_inside_settings::peers, peers_max>},
  };
};

template <>
struct keys_of<next_hop_settings> {
  static constexpr key<next_hop_settings> table[] = {
    {"address", required, value<&next_hop_settings::address>},
    {"transport", optional, value<&next_hop_settings::transport>},
    {"tls_name", optional, value<&next_hop_settings::tls_name>},
  };
};

template <>
struct keys_of<remote_settings> {
  static constexpr key<remote_settings> table[] = {
    {"enabled", optional, value<&remote_settings::enabled>},
  };
};

template <>
struct keys_of<access_settings> {
  static constexpr key<access_settings> table[] = {
    {"outside", required, value<&access_settings::outside>},
    {"inside", required, value<&access_settings::inside>},
    {"next_hop", required, value<&access_settings::next_hop>},
    {"remote", optional, value<&access_settings::remote>},
  };
};

template <>
struct keys_of<av_peer_settings> {
  static constexpr key<av_peer_settings> table[] = {
    {"allow", required, list<&av_peer_settings::allow, peers_max>},
  };
};

template <>
struct keys_of<av_listen_settings> {
  static constexpr key<av_listen_settings> table[] = {
    {"listen", required, list<&av_listen_settings::listen, listeners_max>},
  };
};

template <>
struct keys_of<av_settings> {
  static constexpr key<av_settings> table[] = {
    {"outside", required, value<&av_settings::outside>},
    {"inside", optional, value<&av_settings::inside>},
    {"realm", optional, [](const cursor& at, av_settings& into) { read_realm(at, into.realm); }},
    {"relay_ports", optional, value<&av_settings::relay_ports>},
    {"peers", optional, value<&av_settings::peers>},
    {"users", optional, value<&av_settings::users>},
    {"secrets", optional, list<&av_settings::secrets, secrets_max>},
  };
};

template <>
struct keys_of<restart_intensity> {
  static constexpr key<restart_intensity> table[] = {
    {"restarts", optional, count<&restart_intensity::restarts_max, 1, 1'000>},
    {"within", optional, duration<&restart_intensity::within, second, hour>},
  };
};

template <>
struct keys_of<limits> {
  static constexpr key<limits> table[] = {
    {"connections_max", optional, count<&limits::connections_max, 1, 1'000'000>},
    {"connections_per_source_max", optional, count<&limits::connections_per_source_max, 1, 1'000'000>},
    {"connection_rate_per_source", optional, per_second<&limits::connection_rate_per_source, 1, 100'000>},
    {"handshake_timeout", optional, duration<&limits::handshake_timeout, 100, minute>},
    {"protocol_timeout", optional, duration<&limits::protocol_timeout, 100, minute>},
    {"message_timeout", optional, duration<&limits::message_timeout, 100, minute>},
    {"connect_timeout", optional, duration<&limits::connect_timeout, 100, minute>},
    {"idle_timeout", optional, duration<&limits::idle_timeout, second, 24 * hour>},
    {"write_queue_max", optional, bytes<&limits::write_queue_bytes_max, 64 * kib, 16 * mib>},
    // A header field is named by 16-bit offsets into the head.
    {"message_head_max", optional, bytes<&limits::message_head_bytes_max, kib, 60 * kib>},
    {"message_body_max", optional, bytes<&limits::message_body_bytes_max, kib, mib>},
    {"headers_max", optional, count<&limits::headers_max, 16, 1'024>},
    {"message_rate_per_connection", optional, per_second<&limits::message_rate_per_connection, 1, 100'000>},
    {"transactions_max", optional, count<&limits::transactions_max, 1, 10'000'000>},
    {"sessions_max", optional, count<&limits::sessions_max, 1, 10'000'000>},
    {"events_per_session_max", optional, count<&limits::events_per_session_max, 8, 4'096>},
    {"lane_inbox_max", optional, count<&limits::lane_inbox_max, 64, 1'000'000>},
    // RFC 3261, 16.6 step 11: timer C must be larger than three minutes.
    {"timer_c", optional, duration<&limits::timer_c, 3 * minute + second, hour>},
    {"dialog_lifetime", optional, duration<&limits::dialog_lifetime, minute, 30 * 24 * hour>},
    {"restart_intensity", optional, value<&limits::restart_intensity>},
    {"allocations_max", optional, count<&limits::allocations_max, 1, 1'000'000>},
    {"allocations_per_user_max", optional, count<&limits::allocations_per_user_max, 1, 1'000'000>},
    {"permissions_per_allocation_max", optional, count<&limits::permissions_per_allocation_max, 1, 1'024>},
    {"channels_per_allocation_max", optional, count<&limits::channels_per_allocation_max, 1, 1'024>},
    {"allocation_lifetime", optional, duration<&limits::allocation_lifetime, second, hour>},
    {"allocation_lifetime_max", optional, duration<&limits::allocation_lifetime_max, second, 24 * hour>},
    {"nonce_lifetime", optional, duration<&limits::nonce_lifetime, second, hour>},
    {"unauthorized_answers_per_source", optional, per_second<&limits::unauthorized_answers_per_source, 1, 100'000>},
    {"relay_port_rest", optional, duration<&limits::relay_port_rest, second, hour>},
    {"turn_requests_in_flight_max", optional, count<&limits::turn_requests_in_flight_max, 8, 1'000'000>},
  };
};

template <>
struct keys_of<logging_settings> {
  static constexpr key<logging_settings> table[] = {
    {"level", optional, value<&logging_settings::level>},
  };
};

template <>
struct keys_of<metrics_settings> {
  static constexpr key<metrics_settings> table[] = {
    {"listen", optional, value<&metrics_settings::listen>},
  };
};

namespace {

void read_version(const cursor& at, model&) {
  if (const auto text = at.text("1"); text && *text != "1")
    at.refuse("must be 1, the only version there is");
}

void read_services(const cursor& at, model& into) {
  read_value(at, into.services);
  if (into.services.contains(service::access))
    into.access.emplace();
  if (into.services.contains(service::av))
    into.av.emplace();
}

/// The section of a service counts only on a node that runs it; elsewhere it may lie there unfinished.
template <auto Member>
void of_service(const cursor& at, model& into) {
  auto& chosen = into.*Member;
  typename std::remove_cvref_t<decltype(chosen)>::value_type aside;
  read_value(chosen ? at : at.unused(), chosen ? *chosen : aside);
}

} // namespace

template <>
struct keys_of<model> {
  // Read in this order: `services` before the sections of the services.
  static constexpr key<model> table[] = {
    {"version", required, read_version},
    {"node", required, value<&model::node>},
    {"services", required, read_services},
    {"pool", required, value<&model::pool>},
    {"domains", required, list<&model::domains, domains_max>},
    {"outside", required, value<&model::outside>},
    {"inside", required, value<&model::inside>},
    {"media", optional, value<&model::media>},
    {"access", optional, of_service<&model::access>},
    {"av", optional, of_service<&model::av>},
    {"limits", optional, value<&model::limits>},
    {"logging", optional, value<&model::logging>},
    {"metrics", optional, value<&model::metrics>},
  };
};

void read_model(const cursor& root, model& into) {
  read_value(root, into);
  if (into.access && root.at().find("access") == nullptr)
    root.refuse_missing("access");
  if (into.av && root.at().find("av") == nullptr)
    root.refuse_missing("av");
}

} // namespace sallyport::config
