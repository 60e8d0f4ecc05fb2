#pragma once
#include "config/fields.hpp"
#include "config/list_limits.hpp"

/// The keys of the section `access`, and of its limits.
namespace sallyport::config {

template <>
struct keys_of<certificate_files> {
  static constexpr key<certificate_files> table[] = {
    {.name = "certificate",
     .must = presence::required,
     .by = renewal::reload,
     .holds = value<&certificate_files::certificate>,
     .meaning = "PEM file: the certificate, then its chain"},
    {.name = "key",
     .must = presence::required,
     .by = renewal::reload,
     .holds = value<&certificate_files::key>,
     .meaning = "PEM file: its private key"},
  };
};

template <>
struct keys_of<access_outside_settings> {
  static constexpr key<access_outside_settings> table[] = {
    {.name = "listen",
     .must = presence::required,
     .holds = list<listeners_max, &access_outside_settings::listen>,
     .meaning = "addresses and ports for users, TLS only; at least one on `outside.address`, none on `inside.address`"},
    {.name = "certificates",
     .must = presence::required,
     .by = renewal::reload,
     .holds = list<certificates_max, &access_outside_settings::certificates>,
     .meaning = "certificates, chosen by the name the client asks for (SNI); the first answers all others"},
  };
};

template <>
struct keys_of<access_inside_settings> {
  // Whether the three files must be there depends on the next hop too: `validate` says.
  static constexpr key<access_inside_settings> table[] = {
    {.name = "listen",
     .must = presence::required,
     .holds = value<&access_inside_settings::listen>,
     .meaning = "address and port for the inside's servers, on `inside.address`"},
    {.name = "transport",
     .holds = value<&access_inside_settings::transport>,
     .meaning = "`tls` (mutual) or `tcp`; plain TCP is for a network you trust",
     .risk = "none"},
    {.name = "certificate",
     .by = renewal::reload,
     .holds = value<&access_inside_settings::identity, &certificate_files::certificate>,
     .meaning = "PEM file: what this node shows to the inside, as server and as client. Required when either this "
                "listener or the next hop uses TLS, and so are the next two",
     .otherwise = "none",
     .risk = "none: `check` asks for it where it is needed"},
    {.name = "key",
     .by = renewal::reload,
     .holds = value<&access_inside_settings::identity, &certificate_files::key>,
     .meaning = "PEM file: the private key of that certificate",
     .otherwise = "none",
     .risk = "none: `check` asks for it where it is needed"},
    {.name = "ca",
     .by = renewal::reload,
     .holds = value<&access_inside_settings::ca>,
     .meaning = "PEM file: the authorities that vouch for the inside's servers",
     .otherwise = "none",
     .risk = "none: `check` asks for it where it is needed"},
    {.name = "peers",
     .holds = list<peers_max, &access_inside_settings::peers>,
     .meaning = "addresses and prefixes that may connect",
     .otherwise = "the next hop",
     .risk = "a second server of the inside that connects to this node is refused"},
  };
};

template <>
struct keys_of<next_hop_settings> {
  static constexpr key<next_hop_settings> table[] = {
    {.name = "address",
     .must = presence::required,
     .holds = value<&next_hop_settings::address>,
     .meaning =
       "the SIP server (registrar or proxy) that authenticates and routes; of the same family as `inside.address`"},
    {.name = "transport", .holds = value<&next_hop_settings::transport>, .meaning = "`tls` or `tcp`", .risk = "none"},
    {.name = "tls_name",
     .holds = value<&next_hop_settings::tls_name>,
     .meaning = "the name its certificate must carry; required with TLS",
     .otherwise = "none",
     .risk = "none: `check` asks for it where it is needed"},
  };
};

template <>
struct keys_of<remote_settings> {
  static constexpr key<remote_settings> table[] = {
    {.name = "enabled",
     .holds = value<&remote_settings::enabled>,
     .meaning = "whether our own users may come from outside at all",
     .risk = "who knows a user's password can use it from anywhere"},
  };
};

template <>
struct keys_of<access_settings> {
  static constexpr key<access_settings> table[] = {
    {.name = "outside",
     .must = presence::required,
     .holds = value<&access_settings::outside>,
     .meaning = "where users connect"},
    {.name = "inside",
     .must = presence::required,
     .holds = value<&access_settings::inside>,
     .meaning = "where the organisation's servers connect"},
    {.name = "next_hop",
     .must = presence::required,
     .holds = value<&access_settings::next_hop>,
     .meaning = "where requests of users go"},
    {.name = "remote", .holds = value<&access_settings::remote>, .meaning = "our own users outside"},
  };
};

template <>
struct keys_of<access_limits> {
  static constexpr key<access_limits> table[] = {
    // A header field is named by 16-bit offsets into the head.
    {.name = "message_head_max",
     .holds = bytes<kib, 60 * kib, &access_limits::message_head_bytes_max>,
     .meaning = "start line and headers of a SIP message",
     .risk = "a larger one gets no answer, and its connection ends"},
    {.name = "message_body_max",
     .holds = bytes<kib, mib, &access_limits::message_body_bytes_max>,
     .meaning = "body of a SIP message",
     .risk = "a larger one gets 513, and its connection ends; presence documents of many contacts can be larger"},
    {.name = "headers_max",
     .holds = count<16, 255, &access_limits::headers_max>,
     .meaning = "header fields of a SIP message",
     .risk = "a message with more gets 513; each proxy on its way has added two or more"},
    {.name = "message_rate_per_connection",
     .holds = per_second<1, 100'000, &access_limits::message_rate_per_connection>,
     .meaning = "SIP messages and keep-alives from one outside connection; one too many closes it",
     .risk = "a gateway that connects as one client loses its connection past it"},
    {.name = "flows_per_user_max",
     .holds = count<1, 100'000, &access_limits::flows_per_user_max>,
     .meaning =
       "outside connections of one lane on which the same user is registered; the oldest makes room for one more",
     .risk = "a gateway that registers as one user on more connections loses its oldest"},
    {.name = "transactions_max",
     .holds = count<1, 10'000'000, &access_limits::transactions_max>,
     .meaning =
       "SIP transactions of the node: half of them for requests that it receives, half for those that it sends",
     .risk = "a burst of registrations after an outage is answered 503 past it"},
    {.name = "unproved_transactions_max",
     .holds = count<1, 10'000, &access_limits::unproved_transactions_max>,
     .meaning = "requests under way on an outside connection on which nobody is registered; one more gets 503",
     .risk = "a phone that asks more at once before it has registered has to ask again"},
    {.name = "sessions_max",
     .holds = count<1, 10'000'000, &access_limits::sessions_max>,
     .meaning = "dialogs and exchanges of the node; one user's clients begin at most a quarter of those of a lane (16 "
                "in any case; registrations do not count)",
     .risk = "calls, subscriptions and other requests past it get 503"},
    {.name = "unproved_sessions_max",
     .holds = count<1, 10'000, &access_limits::unproved_sessions_max>,
     .meaning = "registrations and other dialogs and exchanges begun by such a connection that are under way; one more "
                "gets 503",
     .risk = "of a device with several users on one connection the first alone can register, as a connection speaks "
             "for one; the others are told to come back before they are refused"},
    {.name = "events_per_session_max",
     .holds = count<8, 4'096, &access_limits::events_per_session_max>,
     .meaning = "events on their way to one session; past it requests are refused, and ACKs, provisional responses and "
                "2xx of INVITE dropped",
     .risk = "none"},
    {.name = "lane_inbox_max",
     .holds = count<64, 1'000'000, &access_limits::lane_inbox_max>,
     .meaning = "what sessions and other lanes have to say to one lane: past it what may be lost is refused. Half as "
                "many events may be on their way to its sessions",
     .risk = "none"},
    {.name = "lane_inbox_bytes_max",
     .holds = bytes<mib, 4'096 * mib, &access_limits::lane_inbox_bytes_max>,
     .meaning = "bytes of the messages that other lanes have handed to one lane and that it has not taken yet: past it "
                "what may be lost is refused",
     .risk = "none"},
    // More than the longest message: an empty queue has room for it.
    {.name = "next_hop_queue_max",
     .holds = bytes<2 * mib, 256 * mib, &access_limits::next_hop_queue_bytes_max>,
     .meaning =
       "bytes that wait for the next hop on one lane, while the connection is made and while it does not read; "
       "past it requests outside dialogs get 503, and an eighth more is kept for what belongs to those there are",
     .risk = "more phones are refused when all come back at once"},
    // RFC 3261, 16.6 step 11: timer C must be larger than three minutes.
    {.name = "timer_c",
     .holds = duration<3 * minute + second, hour, &access_limits::timer_c>,
     .meaning = "how long a call may ring after its latest provisional response (RFC 3261, timer C)",
     .risk = "a call to a queue that only rings ends then"},
    {.name = "dialog_lifetime",
     .holds = duration<minute, 30 * 24 * hour, &access_limits::dialog_lifetime>,
     .meaning = "end of a dialog that is not refreshed, and the most that its session timer or subscription counts",
     .risk = "a call whose phones vanished without a BYE holds a session that long"},
  };
};

} // namespace sallyport::config
