#pragma once
#include "config/fields.hpp"
#include "config/list_limits.hpp"

/// The keys of the node itself, of whatever services.
namespace sallyport::config {

template <>
struct keys_of<node_settings> {
  static constexpr key<node_settings> table[] = {
    {.name = "name",
     .must = presence::required,
     .holds = value<&node_settings::name>,
     .meaning = "name of this node within its pool; the log says it when the node is ready"},
    {.name = "lanes",
     .holds = count<0, lanes_max, &node_settings::lanes>,
     .meaning = "I/O threads; `0` means one for each core the process may use",
     .risk = "under a CPU quota smaller than the cores that are visible, lanes wait for each other"},
  };
};

template <>
struct keys_of<pool_settings> {
  static constexpr key<pool_settings> table[] = {
    {.name = "name",
     .must = presence::required,
     .holds = value<&pool_settings::name>,
     .meaning = "public name of the pool: clients connect to it, and Record-Route names it outside"},
    {.name = "nodes",
     .holds = count<1, pool_nodes_max, &pool_settings::nodes>,
     .meaning = "how many nodes the pool has; more than one needs a shared store, which this version does not have",
     .risk = "none: this version runs one"},
    {.name = "site",
     .holds = value<&pool_settings::site>,
     .meaning = "`central` or `remote`; a remote site runs only `conferencing` and `av`",
     .risk = "a remote site is let run services that it should not have"},
    {.name = "secrets",
     .must = presence::required,
     .holds = list<secrets_max, &pool_settings::secrets>,
     .meaning = "one or two secrets, the same on every node: see [Secrets](#secrets-and-private-keys)"},
  };
};

template <>
struct keys_of<outside_settings> {
  static constexpr key<outside_settings> table[] = {
    {.name = "address",
     .must = presence::required,
     .holds = value<&outside_settings::address>,
     .meaning = "this node's own address toward the internet, as its interface holds it"},
    {.name = "nat",
     .holds = value<&outside_settings::nat>,
     .meaning =
       "says that address translation stands between it and the internet; what the node observes can only add to this",
     .risk = "translation of a public address into another is not seen, and users outside are told the wrong one"},
  };
};

template <>
struct keys_of<inside_settings> {
  static constexpr key<inside_settings> table[] = {
    {.name = "address",
     .must = presence::required,
     .holds = value<&inside_settings::address>,
     .meaning = "this node's own address toward the organisation's servers; must differ from the outside one (loopback "
                "excepted)"},
  };
};

template <>
struct keys_of<media_settings> {
  static constexpr key<media_settings> table[] = {
    {.name = "announce",
     .holds = value<&media_settings::announce>,
     .meaning = "the public address that outside users send media to, when translation stands in front of the node",
     .otherwise = "`outside.address`",
     .risk = "behind translation users are told an address that they cannot reach"},
  };
};

template <>
struct keys_of<restart_intensity> {
  static constexpr key<restart_intensity> table[] = {
    {.name = "restarts",
     .holds = count<1, 1'000, &restart_intensity::restarts_max>,
     .meaning = "how often the node starts the supervisor of a service again, whose sessions end with it; one more, "
                "and it gives up",
     .risk = "none"},
    {.name = "within",
     .holds = duration<second, hour, &restart_intensity::within>,
     .meaning = "the time in which those restarts are counted",
     .risk = "none"},
  };
};

template <>
struct keys_of<logging_settings> {
  static constexpr key<logging_settings> table[] = {
    {.name = "level",
     .holds = value<&logging_settings::level>,
     .meaning = "`trace`, `debug`, `info`, `warn` or `error`",
     .risk = "none: the lines that repeat are limited"},
  };
};

template <>
struct keys_of<metrics_settings> {
  static constexpr key<metrics_settings> table[] = {
    {.name = "listen",
     .holds = value<&metrics_settings::listen>,
     .meaning = "address and port of the Prometheus exposition, on loopback or on `inside.address`; without it there "
                "is no listener",
     .otherwise = "none",
     .risk = "nobody sees how much the node carries and what it refuses"},
  };
};

} // namespace sallyport::config
