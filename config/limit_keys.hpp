#pragma once
#include "config/access_keys.hpp"
#include "config/av_keys.hpp"
#include "config/node_keys.hpp"

/// The keys of the section `limits`: those of connections are here, those of a service beside its other keys.
namespace sallyport::config {

template <>
struct keys_of<connection_limits> {
  static constexpr key<connection_limits> table[] = {
    {.name = "connections_max",
     .holds = count<1, 1'000'000, &connection_limits::connections_max>,
     .meaning = "connections of the node, of both sides; servers of the inside have 64 more on each lane",
     .risk = "users past it are turned away, however much memory there is"},
    {.name = "connections_per_source_max",
     .holds = count<1, 1'000'000, &connection_limits::connections_per_source_max>,
     .meaning = "connections from outside on which nobody is registered, of one IPv4 address or IPv6 /64; an office "
                "behind one NAT is one source",
     .risk = "of an office with more phones behind one address, those past it cannot connect until others have "
             "registered"},
    {.name = "unproved_bytes_per_source_max",
     .holds = bytes<64 * kib, 1'024 * mib, &connection_limits::unproved_bytes_per_source_max>,
     .meaning = "bytes that these connections of one source may have waiting to be sent, and of messages that are not "
                "whole yet; a connection that wants more is closed",
     .risk = "of many phones behind one address whose network stalls while they register, some begin again"},
    {.name = "connection_rate_per_source",
     .holds = per_second<1, 100'000, &connection_limits::connection_rate_per_source>,
     .meaning = "new connections from outside of one source",
     .risk = "a large office that reconnects at once is let in over some seconds"},
    {.name = "handshake_timeout",
     .holds = duration<100, minute, &connection_limits::handshake_timeout>,
     .meaning = "from accepting a connection to the end of its TLS handshake",
     .risk = "who says nothing holds a connection that long"},
    {.name = "protocol_timeout",
     .holds = duration<100, minute, &connection_limits::protocol_timeout>,
     .meaning = "from the end of the TLS handshake to the first bytes",
     .risk = "who says nothing holds a connection that long"},
    {.name = "proof_timeout",
     .holds = duration<second, hour, &connection_limits::proof_timeout>,
     .meaning =
       "from accepting a connection from outside until somebody has registered on it, and from the end of that "
       "registration to the next; a request of a call that goes on here starts it anew",
     .risk =
       "who does not register holds a connection that long; a phone whose user is asked for a password for longer "
       "connects again"},
    {.name = "message_timeout",
     .holds = duration<100, minute, &connection_limits::message_timeout>,
     .meaning = "from the first byte of a message to its last",
     .risk = "who sends slowly holds a buffer that long"},
    {.name = "connect_timeout",
     .holds = duration<100, minute, &connection_limits::connect_timeout>,
     .meaning = "connecting to the next hop, TLS included",
     .risk = "requests wait that long for a next hop that does not answer"},
    {.name = "idle_timeout",
     .holds = duration<second, 24 * hour, &connection_limits::idle_timeout>,
     .meaning = "an outside connection on which nothing arrives, not even a keep-alive, is closed",
     .risk = "a phone that has no keep-alive and registers less often than this cannot be called"},
    {.name = "write_queue_max",
     .holds = bytes<64 * kib, 16 * mib, &connection_limits::write_queue_bytes_max>,
     .meaning = "bytes that wait for a connection that does not read; past it, it is closed",
     .risk = "none"},
    {.name = "unproved_queue_max",
     .holds = bytes<4 * kib, 16 * mib, &connection_limits::unproved_queue_bytes_max>,
     .meaning = "the same, of a connection from outside on which nobody is registered",
     .risk = "none"},
    {.name = "proved_reserve",
     .holds = count<1, 90, &connection_limits::proved_reserve>,
     .meaning = "percent of each lane's connections, transactions and sessions that only those may take who have "
                "registered; of the others' connections an old one makes room for one more",
     .risk = "while strangers have all they may, new phones are let in only by the place of a stranger"},
  };
};

template <>
struct keys_of<limits> {
  static constexpr key<limits> table[] = {
    {.holds = group<&limits::connections>},
    {.holds = group<&limits::access>},
    {.name = "restart_intensity", .holds = value<&limits::restart_intensity>, .meaning = "when a supervisor gives up"},
    {.holds = group<&limits::av>},
  };
};

} // namespace sallyport::config
