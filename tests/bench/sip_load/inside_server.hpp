#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "tests/bench/sip_load/endpoint.hpp"
#include "tests/bench/sip_load/loop.hpp"
#include "tests/bench/sip_load/sip_message.hpp"
#include "tests/bench/sip_load/tls_stream.hpp"

namespace sallyport::bench {

struct inside_plan {
  endpoint listen;
  endpoint edge; ///< Its listener toward the inside.
  std::string domain;
  tls_context server, client;
};

/// The organisation's registrar and proxy behind the edge, faster than a load: it keeps registrations with their Path
/// (RFC 3327) and passes on, without state, what is for their users. What is for `silent…` is never answered.
class inside_server {
public:
  inside_server(loop& events, inside_plan plan);

  /// Ends the edge's connections, and for a while answers nobody who connects.
  void stall(duration how_long);
  std::string take_report();

private:
  struct binding {
    std::string contact;
    std::vector<std::string> path;
  };
  struct link {
    std::shared_ptr<tls_stream> stream;
    sip_reader reader;
  };

  void accept();
  std::uint64_t add(int descriptor, const tls_context& context, tls_stream::role as);
  void on_bytes(std::uint64_t number, std::string_view bytes);
  void on_closed(std::uint64_t number);
  void on_request(std::uint64_t number, sip_message request);
  void on_register(std::uint64_t number, const sip_message& request);
  [[nodiscard]] bool proved(const sip_message& request) const;
  void on_response(sip_message response);
  /// By its top Via it goes back to where it came from.
  void forward(std::uint64_t number, sip_message request);
  void answer(std::uint64_t number, const sip_message& response);
  /// The connection on which requests go out to the edge.
  link& outward();

  loop& events_;
  inside_plan plan_;
  int listener_;
  std::uint64_t links_made_ = 0;
  std::uint64_t outward_ = 0;
  std::map<std::uint64_t, link> links_;
  std::unordered_map<std::string, binding> bindings_;
  std::uint64_t requests_ = 0;
  std::uint64_t challenged_ = 0;
  std::uint64_t registered_ = 0;
};

} // namespace sallyport::bench
