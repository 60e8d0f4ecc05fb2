#include "config/validate.hpp"

#include <algorithm>
#include <string_view>

#include "config/secrets.hpp"
#include "config/turn_credentials.hpp"
#include "config/values.hpp"
#include "net/core/address_use.hpp"

namespace sallyport::config {

namespace {

/// TCP and UDP number their ports apart.
enum class port_space : std::uint8_t { tcp, udp };

/// A port this node opens.
struct listener {
  std::string path;
  endpoint at;
  port_space of;

  [[nodiscard]] bool is_same_port(const listener& other) const { return at == other.at && of == other.of; }
};

std::string indexed(std::string_view path, std::size_t index) {
  return std::string{path} + "[" + std::to_string(index) + "]";
}

/// A development node has both sides on loopback; anywhere else one address cannot be both.
bool are_apart(const ip_address& one, const ip_address& other) {
  return one != other || one.is_loopback();
}

bool uses_inside_tls(const access_settings& access) {
  return access.inside.transport == transport::tls || access.next_hop.transport == transport::tls;
}

/// One pass over a model. A value that is still its default was refused by the loader (no address may be `::`, no port
/// 0), and is left out everywhere.
class validation {
public:
  validation(const model& value, const positions& where, const surroundings& around)
    : model_{value}, where_{where}, around_{around} {}

  [[nodiscard]] problems run() {
    judge_addresses();
    judge_domains();
    judge_secrets();
    judge_limits();
    if (model_.access)
      judge_access(*model_.access);
    if (model_.av)
      judge_av(*model_.av);
    judge_metrics();
    judge_doubles();
    judge_files();
    return std::move(found_);
  }

private:
  void refuse(std::string path, std::string message) {
    if (found_.size() < problems_max)
      found_.push_back(where_.at(std::move(path), std::move(message)));
  }

  void judge_addresses() {
    const auto& outside = model_.outside.address;
    const auto& inside = model_.inside.address;
    const auto& announce = model_.media.announce;
    if (!outside.is_unspecified() && !are_apart(inside, outside))
      refuse("inside.address", "must not be the outside address: the two sides are two interfaces");
    if (!announce)
      return;
    if (!are_apart(*announce, inside))
      refuse("media.announce", "must not be the inside address: users outside are told this one");
    if (!outside.is_unspecified() && announce->is_v4() != outside.is_v4())
      refuse("media.announce", "must be of the same family as outside.address");
  }

  void judge_domains() {
    for (auto each = model_.domains.begin(); each != model_.domains.end(); ++each)
      if (!each->empty() && std::find(model_.domains.begin(), each, *each) != each)
        refuse(indexed("domains", static_cast<std::size_t>(each - model_.domains.begin())),
               quote(*each) + " is named twice");
  }

  void judge_secrets() {
    auto& known = pool_secrets_;
    for (std::size_t i = 0; i < model_.pool.secrets.size(); ++i) {
      if (model_.pool.secrets[i].name.empty())
        continue;
      auto bytes = read_secret(model_.pool.secrets[i], around_);
      if (!bytes)
        refuse(indexed("pool.secrets", i), bytes.error());
      else if (std::ranges::find(known, *bytes) != known.end())
        refuse(indexed("pool.secrets", i), "is the same secret as the other: a rotation needs two different ones");
      else
        known.push_back(std::move(*bytes));
    }
  }

  void judge_limits() {
    if (model_.limits.connections.connections_per_source_max > model_.limits.connections.connections_max)
      refuse("limits.connections_per_source_max",
             "is more than limits.connections_max (" + std::to_string(model_.limits.connections.connections_max) + ")");
    if (model_.limits.av.allocations_per_user_max > model_.limits.av.allocations_max)
      refuse("limits.allocations_per_user_max",
             "is more than limits.allocations_max (" + std::to_string(model_.limits.av.allocations_max) + ")");
    if (model_.limits.av.allocation_lifetime > model_.limits.av.allocation_lifetime_max)
      refuse("limits.allocation_lifetime", "is more than limits.allocation_lifetime_max (" +
                                             duration_text(model_.limits.av.allocation_lifetime_max) + ")");
  }

  void judge_access(const access_settings& access) {
    judge_outside_listeners("access.outside.listen", access.outside.listen, port_space::tcp);
    judge_inside_listener("access.inside.listen", access.inside.listen, port_space::tcp);
    judge_next_hop(access.next_hop);
    // Where a whole section is missing, that is all there is to say.
    if (!uses_inside_tls(access) || !is_given("access.inside"))
      return;
    for (const auto* path : {"access.inside.certificate", "access.inside.key", "access.inside.ca"})
      if (!is_given(path))
        refuse(path, "is missing: it is needed for TLS on the inside (here and toward the next hop)");
  }

  void judge_outside_listeners(const std::string& path, const std::vector<endpoint>& listeners, port_space of) {
    bool has_own = model_.outside.address.is_unspecified();
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      has_own = has_own || listeners[i].port == 0 || listeners[i].address == model_.outside.address;
      if (listeners[i].port != 0 && !are_apart(listeners[i].address, model_.inside.address))
        refuse(indexed(path, i), "is on the inside address: each side has its own");
      open({indexed(path, i), listeners[i], of});
    }
    if (!has_own && !listeners.empty())
      refuse(path, "has nothing on outside.address (" + model_.outside.address.text() +
                     "), the address this node tells others");
  }

  void judge_inside_listener(const std::string& path, const endpoint& listen, port_space of) {
    if (listen.port == 0)
      return;
    if (!model_.inside.address.is_unspecified() && listen.address != model_.inside.address)
      refuse(path,
             "is not on inside.address (" + model_.inside.address.text() + "), the address this node tells the inside");
    else if (!are_apart(listen.address, model_.outside.address))
      refuse(path, "is on the outside address: each side has its own");
    open({path, listen, of});
  }

  void judge_next_hop(const next_hop_settings& next_hop) {
    const auto& [address, transport, tls_name] = next_hop;
    if (transport == transport::tls && is_given("access.next_hop") && !is_given("access.next_hop.tls_name"))
      refuse("access.next_hop.tls_name", "is missing: with TLS, the name that the next hop's certificate must carry");
    if (address.port == 0)
      return;
    const auto& inside = model_.inside.address;
    if (!inside.is_unspecified() && address.address.is_v4() != inside.is_v4())
      refuse("access.next_hop.address", "cannot be reached from inside.address: it is of the other family");
    if (!are_apart(address.address, model_.outside.address))
      refuse("access.next_hop.address", "is the outside address of this node; the next hop is on the inside");
    for (const auto& each : open_)
      if (each.is_same_port({{}, address, port_space::tcp}))
        refuse("access.next_hop.address", "is this node's own " + each.path + ": every request would come back");
  }

  void judge_av(const av_settings& av) {
    judge_outside_listeners("av.outside.listen", av.outside.listen, port_space::udp);
    for (std::size_t i = 0; i < av.inside.listen.size(); ++i)
      judge_inside_listener(indexed("av.inside.listen", i), av.inside.listen[i], port_space::udp);
    for (const auto& each : open_)
      if (each.of == port_space::udp && each.at.address == model_.outside.address &&
          av.relay_ports.contains(each.at.port))
        refuse(each.path, "is among av.relay_ports (" + std::to_string(av.relay_ports.first) + "-" +
                            std::to_string(av.relay_ports.last) + "), which are on the same address");
    for (std::size_t i = 0; i < av.peers.allow.size(); ++i)
      if (av.peers.allow[i] != ip_prefix{} && !is_private_use(av.peers.allow[i]))
        refuse(indexed("av.peers.allow", i),
               "is not part of a private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, "
               "198.18.0.0/15, fc00::/7): public addresses may be peers without a rule, and loopback, link-local, "
               "multicast and the like never can");
    judge_turn_credentials();
  }

  void judge_turn_credentials() {
    if (!model_.development && is_given("av") && !is_given("av.users") && !is_given("av.secrets"))
      refuse("av", "names neither users nor secrets: one is needed, or nobody could ask for a relay");
    const auto read = read_turn_credentials(model_, where_, around_);
    if (!read)
      for (const auto& each : read.error())
        refuse(each.path, each.message);
    for (std::size_t i = 0; read && i < read->secrets.size(); ++i)
      if (std::ranges::count(pool_secrets_, decode_base64(read->secrets[i])) != 0)
        refuse(indexed("av.secrets", i), "is a secret of the pool too: this one is told to web applications");
    if (read && model_.av->secrets.empty() && !model_.av->users.empty() && read->users.empty())
      refuse("av.users", quote_path(model_.av->users.string()) + " names no user, and there are no secrets either");
  }

  void judge_metrics() {
    const auto& listen = model_.metrics.listen;
    if (!listen)
      return;
    if (!listen->address.is_loopback() && listen->address != model_.inside.address)
      refuse("metrics.listen", "must be on loopback or on inside.address: metrics are not for the outside");
    open({"metrics.listen", *listen, port_space::tcp});
  }

  void judge_doubles() {
    for (auto each = open_.begin(); each != open_.end(); ++each) {
      const auto first =
        std::find_if(open_.begin(), each, [&](const listener& other) { return other.is_same_port(*each); });
      if (first != each)
        refuse(each->path, each->at.text() + " is already " + first->path);
    }
  }

  void judge_files() {
    for (const auto& [role, path, file] : files_used(model_)) {
      const auto content = around_.read_file(file);
      const bool is_key = role == file_role::outside_key || role == file_role::inside_key;
      if (!content)
        refuse(path, quote_path(file.string()) + " cannot be read: " + content.error());
      else if (is_key && content->is_open_to_everyone())
        refuse(path,
               quote_path(file.string()) + " is open to every user of the host: take that right away (chmod o= FILE)");
    }
  }

  void open(listener opened) {
    if (opened.at.port != 0)
      open_.push_back(std::move(opened));
  }

  /// Whether the file holds this very key, if only with a value that was refused.
  [[nodiscard]] bool is_given(std::string_view path) const { return where_.holds(path); }

  const model& model_;
  const positions& where_;
  const surroundings& around_;
  std::vector<std::string> pool_secrets_;
  std::vector<listener> open_;
  problems found_;
};

} // namespace

std::vector<file_use> files_used(const model& value) {
  std::vector<file_use> files;
  const auto use = [&files](file_role role, std::string path, const std::filesystem::path& file) {
    if (!file.empty())
      files.push_back({role, std::move(path), file});
  };
  if (!value.access)
    return files;
  const auto& [outside, inside, next_hop, remote] = *value.access;
  for (std::size_t i = 0; i < outside.certificates.size(); ++i) {
    const auto path = indexed("access.outside.certificates", i);
    use(file_role::outside_certificate, path + ".certificate", outside.certificates[i].certificate);
    use(file_role::outside_key, path + ".key", outside.certificates[i].key);
  }
  if (uses_inside_tls(*value.access)) {
    use(file_role::inside_certificate, "access.inside.certificate", inside.identity.certificate);
    use(file_role::inside_key, "access.inside.key", inside.identity.key);
    use(file_role::inside_ca, "access.inside.ca", inside.ca);
  }
  return files;
}

problems validate(const model& value, const positions& where, const surroundings& around) {
  return validation{value, where, around}.run();
}

} // namespace sallyport::config
