#include "tests/bench/sip_load/call.hpp"

#include <algorithm>

namespace sallyport::bench {

void call::begin() {
  static std::uint64_t calls = 0;
  ++counts_.begun;
  call_id_ = "call" + std::to_string(++calls) + "@" + from_.user();
  local_ = "<" + from_.address_of_record(from_.user()) + ">;tag=" + std::to_string(calls);
  remote_ = "<" + from_.address_of_record(to_) + ">";
  target_ = from_.address_of_record(to_);
  routes_.clear();
  number_ = 0;
  from_.request(inside("INVITE", ++number_), [this](const sip_message* response) { on_answer(response); });
}

sip_message call::inside(std::string_view method, std::uint64_t number) const {
  sip_message made{.start = std::string{method} + " " + target_ + " SIP/2.0", .headers = {}, .body = {}};
  for (const auto& route : routes_)
    made.add("Route", route);
  made.add("From", local_);
  made.add("To", remote_);
  made.add("Call-ID", call_id_);
  made.add("CSeq", std::to_string(number) + " " + std::string{method});
  made.add("Contact", from_.contact());
  return made;
}

void call::on_answer(const sip_message* response) {
  if (response && response->status() < 200)
    return;
  if (!response || response->status() >= 300) {
    ++counts_.refused;
    counts_.last_error = response ? response->start : "INVITE: no answer";
  } else {
    open(*response);
  }
  if (begun_)
    begun_();
}

void call::open(const sip_message& response) {
  up_ = true;
  remote_ = response.get("To");
  target_ = uri_in(response.get("Contact"));
  routes_ = response.all("Record-Route");
  std::ranges::reverse(routes_); // RFC 3261, 12.1.2.
  from_.request(inside("ACK", number_), {});
  refresh_later();
}

void call::refresh_later() {
  next_ = from_.events().after(refresh_, [this] { refresh(); });
}

void call::refresh() {
  const bool invite = ++number_ % 2 == 0;
  from_.request(
    inside(invite ? "INVITE" : "OPTIONS", number_),
    [this, invite, number = number_](const sip_message* response) { on_refreshed(response, invite, number); });
}

void call::on_refreshed(const sip_message* response, bool was_invite, std::uint64_t number) {
  if (!up_ || (response && response->status() < 200))
    return;
  // Only these end a dialog (RFC 3261, 12.2.1.2; RFC 5057, 5.1): another error is of that request alone.
  if (!response || response->status() == 481 || response->status() == 408)
    return lose(response ? response->start : "no answer inside a call");
  if (response->status() >= 300) {
    ++counts_.not_refreshed;
    counts_.last_error = response->start;
  } else {
    ++counts_.refreshed;
    if (was_invite)
      from_.request(inside("ACK", number), {});
  }
  refresh_later();
}

void call::end(std::function<void()> then) {
  up_ = false;
  from_.events().cancel(next_);
  from_.request(inside("BYE", ++number_), [this, then = std::move(then)](const sip_message* response) {
    if (response && response->status() < 200)
      return;
    if (response && response->status() < 300)
      ++counts_.completed;
    else
      counts_.last_error = response ? response->start : "BYE: no answer";
    then();
  });
}

void call::lose(std::string_view why) {
  if (!std::exchange(up_, false))
    return;
  from_.events().cancel(next_);
  ++counts_.lost;
  counts_.last_error = why;
}

} // namespace sallyport::bench
