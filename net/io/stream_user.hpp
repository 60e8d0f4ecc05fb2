#pragma once
#include <cstddef>
#include <memory>
#include <span>

#include "net/io/close_reason.hpp"

namespace sallyport::io {

class stream;

/// Whoever a stream's bytes are for. All calls come from the stream's lane, from its loop: never from within a call of
/// the user's own to the stream.
class stream_user {
public:
  /// Connected, and for TLS the handshake is done.
  virtual void on_open(stream& connection) = 0;
  /// `bytes` are the lane's shared buffer: keep nothing of them.
  virtual void on_bytes(stream& connection, std::span<const std::byte> bytes) = 0;
  /// The last call, once for every stream whose owner has not dropped it, also after `close`. Also for a stream that
  /// never opened.
  virtual void on_closed(stream& connection, close_reason reason) = 0;

protected:
  ~stream_user() = default;
};

/// Dropping the last pointer to a stream is safe anywhere, also inside its own callbacks: the connection is aborted if
/// it still stands, no callback follows, and the object goes at the end of the lane's turn.
struct stream_retire {
  void operator()(stream* connection) const noexcept;
};
using stream_ptr = std::unique_ptr<stream, stream_retire>;

/// Takes over connections: a service, or the demultiplexer before several.
class stream_acceptor {
public:
  /// Must give the stream a user. Straight from a listener the stream is not open yet (`on_open` follows) and
  /// `first_bytes` is empty; from the demultiplexer it is open and these are the bytes read so far.
  virtual void on_stream(stream_ptr connection, std::span<const std::byte> first_bytes) = 0;

protected:
  ~stream_acceptor() = default;
};

} // namespace sallyport::io
