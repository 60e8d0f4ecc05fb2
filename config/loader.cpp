#include "config/loader.hpp"

#include "config/cursor.hpp"
#include "config/keys.hpp"
#include "config/tree.hpp"

namespace sallyport::config {

namespace {

/// Values that follow from others when the file does not give them.
void derive(model& value) {
  if (value.av && value.av->realm.empty())
    value.av->realm = value.pool.name;
  if (!value.access)
    return;
  auto& peers = value.access->inside.peers;
  const auto& next_hop = value.access->next_hop.address;
  if (peers.empty() && next_hop.port != 0)
    peers.push_back({next_hop.address, 128});
}

} // namespace

loaded load(const source& from) {
  loaded result;
  auto root = parse_tree(from.text, result.found);
  if (!root)
    return result;
  // A file of comments alone is one without any key, and an override may stand for all of it.
  root->where = root->key_where = {1, 1, {}};
  apply_overrides(*root, from.variables, result.found);

  load_state state{from.folder, {}, std::move(result.found)};
  state.where.remember({}, {1, 1, {}});
  read_model(cursor{*root, state}, result.value);
  derive(result.value);
  result.where = std::move(state.where);
  result.found = std::move(state.found);
  return result;
}

} // namespace sallyport::config
