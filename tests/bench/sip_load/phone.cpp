#include "tests/bench/sip_load/phone.hpp"

#include <algorithm>
#include <charconv>

#include "tests/bench/sip_load/digest.hpp"

namespace sallyport::bench {
namespace {

using std::chrono::seconds;

constexpr seconds transaction_timeout{32}; // 64*T1 (RFC 3261, 17.1.2.2).
constexpr seconds registration_lifetime{600};
constexpr unsigned backoff_doublings_max = 6;

seconds retry_after(const sip_message& response) {
  const auto value = response.get("Retry-After");
  int count = 0;
  std::from_chars(value.data(), value.data() + value.size(), count);
  return seconds{count};
}

} // namespace

phone::phone(loop& events, phone_settings& shared, std::string user, endpoint source)
  : events_{events}, shared_{shared}, user_{std::move(user)}, source_{source} {}

void phone::come() {
  leave();
  refused_ = failures_ = 0;
  connect();
}

void phone::leave() {
  events_.cancel(next_);
  events_.cancel(pings_);
  if (stream_) {
    stream_->close();
    events_.retire(std::exchange(stream_, nullptr));
  }
  registered_ = false;
  end_transactions();
}

std::string phone::address_of_record(std::string_view user) const {
  return "sip:" + std::string{user} + "@" + shared_.domain;
}

std::string phone::contact() const {
  const auto local = stream_ ? local_endpoint(stream_->descriptor()) : source_;
  return "<sip:" + user_ + "@" + local.text() + ";transport=tls>";
}

void phone::connect() {
  const int descriptor = connect_to(shared_.edge, source_);
  if (descriptor < 0)
    return refuse({});
  reader_ = {};
  was_told_ = false;
  call_id_ = std::to_string(shared_.random()) + "@" + user_;
  stream_ =
    std::make_shared<tls_stream>(events_, descriptor, shared_.context, tls_stream::role::client, shared_.server_name,
                                 tls_stream::callbacks{.opened = [this] { register_with({}); },
                                                       .read = [this](std::string_view bytes) { on_bytes(bytes); },
                                                       .closed = [this] { on_lost(); }});
}

// ---- registration ------------------------------------------------------------------------------------------------

void phone::register_with(const std::string& credentials) {
  sip_message message{.start = "REGISTER sip:" + shared_.domain + " SIP/2.0", .headers = {}, .body = {}};
  message.add("From", "<" + address_of_record(user_) + ">;tag=" + std::to_string(shared_.random()));
  message.add("To", "<" + address_of_record(user_) + ">");
  message.add("Call-ID", call_id_);
  message.add("CSeq", std::to_string(++numbers_) + " REGISTER");
  message.add("Contact", contact());
  message.add("Expires", std::to_string(registration_lifetime.count()));
  // What a real one tells too: a few hundred bytes of a registration.
  message.add("User-Agent", "Simulated phone 1.0 (sip_load)");
  message.add("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, SUBSCRIBE, INFO, MESSAGE, UPDATE, REFER");
  message.add("Supported", "gruu, replaces, norefersub");
  if (!credentials.empty())
    message.add("Authorization", credentials);
  request(std::move(message),
          [this, had = !credentials.empty()](const sip_message* response) { on_registered_answer(response, had); });
}

void phone::on_registered_answer(const sip_message* response, bool had_credentials) {
  if (!response)
    return stream_ ? refuse({}) : void(); // Where the connection ended, that is what is refused.
  const int status = response->status();
  if (status < 200)
    return;
  if (status == 401 && !had_credentials)
    return register_with(credentials_for(response->get("WWW-Authenticate")));
  if (status >= 300)
    return refuse(retry_after(*response));
  registered_ = true;
  failures_ = 0;
  next_ = events_.after(registration_lifetime / 2, [this] { register_with({}); });
  if (std::exchange(was_told_, true))
    return;
  keep_alive();
  if (then_.registered)
    then_.registered();
}

std::string phone::credentials_for(std::string_view challenge) const {
  const auto uri = "sip:" + shared_.domain;
  const auto realm = std::string{digest_field(challenge, "realm")};
  const auto nonce = std::string{digest_field(challenge, "nonce")};
  const auto response = digest_response({.user = user_,
                                         .realm = realm,
                                         .password = user_ + "-secret",
                                         .nonce = nonce,
                                         .cnonce = "c",
                                         .method = "REGISTER",
                                         .uri = uri});
  return "Digest username=\"" + user_ + "\", realm=\"" + realm + "\", nonce=\"" + nonce + "\", uri=\"" + uri +
         "\", response=\"" + response + "\", cnonce=\"c\", qop=auth, nc=00000001";
}

void phone::refuse(duration retry_after) {
  ++refused_;
  const auto wait = retry_after > duration::zero() ? retry_after : next_backoff();
  ++failures_;
  events_.cancel(next_);
  next_ = events_.after(wait, [this] { stream_ ? register_with({}) : connect(); });
}

duration phone::next_backoff() {
  const auto longest = shared_.backoff * (1U << std::min(failures_, backoff_doublings_max));
  return std::chrono::duration_cast<duration>(longest * std::uniform_real_distribution<>{0.5, 1.0}(shared_.random));
}

void phone::on_lost() {
  events_.retire(std::exchange(stream_, nullptr));
  events_.cancel(pings_);
  const bool was_registered = std::exchange(registered_, false);
  end_transactions();
  if (was_registered && then_.lost)
    then_.lost();
  refuse({});
}

// ---- transactions ------------------------------------------------------------------------------------------------

void phone::request(sip_message message, answer then) {
  auto branch = "z9hG4bK" + std::to_string(shared_.random());
  message.add_in_front("Max-Forwards", "70");
  message.add_in_front("Via", "SIP/2.0/TLS " + source_.address_text() + ":5061;rport;branch=" + branch);
  if (!stream_)
    return then ? then(nullptr) : void();
  stream_->write(message.text());
  if (!then)
    return;
  const auto ends = events_.after(transaction_timeout, [this, branch] {
    if (auto found = transactions_.extract(branch))
      found.mapped().then(nullptr);
  });
  transactions_.emplace(std::move(branch), transaction{std::move(message), std::move(then), ends});
}

void phone::on_bytes(std::string_view bytes) {
  reader_.add(bytes);
  while (stream_) {
    const auto message = reader_.next();
    if (reader_.take_line_ends() != 0 && then_.pong)
      then_.pong();
    if (!message)
      return;
    message->is_request() ? on_request(*message) : on_response(*message);
  }
}

void phone::on_response(const sip_message& response) {
  const auto branch = parameter(response.get("Via"), "branch");
  const auto found = transactions_.find(branch);
  if (found == transactions_.end())
    return;
  if (response.status() < 200)
    return found->second.then(&response);
  auto ended = transactions_.extract(found);
  events_.cancel(ended.mapped().ends);
  if (response.status() >= 300 && response.method() == "INVITE")
    acknowledge_refusal(ended.mapped().request, response);
  ended.mapped().then(&response);
}

// RFC 3261, 17.1.1.3.
void phone::acknowledge_refusal(const sip_message& request, const sip_message& response) {
  sip_message ack{.start = "ACK " + std::string{request.uri()} + " SIP/2.0", .headers = {}, .body = {}};
  for (const std::string_view name : {"Via", "Max-Forwards", "Route", "From", "Call-ID"})
    if (const auto value = request.get(name); !value.empty())
      ack.add(name, value);
  ack.add("To", response.get("To"));
  ack.add("CSeq", std::string{request.get("CSeq").substr(0, request.get("CSeq").find(' '))} + " ACK");
  stream_->write(ack.text());
}

void phone::on_request(const sip_message& request) {
  if (request.method() == "ACK")
    return;
  // The tag is the user's: every call of one is told apart by its Call-ID.
  const bool begins = request.method() == "INVITE" && parameter(request.get("To"), "tag").empty();
  if (begins)
    stream_->write(response_to(request, "180 Ringing", user_).text());
  auto response = response_to(request, "200 OK", user_);
  response.add("Contact", contact());
  stream_->write(response.text());
}

void phone::end_transactions() {
  for (auto ended = std::exchange(transactions_, {}); auto& [branch, one] : ended) {
    events_.cancel(one.ends);
    one.then(nullptr);
  }
}

// ---- keep-alives -------------------------------------------------------------------------------------------------

void phone::ping() {
  if (stream_)
    stream_->write("\r\n\r\n");
}

void phone::keep_alive() {
  events_.cancel(pings_);
  pings_ = events_.after(shared_.keep_alive, [this] {
    ping();
    keep_alive();
  });
}

} // namespace sallyport::bench
