#include "config/tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

#include "config/utf8.hpp"

namespace sallyport::config {

namespace {

position place(const YAML::Mark& mark) {
  if (mark.is_null())
    return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1, {}};
}

/// Builds the tree from the parser's events, so that nothing of unbounded size is ever built. What it refuses outright
/// leaves as the parser's own exception: that is how an event handler stops it.
class tree_builder final : public YAML::EventHandler {
public:
  explicit tree_builder(problems& found) : found_{found} {}

  [[nodiscard]] node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse_as_key(mark);
    add(mark, node::kind::null);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw YAML::ParserException{mark, "aliases are not used in this file: write the value out"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    refuse_tag(mark, tag);
    if (value.size() > scalar_bytes_max)
      throw YAML::ParserException{mark, "a value is longer than " + std::to_string(scalar_bytes_max) + " bytes"};
    // Escapes in a quoted value bring back what the text itself may not hold.
    if (first_unprintable(value) != std::string::npos)
      throw YAML::ParserException{mark, "a value holds a control character"};
    if (expects_key()) {
      pending_key_ = value;
      pending_where_ = place(mark);
      return;
    }
    add(mark, node::kind::scalar).text = value;
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, node::kind::list);
  }
  void OnSequenceEnd() override { open_.pop_back(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, tag, node::kind::map);
  }
  void OnMapEnd() override { open_.pop_back(); }

private:
  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back()->what == node::kind::map && !pending_key_;
  }

  void refuse_as_key(const YAML::Mark& mark) const {
    if (expects_key())
      throw YAML::ParserException{mark, "a key must be plain text"};
  }

  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    // "?" is a plain value, "!" a quoted one.
    if (!tag.empty() && tag != "?" && tag != "!")
      throw YAML::ParserException{mark, "tags are not used in this file"};
  }

  void open(const YAML::Mark& mark, const std::string& tag, node::kind what) {
    refuse_as_key(mark);
    refuse_tag(mark, tag);
    if (open_.size() == tree_depth_max)
      throw YAML::ParserException{mark, "values are nested deeper than " + std::to_string(tree_depth_max)};
    open_.push_back(&add(mark, what));
  }

  /// A parent's children only grow while none of them is open, so the pointers of `open_` stay good.
  node& add(const YAML::Mark& mark, node::kind what) {
    if (++nodes_ > tree_nodes_max)
      throw YAML::ParserException{mark, "there are more than " + std::to_string(tree_nodes_max) + " values"};
    node fresh;
    fresh.what = what;
    fresh.where = place(mark);
    if (open_.empty())
      return root_ = std::move(fresh);

    auto& parent = *open_.back();
    if (parent.what == node::kind::map) {
      if (parent.children.size() == section_keys_max)
        throw YAML::ParserException{mark, "a section holds more than " + std::to_string(section_keys_max) + " keys"};
      fresh.key = std::move(*pending_key_);
      fresh.key_where = pending_where_;
      pending_key_.reset();
      if (parent.find(fresh.key) != nullptr && found_.size() < problems_max)
        found_.push_back({fresh.key_where, {}, "the key " + quote(fresh.key) + " is given twice in one section"});
    }
    return parent.children.emplace_back(std::move(fresh));
  }

  problems& found_;
  node root_;
  std::vector<node*> open_;
  std::optional<std::string> pending_key_;
  position pending_where_;
  std::size_t nodes_ = 0;
};

/// What must not reach the YAML library: it guesses UTF-16 and UTF-32 from the first bytes, and control characters
/// end up in messages and file names.
std::optional<problem> unreadable(std::string_view text) {
  if (text.size() > file_bytes_max)
    return problem{{}, {}, "the file is larger than " + std::to_string(file_bytes_max) + " bytes"};
  const auto bad = first_unprintable(text);
  if (bad == std::string_view::npos)
    return std::nullopt;
  const auto before = text.substr(0, bad);
  const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
  return problem{{line, bad - (before.rfind('\n') + 1) + 1, {}}, {}, "this is not UTF-8 text"};
}

} // namespace

const node* node::find(std::string_view name) const {
  const auto found = std::ranges::find(children, name, &node::key);
  return found == children.end() ? nullptr : &*found;
}

node* node::find(std::string_view name) {
  return const_cast<node*>(std::as_const(*this).find(name));
}

std::optional<node> parse_tree(std::string_view text, problems& found) {
  if (text.starts_with("\xEF\xBB\xBF")) // A byte order mark, which UTF-8 does not need.
    text.remove_prefix(3);
  if (auto refused = unreadable(text)) {
    found.push_back(std::move(*refused));
    return std::nullopt;
  }
  try {
    std::istringstream bytes{std::string{text}};
    YAML::Parser parser{bytes};
    tree_builder builder{found};
    if (!parser.HandleNextDocument(builder)) {
      found.push_back({{}, {}, "the file is empty"});
      return std::nullopt;
    }
    problems ignored;
    tree_builder second{ignored};
    if (parser.HandleNextDocument(second)) {
      found.push_back({{}, {}, "the file holds more than one YAML document"});
      return std::nullopt;
    }
    return builder.take();
  } catch (const YAML::Exception& refused) {
    found.push_back({place(refused.mark), {}, refused.msg});
    return std::nullopt;
  }
}

} // namespace sallyport::config
