#include "config/keys.hpp"

#include "config/limit_keys.hpp"
#include "config/reload.hpp"

namespace sallyport::config {

namespace {

void read_version(const cursor& at, model&) {
  if (const auto text = at.text("1"); text && *text != "1")
    at.refuse("must be 1, the only version there is");
}

void read_services(const cursor& at, model& into) {
  read_value(at, into.services);
  if (into.services.contains(service::access))
    into.access.emplace();
  if (into.services.contains(service::av))
    into.av.emplace();
}

/// The section of a service counts only on a node that runs it; elsewhere it may lie there unfinished.
template <auto Member>
constexpr field<model> of_service{
  [](const cursor& at, model& into) {
    auto& chosen = into.*Member;
    typename std::remove_cvref_t<decltype(chosen)>::value_type aside;
    read_value(chosen ? at : at.unused(), chosen ? *chosen : aside);
  },
  [](const model&) {
    auto made = describe_value(typename member_of<Member>::type::value_type{});
    made.is_of_service = true;
    return made;
  },
  [](const model& one, const model& other, renewal by, const std::string& path, std::vector<std::string>& into) {
    if (one.*Member && other.*Member) // Else `services` differs.
      compare_values(*(one.*Member), *(other.*Member), by, path, into);
  }};

} // namespace

template <>
struct keys_of<model> {
  // Read in this order: `services` before the sections of the services.
  static constexpr key<model> table[] = {
    {.name = "version",
     .must = presence::required,
     .holds = {read_version, [](const model&) { return value_description{.what = value_kind::version}; },
               [](const model&, const model&, renewal, const std::string&, std::vector<std::string>&) {}},
     .meaning = "always `1`: the version of this format"},
    {.name = "node", .must = presence::required, .holds = value<&model::node>, .meaning = "this node"},
    {.name = "services",
     .must = presence::required,
     .holds = {read_services, [](const model& fallback) { return describe_value(fallback.services); },
               path_to<&model::services>::compare},
     .meaning = "list of what this node runs: `access` (SIP), `av` (relays for media). `conferencing` is a known name, "
                "and is not part of this version"},
    {.name = "pool",
     .must = presence::required,
     .holds = value<&model::pool>,
     .meaning = "what is the same on every node of the pool"},
    {.name = "domains",
     .must = presence::required,
     .holds = list<domains_max, &model::domains>,
     .meaning = "the SIP domains that are ours"},
    {.name = "outside",
     .must = presence::required,
     .holds = value<&model::outside>,
     .meaning = "the side of the internet"},
    {.name = "inside",
     .must = presence::required,
     .holds = value<&model::inside>,
     .meaning = "the side of the organisation's servers"},
    {.name = "media", .holds = value<&model::media>, .meaning = "where media comes to"},
    {.name = "access", .holds = of_service<&model::access>, .meaning = "all SIP"},
    {.name = "av", .holds = of_service<&model::av>, .meaning = "relays for media"},
    {.name = "limits", .holds = value<&model::limits>, .meaning = "what a node takes on"},
    {.name = "logging", .holds = value<&model::logging>, .meaning = "the log"},
    {.name = "metrics", .holds = value<&model::metrics>, .meaning = "counters for Prometheus"},
  };
};

void read_model(const cursor& root, model& into) {
  read_value(root, into);
  if (into.access && root.at().find("access") == nullptr)
    root.refuse_missing("access");
  if (into.av && root.at().find("av") == nullptr)
    root.refuse_missing("av");
}

value_description describe_model() {
  return describe_value(model{});
}

std::vector<std::string> keys_for_restart(const model& running, const model& read) {
  std::vector<std::string> found;
  compare_values(running, read, renewal::restart, {}, found);
  return found;
}

} // namespace sallyport::config
