#include <osipparser2/osip_parser.h>
#include <osipparser2/sdp_message.h>
#include <sys/time.h>

#include <cstdlib>

#include "tests/bench/checksum.hpp"
#include "tests/bench/parse_contenders.hpp"

namespace sallyport::bench {
namespace {

std::uint64_t number(const char* digits) {
  return digits ? static_cast<std::uint64_t>(std::atoi(digits)) : 0;
}

template <class Element, class Visit>
void for_each(const osip_list_t& list, const Visit& visit) {
  osip_list_iterator_t at;
  for (auto* element = osip_list_get_first(&list, &at); osip_list_iterator_has_elem(at);
       element = osip_list_get_next(&at))
    visit(*static_cast<Element*>(element));
}

/// The value of a parameter, null when there is none. osip's own interface takes names it never writes to as `char*`.
const char* param(osip_list_t& params, const char* name) {
  osip_uri_param_t* found = nullptr;
  osip_uri_param_get_byname(&params, const_cast<char*>(name), &found);
  return found ? found->gvalue : nullptr;
}

void add_uri(checksum& sum, const osip_uri_t* uri) {
  if (!uri)
    return;
  sum.add(uri->scheme);
  sum.add(uri->username);
  sum.add(uri->host);
  sum.add(number(uri->port));
}

/// osip has one structure for From, To, Contact, Route and Record-Route.
void add_name_addr(checksum& sum, osip_from_t& named, bool is_route = false) {
  sum.add(named.displayname);
  sum.add(param(named.gen_params, "tag"));
  add_uri(sum, named.url);
  osip_uri_param_t* lr = nullptr;
  if (is_route && named.url)
    osip_uri_param_get_byname(&named.url->url_params, const_cast<char*>("lr"), &lr);
  sum.add(std::uint64_t{lr != nullptr});
}

void add_via(checksum& sum, osip_via_t& via) {
  sum.add(via.protocol);
  sum.add(via.host);
  sum.add(number(via.port));
  sum.add(param(via.via_params, "branch"));
  sum.add(param(via.via_params, "received"));
}

void add_connection(checksum& sum, const sdp_connection_t& connection) {
  sum.add(connection.c_nettype);
  sum.add(connection.c_addrtype);
  sum.add(connection.c_addr);
}

void add_media(checksum& sum, const sdp_media_t& media) {
  sum.add(media.m_media);
  sum.add(media.m_port);
  sum.add(media.m_proto);
  for_each<char>(media.m_payloads, [&](const char& payload) { sum.add(&payload); });
  for_each<sdp_connection_t>(media.c_connections, [&](const auto& line) { add_connection(sum, line); });
  for_each<sdp_attribute_t>(media.a_attributes, [&](const auto& attribute) {
    if (std::string_view{attribute.a_att_field} == "candidate")
      sum.add(attribute.a_att_value);
  });
}

void add_sdp(checksum& sum, const osip_message_t* message) {
  osip_body_t* body = nullptr;
  sdp_message_t* sdp = nullptr;
  if (osip_message_get_body(message, 0, &body) < 0 || sdp_message_init(&sdp) != 0)
    return;
  if (sdp_message_parse(sdp, body->body) == 0) {
    if (sdp->c_connection)
      add_connection(sum, *sdp->c_connection);
    for_each<sdp_media_t>(sdp->m_medias, [&](const auto& media) { add_media(sum, media); });
  }
  sdp_message_free(sdp);
}

void add_message(checksum& sum, osip_message_t* message) {
  sum.add(message->sip_method);
  add_uri(sum, message->req_uri);
  for_each<osip_via_t>(message->vias, [&](auto& via) { add_via(sum, via); });
  for_each<osip_route_t>(message->routes, [&](auto& route) { add_name_addr(sum, route, true); });
  for_each<osip_record_route_t>(message->record_routes, [&](auto& route) { add_name_addr(sum, route, true); });
  for_each<osip_contact_t>(message->contacts, [&](auto& contact) { add_name_addr(sum, contact); });
  add_name_addr(sum, *message->from);
  add_name_addr(sum, *message->to);
  sum.add(message->call_id->number);
  if (message->call_id->host) {
    sum.add(std::string_view{"@"});
    sum.add(message->call_id->host);
  }
  sum.add(number(message->cseq->number));
  sum.add(message->cseq->method);
  osip_header_t* max_forwards = nullptr;
  osip_message_get_max_forwards(message, 0, &max_forwards);
  sum.add(number(max_forwards ? max_forwards->hvalue : nullptr));
  const auto* type = message->content_type;
  if (type && type->subtype && std::string_view{type->subtype} == "sdp")
    add_sdp(sum, message);
}

} // namespace

std::uint64_t read_with_osip(const std::string& message) {
  static const bool is_ready = parser_init() == 0; // Once a process.
  osip_message_t* parsed = nullptr;
  if (!is_ready || osip_message_init(&parsed) != 0)
    return 0;
  checksum sum;
  if (osip_message_parse(parsed, message.data(), message.size()) == 0)
    add_message(sum, parsed);
  osip_message_free(parsed);
  return sum.value();
}

} // namespace sallyport::bench
