#include "config/schema.hpp"

#include <nlohmann/json.hpp>

#include "config/description.hpp"
#include "config/values.hpp"

namespace sallyport::config {

namespace {

using json = nlohmann::ordered_json; // In the order of the tables.

json schema_of(const value_description& value);

json text_like(const char* pattern) {
  return {{"type", "string"}, {"pattern", pattern}};
}

/// What no bound of JSON can say is there for people, as a file would have it.
json with_bounds(json made, const value_description& value) {
  made["x-least"] = value.least;
  made["x-most"] = value.most;
  return made;
}

json number_of(const value_description& value, std::optional<std::uint64_t> (*parse)(std::string_view)) {
  return {{"minimum", *parse(value.least)}, {"maximum", *parse(value.most)}};
}

json bytes_of(const value_description& value) {
  auto made = number_of(value, parse_byte_size); // Of a number: `pattern` is for text, the bounds are not.
  made["type"] = {"integer", "string"};
  made["pattern"] = "^(0|[1-9][0-9]*)(KiB|MiB|GiB)?$";
  return with_bounds(std::move(made), value);
}

json count_of(const value_description& value) {
  auto made = number_of(value, parse_count);
  made["type"] = "integer";
  return made;
}

json list_of(const value_description& value) {
  json made{{"type", "array"}, {"minItems", 1}, {"maxItems", value.items_max}};
  made["items"] = schema_of(value.items.front());
  if (value.items.front().what == value_kind::word)
    made["uniqueItems"] = true;
  return made;
}

json default_of(const value_description& value) {
  if (value.what == value_kind::flag)
    return value.fallback == "true";
  if (value.what == value_kind::count)
    return *parse_count(value.fallback);
  return value.fallback;
}

json key_of(const key_description& key) {
  auto made = schema_of(key.value);
  made["description"] = key.meaning;
  if (!key.otherwise.empty())
    made["x-default"] = key.otherwise;
  else if (!key.value.fallback.empty() && key.must == presence::optional)
    made["default"] = default_of(key.value);
  if (!key.risk.empty())
    made["x-risk"] = key.risk;
  if (key.value.what != value_kind::section)
    made["x-renewed-by"] = key.by == renewal::reload ? "SIGHUP" : "restart";
  return made;
}

json secret_of(const value_description& value) {
  json made{{"type", "object"}, {"additionalProperties", false}, {"minProperties", 1}, {"maxProperties", 1}};
  for (const auto& key : value.keys) {
    made["properties"][key.name] = schema_of(key.value);
    made["properties"][key.name]["description"] = key.meaning;
  }
  return made;
}

json section_of(const value_description& value) {
  json made{{"type", "object"}, {"additionalProperties", false}};
  auto required = json::array();
  for (const auto& key : value.keys) {
    made["properties"][key.name] = key_of(key);
    if (key.must == presence::required)
      required.push_back(key.name);
  }
  if (required.empty())
    made["type"] = {"object", "null"}; // A section with no keys: `logging:`.
  else
    made["required"] = required;
  return made;
}

json schema_of(const value_description& value) {
  switch (value.what) {
  case value_kind::version:
    return {{"const", 1}};
  case value_kind::flag:
    return {{"type", "boolean"}};
  case value_kind::word:
    return {{"enum", value.words}};
  case value_kind::count:
    return count_of(value);
  case value_kind::bytes:
    return bytes_of(value);
  case value_kind::rate:
    return with_bounds(text_like("^(0|[1-9][0-9]*)/s$"), value);
  case value_kind::duration:
    return with_bounds(text_like("^(0|[1-9][0-9]*)(ms|s|m|h)$"), value);
  case value_kind::name:
    return {{"type", "string"}, {"pattern", "^[0-9A-Za-z]([0-9A-Za-z.-]*[0-9A-Za-z])?$"}, {"maxLength", 253}};
  case value_kind::realm:
    return {{"type", "string"}, {"pattern", R"(^[!#-\[\]-~]+$)"}, {"maxLength", realm_characters_max}};
  case value_kind::path:
    return {{"type", "string"}, {"minLength", 1}};
  case value_kind::address:
    return text_like(R"(^[0-9A-Fa-f:.]+$)");
  case value_kind::address_and_port:
    return text_like(R"(^([0-9.]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$)");
  case value_kind::prefix:
    return text_like(R"(^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$)");
  case value_kind::port_range:
    return text_like("^[1-9][0-9]{3,4}-[1-9][0-9]{3,4}$");
  case value_kind::variable:
    return text_like("^[A-Za-z_][0-9A-Za-z_]*$");
  case value_kind::secret:
    return secret_of(value);
  case value_kind::list:
    return list_of(value);
  case value_kind::section:
    return section_of(value);
  }
  return {};
}

/// The section of a service is judged only where `services` names it, and must be there then.
json judge_of_service(json& root, const std::string& name) {
  auto whole = std::exchange(root["properties"][name], json{{"description", root["properties"][name]["description"]}});
  const json names_it{{"properties", {{"services", {{"type", "array"}, {"contains", {{"const", name}}}}}}}};
  return {{"if", names_it}, {"then", {{"required", {name}}, {"properties", {{name, std::move(whole)}}}}}};
}

} // namespace

std::string json_schema() {
  const auto described = describe_model();
  json made{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Sallyport, one node"}};
  made.update(section_of(described));
  for (const auto& key : described.keys)
    if (key.value.is_of_service)
      made["allOf"].push_back(judge_of_service(made, key.name));
  return made.dump(2) + "\n";
}

} // namespace sallyport::config
