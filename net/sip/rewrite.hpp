#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/sip/message_view.hpp"

namespace sallyport::sip {

/// Edits on the way through: a list of cuts and insertions, carried out in one pass when the message is written. Bytes
/// that no edit names come out as they went in, so signed headers stay valid. Field indexes and "first" values are
/// always those of the original, less what was already removed. Without edits the result is the original. The original
/// must outlive it; texts handed in are copied. A text may hold folds as received, but nothing that ends its line: that
/// throws std::invalid_argument, since only our own code can have put it there.
class rewrite {
public:
  explicit rewrite(const message_view& original);

  rewrite& start_line(std::string_view text); ///< Without CRLF.
  rewrite& request_uri(std::string_view text);

  /// A new field above all others. Of several, the later stands higher.
  rewrite& prepend(header_id id, std::string_view value);
  rewrite& prepend(std::string_view name, std::string_view value);
  /// A new field above the first one of its name, or above all others when there is none. The later stands higher.
  rewrite& insert_before_first(header_id id, std::string_view value);
  /// A new field below all others. Of several, the later stands lower.
  rewrite& append(header_id id, std::string_view value);
  rewrite& append(std::string_view name, std::string_view value);

  /// `index` counts `message_view::headers()`; the name stays as written.
  rewrite& replace(std::size_t index, std::string_view value);
  rewrite& remove(std::size_t index); ///< The whole field.
  rewrite& remove_all(header_id id);  ///< Every field of that name.

  /// The topmost value not yet removed, of a comma-separated list: the field goes with its last value. No such value:
  /// no effect, and false.
  bool remove_first_value(header_id id);
  bool replace_first_value(header_id id, std::string_view value);

  /// For a message that goes on over a stream, where Content-Length is not optional (RFC 3261, 20.14).
  rewrite& ensure_content_length();

  /// One allocation, one pass. May be called again, also after further edits.
  [[nodiscard]] std::string finish() const;

private:
  /// `text` in the place of [begin, end); an insertion when that is empty.
  struct edit {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::int32_t rank = 0; ///< Order of insertions at one place.
    bool removes = false;  ///< The values in it are gone, not replaced.
    std::uint32_t text_begin = 0;
    std::uint32_t text_bytes = 0;
  };
  /// Where one value of a list stands.
  struct place {
    std::size_t field = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t next = 0; ///< Where the value after it in the same field begins; 0 for the last.
  };

  void insert_line(std::size_t at, std::int32_t rank, std::string_view name, std::string_view value);
  void cut(std::size_t begin, std::size_t end, std::string_view replacement, bool removes);
  void keep(const edit& added);
  [[nodiscard]] bool is_removed(std::size_t begin, std::size_t end) const noexcept;
  [[nodiscard]] std::optional<place> find_first_value(header_id id) const noexcept;
  [[nodiscard]] std::uint32_t offset(std::string_view part) const noexcept;
  [[nodiscard]] std::size_t first_line_begin() const noexcept;
  [[nodiscard]] std::size_t last_line_end() const noexcept;

  const message_view* original_;
  std::string texts_;       ///< All replacements, one after the other.
  std::vector<edit> edits_; ///< Ordered by place, then rank.
  std::int32_t prepended_ = 0;
  std::int32_t appended_ = 0;
};

} // namespace sallyport::sip
