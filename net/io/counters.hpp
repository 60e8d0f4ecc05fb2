#pragma once
#include <array>
#include <atomic>
#include <cstdint>

#include "net/core/gates.hpp"
#include "net/io/close_reason.hpp"
#include "net/io/proof.hpp"

namespace sallyport::io {

/// A number that one thread writes and any may read. No locked instruction: there is a single writer.
class counter {
public:
  void add(std::uint64_t amount = 1) noexcept { value_.store(read() + amount, std::memory_order_relaxed); }
  void subtract(std::uint64_t amount = 1) noexcept { value_.store(read() - amount, std::memory_order_relaxed); }
  void set(std::uint64_t now) noexcept { value_.store(now, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one lane has seen since it started. Written by the lane, readable from any thread.
struct lane_counters {
  counter accepted;
  counter connected;                              ///< Outgoing connections that opened.
  counter handshakes;                             ///< TLS handshakes that succeeded, both roles.
  counter live;                                   ///< Streams that exist now, of either direction.
  counter unproved;                               ///< Streams that have to prove themselves and do not, now.
  std::array<counter, verdict_count> refused;     ///< By verdict; `admitted` stays 0.
  std::array<counter, close_reason_count> closed; ///< By reason.
  std::array<counter, proof_count> proved;        ///< Proofs of accepted connections that had none, by what they were.
  counter bytes_in;                               ///< Of streams, after TLS.
  counter bytes_out;
  counter datagrams_in;
  counter datagrams_out;
  counter datagrams_truncated; ///< Received longer than a slot of the batch: dropped.
  counter datagrams_dropped;   ///< Not sent: EAGAIN, ENOBUFS and other errors of one datagram.
  counter handler_failures;    ///< Exceptions that reached the loop.

  [[nodiscard]] const counter& closed_by(close_reason reason) const { return closed[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] const counter& proved_by(proof what) const { return proved[static_cast<std::size_t>(what)]; }
  [[nodiscard]] const counter& refused_by(verdict why) const { return refused[static_cast<std::size_t>(why)]; }
};

} // namespace sallyport::io
