#include "tests/bench/sip_load/inside_server.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <charconv>
#include <stdexcept>
#include <vector>

#include "tests/bench/sip_load/digest.hpp"

namespace sallyport::bench {
namespace {

constexpr std::string_view cookie = "z9hG4bK";
constexpr std::string_view nonce = "inside";

} // namespace

inside_server::inside_server(loop& events, inside_plan plan)
  : events_{events}, plan_{std::move(plan)}, listener_{listen_at(plan_.listen)} {
  if (listener_ < 0)
    throw std::runtime_error{"cannot listen at " + plan_.listen.text()};
  events_.watch(listener_, EPOLLIN, [this](std::uint32_t) { accept(); });
}

void inside_server::stall(duration how_long) {
  for (auto found = links_.begin(); found != links_.end();) {
    if (found->first == outward_) {
      ++found;
      continue;
    }
    found->second.stream->close();
    events_.retire(found->second.stream);
    found = links_.erase(found);
  }
  events_.change(listener_, 0);
  events_.after(how_long, [this] { events_.change(listener_, EPOLLIN); });
}

// ---- connections -------------------------------------------------------------------------------------------------

void inside_server::accept() {
  const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0)
    add(descriptor, plan_.server, tls_stream::role::server);
}

std::uint64_t inside_server::add(int descriptor, const tls_context& context, tls_stream::role as) {
  const auto number = ++links_made_;
  links_[number].stream = std::make_shared<tls_stream>(
    events_, descriptor, context, as, "",
    tls_stream::callbacks{.opened = [] {},
                          .read = [this, number](std::string_view bytes) { on_bytes(number, bytes); },
                          .closed = [this, number] { on_closed(number); }});
  return number;
}

void inside_server::on_closed(std::uint64_t number) {
  events_.retire(links_.at(number).stream);
  links_.erase(number);
}

inside_server::link& inside_server::outward() {
  if (!links_.contains(outward_)) {
    const int descriptor = connect_to(plan_.edge, {.address = plan_.listen.address, .port = 0});
    if (descriptor < 0)
      throw std::runtime_error{"cannot connect to " + plan_.edge.text()};
    outward_ = add(descriptor, plan_.client, tls_stream::role::client);
  }
  return links_.at(outward_);
}

void inside_server::on_bytes(std::uint64_t number, std::string_view bytes) {
  links_.at(number).reader.add(bytes);
  while (links_.contains(number)) {
    auto message = links_.at(number).reader.next();
    if (!message)
      return;
    if (message->is_request())
      on_request(number, std::move(*message));
    else
      on_response(std::move(*message));
  }
}

// ---- messages ----------------------------------------------------------------------------------------------------

void inside_server::on_request(std::uint64_t number, sip_message request) {
  ++requests_;
  if (user_in(uri_in(request.get("To"))).starts_with("silent"))
    return;
  if (request.method() == "REGISTER")
    return on_register(number, request);
  // A Route of ours has brought it here (RFC 3261, 16.4); the edge's, if there is one, comes next.
  if (const auto routes = request.all("Route");
      !routes.empty() && routes[0].find(plan_.listen.text()) != std::string::npos)
    request.drop_first("Route");
  if (parameter(request.get("To"), "tag").empty()) {
    const auto found = bindings_.find(std::string{user_in(request.uri())});
    if (found == bindings_.end())
      return request.method() == "ACK" ? void() : answer(number, response_to(request, "404 Not Found", "inside"));
    request.start = std::string{request.method()} + " " + std::string{uri_in(found->second.contact)} + " SIP/2.0";
    for (auto path = found->second.path.rbegin(); path != found->second.path.rend(); ++path)
      request.add_in_front("Route", *path);
    if (request.method() == "INVITE")
      request.add_in_front("Record-Route", "<sip:" + plan_.listen.text() + ";transport=tls;lr>");
  }
  forward(number, std::move(request));
}

void inside_server::on_register(std::uint64_t number, const sip_message& request) {
  if (!proved(request)) {
    ++challenged_;
    auto response = response_to(request, "401 Unauthorized", "inside");
    response.add("WWW-Authenticate",
                 "Digest realm=\"" + plan_.domain + "\", nonce=\"" + std::string{nonce} + "\", qop=\"auth\"");
    return answer(number, response);
  }
  ++registered_;
  const std::string expires{request.get("Expires")};
  const std::string contact{request.get("Contact")};
  const std::string user{user_in(uri_in(request.get("To")))};
  auto response = response_to(request, "200 OK", "inside");
  if (expires == "0") {
    bindings_.erase(user);
  } else {
    bindings_[user] = {contact, request.all("Path")};
    response.add("Contact", contact + ";expires=" + (expires.empty() ? "600" : expires));
    for (const auto& path : request.all("Path"))
      response.add("Path", path);
  }
  answer(number, response);
}

bool inside_server::proved(const sip_message& request) const {
  const auto credentials = request.get("Authorization");
  const auto user = digest_field(credentials, "username");
  return !user.empty() && user == user_in(uri_in(request.get("To"))) &&
         digest_field(credentials, "response") == digest_response({.user = user,
                                                                   .realm = plan_.domain,
                                                                   .password = std::string{user} + "-secret",
                                                                   .nonce = nonce,
                                                                   .cnonce = digest_field(credentials, "cnonce"),
                                                                   .method = "REGISTER",
                                                                   .uri = digest_field(credentials, "uri")});
}

void inside_server::forward(std::uint64_t number, sip_message request) {
  // The branch is the same for each message of a transaction (RFC 3261, 16.11), and says where its answer goes.
  const auto came_with = parameter(request.get("Via"), "branch");
  const auto branch = std::string{cookie} + std::to_string(number) + "." + std::string{came_with};
  request.add_in_front("Via", "SIP/2.0/TLS " + plan_.listen.text() + ";branch=" + branch);
  outward().stream->write(request.text());
}

void inside_server::on_response(sip_message response) {
  const auto branch = std::string{parameter(response.get("Via"), "branch")};
  std::uint64_t number = 0;
  if (!branch.starts_with(cookie) ||
      std::from_chars(branch.data() + cookie.size(), branch.data() + branch.size(), number).ec != std::errc{})
    return;
  response.drop_first("Via");
  answer(number, response);
}

void inside_server::answer(std::uint64_t number, const sip_message& response) {
  if (const auto found = links_.find(number); found != links_.end())
    found->second.stream->write(response.text());
}

std::string inside_server::take_report() {
  return "{\"requests\": " + std::to_string(std::exchange(requests_, 0)) +
         ", \"challenged\": " + std::to_string(std::exchange(challenged_, 0)) +
         ", \"registered\": " + std::to_string(std::exchange(registered_, 0)) +
         ", \"users\": " + std::to_string(bindings_.size()) + ", \"links\": " + std::to_string(links_.size()) + "}";
}

} // namespace sallyport::bench
