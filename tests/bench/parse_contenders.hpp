#pragma once
#include <cstdint>
#include <string>

namespace sallyport::bench {

// Both read a message whole: start line, every Via, Route and Record-Route, From, To, Call-ID, CSeq, Contact and
// Max-Forwards, each taken apart, and all m=, c= and candidate lines of its SDP; and add all of it up. 0: not read.
[[nodiscard]] std::uint64_t read_with_ours(const std::string& message);
[[nodiscard]] std::uint64_t read_with_osip(const std::string& message);

} // namespace sallyport::bench
