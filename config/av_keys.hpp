#pragma once
#include "config/fields.hpp"
#include "config/list_limits.hpp"

/// The keys of the section `av`, and of its limits.
namespace sallyport::config {

template <>
struct keys_of<av_peer_settings> {
  static constexpr key<av_peer_settings> table[] = {
    {.name = "allow",
     .must = presence::required,
     .holds = list<peers_max, &av_peer_settings::allow>,
     .meaning = "addresses and prefixes of private networks that relays may reach: see [Whom relays may "
                "reach](#whom-relays-may-reach)"},
  };
};

template <>
struct keys_of<av_listen_settings> {
  static constexpr key<av_listen_settings> table[] = {
    {.name = "listen",
     .must = presence::required,
     .holds = list<listeners_max, &av_listen_settings::listen>,
     .meaning = "UDP addresses and ports where users of this side ask for relays: outside at least one on "
                "`outside.address` and none on `inside.address`, inside all on `inside.address`"},
  };
};

template <>
struct keys_of<av_settings> {
  static constexpr key<av_settings> table[] = {
    {.name = "outside", .must = presence::required, .holds = value<&av_settings::outside>, .meaning = "users outside"},
    {.name = "inside",
     .holds = value<&av_settings::inside>,
     .meaning = "users inside; without the section they have no port of their own",
     .otherwise = "none",
     .risk = "who is inside and needs a relay asks on the outside address"},
    {.name = "realm",
     .holds = {[](const cursor& at, av_settings& into) { read_realm(at, into.realm); },
               [](const av_settings&) { return value_description{.what = value_kind::realm}; },
               path_to<&av_settings::realm>::compare},
     .meaning = "what clients are told and passwords are hashed with: 1 to 127 visible ASCII characters without quotes "
                "and backslashes",
     .otherwise = "`pool.name`",
     .risk = "a new name of the pool makes every key in `av.users` worthless"},
    {.name = "relay_ports",
     .holds = value<&av_settings::relay_ports>,
     .meaning = "UDP ports of the relays, on `outside.address`: two or more, from 1024 on, and no listener of that "
                "address among them",
     .risk = "a firewall must open them all; Linux may give one to another program: see [Whom relays may "
             "reach](#whom-relays-may-reach)"},
    {.name = "peers",
     .holds = value<&av_settings::peers>,
     .meaning = "whom relays may reach",
     .otherwise = "none",
     .risk = "relays reach public addresses alone: no phone inside"},
    {.name = "users",
     .by = renewal::reload,
     .holds = value<&av_settings::users>,
     .meaning = "a file of users: see [Who may ask for relays](#who-may-ask-for-relays). One of `av.users` and "
                "`av.secrets` must be there",
     .otherwise = "none",
     .risk = "none: `check` asks for one of the two"},
    {.name = "secrets",
     .by = renewal::reload,
     .holds = list<secrets_max, &av_settings::secrets>,
     .meaning = "one or two secrets that passwords are made with",
     .otherwise = "none",
     .risk = "none: `check` asks for one of the two"},
  };
};

template <>
struct keys_of<av_limits> {
  static constexpr key<av_limits> table[] = {
    {.name = "allocations_max",
     .holds = count<1, 1'000'000, &av_limits::allocations_max>,
     .meaning = "relays of the node; each takes one of `av.relay_ports` and an open file",
     .risk = "with the default of `av.relay_ports` the ports end first: one more relay gets 508"},
    {.name = "allocations_per_user_max",
     .holds = count<1, 1'000'000, &av_limits::allocations_per_user_max>,
     .meaning = "relays of one identity at a time",
     .risk = "one user can hold as many ports; a gateway that has one name for all its calls needs more"},
    {.name = "permissions_per_allocation_max",
     .holds = count<1, 1'024, &av_limits::permissions_per_allocation_max>,
     .meaning = "addresses that one relay exchanges packets with",
     .risk = "a client that talks to more peers over one relay gets 508"},
    {.name = "channels_per_allocation_max",
     .holds = count<1, 1'024, &av_limits::channels_per_allocation_max>,
     .meaning = "channels of one relay",
     .risk = "a client that binds more over one relay gets 508"},
    {.name = "allocation_lifetime",
     .holds = duration<second, hour, &av_limits::allocation_lifetime>,
     .meaning = "how long a relay lasts when its client asks for less, or for no time, and does not refresh it",
     .risk = "a client that vanished holds its port that long"},
    {.name = "allocation_lifetime_max",
     .holds = duration<second, 24 * hour, &av_limits::allocation_lifetime_max>,
     .meaning = "the longest that a client may ask for",
     .risk = "a client that vanished holds its port that long, if it asked for it"},
    {.name = "nonce_lifetime",
     .holds = duration<second, hour, &av_limits::nonce_lifetime>,
     .meaning = "how long a nonce is good (RFC 8656: an hour at most); clients notice nothing when it ends",
     .risk = "a request that somebody recorded can be sent again from the same address and port that long"},
    {.name = "unproved_answer_bytes_per_source",
     .holds = per_second<1'000, 10'000'000, &av_limits::unproved_answer_bytes_per_source>,
     .meaning =
       "bytes of STUN and TURN answers sent to one IPv4 address or IPv6 /64 whose clients have not proved that "
       "they are there: challenges, errors, answers to Bindings. A client that has a relay is not counted",
     .risk =
       "the default answers 800 Bindings or 500 first Allocates a second; of more clients behind one address some "
       "wait for their retransmission. A higher one lets who forges that address have more sent there"},
    {.name = "relay_port_cooldown",
     .holds = duration<second, hour, &av_limits::relay_port_cooldown>,
     .meaning = "how long the port of a relay that ended is given to nobody while there are others; when no port is "
                "free, the one that has cooled longest is",
     .risk = "none"},
    {.name = "turn_requests_in_flight_max",
     .holds = count<8, 1'000'000, &av_limits::turn_requests_in_flight_max>,
     .meaning = "requests that the actors of relays have not answered yet; past it 508",
     .risk = "none"},
  };
};

} // namespace sallyport::config
