#include "actors/tls_materials.hpp"

#include "net/io/clocks.hpp"
#include "net/tls/development_ca.hpp"
#include "net/tls/trust.hpp"

namespace sallyport::actors {
namespace {

/// Collects problems under the key of the configuration that names the file.
class collector {
public:
  explicit collector(const config::positions& where) : where_{where} {}

  template <class Value>
  std::optional<Value> keep(const std::string& path, result<Value, tls::certificate_problems>&& loaded) {
    if (loaded)
      return std::move(*loaded);
    is_complete_ = false;
    for (const auto& problem : loaded.error())
      if (!is_unreadable(problem.fault)) // `config::validate` says that, for every file.
        found_.push_back(where_.at(path, problem.text));
    return std::nullopt;
  }
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }
  [[nodiscard]] const config::problems& found() const noexcept { return found_; }

private:
  static bool is_unreadable(tls::certificate_fault fault) noexcept {
    using enum tls::certificate_fault;
    return fault == chain_unreadable || fault == key_unreadable || fault == trust_unreadable;
  }

  const config::positions& where_;
  config::problems found_;
  bool is_complete_ = true;
};

tls_materials make_development() {
  const tls::development_ca authority;
  tls::server_options options{.certificates = {authority.make({.names = {"localhost", "127.0.0.1"}})}};
  return {.outside = std::make_shared<const tls::server_context>(std::move(options)), .inside = {}, .next_hop = {}};
}

} // namespace

result<tls_materials, config::problems> load_tls(const config::model& value, const config::positions& where) {
  if (value.development)
    return make_development();
  const auto now = io::read_clocks().wall;
  const auto& access = *value.access;
  collector collected{where};

  tls::server_options outside;
  for (std::size_t i = 0; i < access.outside.certificates.size(); ++i) {
    const auto& files = access.outside.certificates[i];
    if (auto loaded = collected.keep("access.outside.certificates[" + std::to_string(i) + "]",
                                     tls::certificate::load(files.certificate, files.key, {.server = true}, now)))
      outside.certificates.push_back(std::move(*loaded));
  }

  const bool inside_serves_tls = access.inside.transport == transport::tls;
  const bool next_hop_is_tls = access.next_hop.transport == transport::tls;
  std::optional<tls::certificate> identity;
  std::optional<tls::trust> trust;
  if (inside_serves_tls || next_hop_is_tls) {
    identity = collected.keep("access.inside.certificate",
                              tls::certificate::load(access.inside.identity.certificate, access.inside.identity.key,
                                                     {.server = inside_serves_tls, .client = next_hop_is_tls}, now));
    trust = collected.keep("access.inside.ca", tls::trust::load(access.inside.ca));
  }
  if (!collected.is_complete() || outside.certificates.empty())
    return fail(collected.found());

  tls_materials made{
    .outside = std::make_shared<const tls::server_context>(std::move(outside)), .inside = {}, .next_hop = {}};
  if (inside_serves_tls)
    made.inside = std::make_shared<const tls::server_context>(tls::server_options{
      .certificates = {*identity}, .clients = tls::client_certificates::required, .client_trust = *trust});
  if (next_hop_is_tls)
    made.next_hop = std::make_shared<const tls::client_context>(
      tls::client_options{.peers = *trust, .own = *identity, .application_protocols = {}});
  return made;
}

} // namespace sallyport::actors
