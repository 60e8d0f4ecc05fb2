#include "net/io/listener.hpp"

#include <fcntl.h>
#include <sys/epoll.h>

#include <cerrno>

namespace sallyport::io {
namespace {

unique_fd open_reserve() {
  return unique_fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

bool is_out_of_files(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

} // namespace

result<std::unique_ptr<listener>, socket_error> listener::open(lane& home, const listener_options& options,
                                                               admission& gate, stream_acceptor& acceptor) {
  auto socket = open_bound(options.local, SOCK_STREAM);
  if (!socket)
    return fail(socket.error());
  if (::listen(socket->get(), options.backlog) != 0)
    return fail(socket_error{"listen", errno});
  std::unique_ptr<listener> made{new listener{home, options, gate, acceptor, std::move(*socket)}};
  if (!home.watch(made->socket_.get(), EPOLLIN, *made, work::accepts)) {
    const int error = errno;
    made->socket_.reset(); // Not watched: nothing to forget.
    return fail(socket_error{"epoll_ctl", error});
  }
  return made;
}

listener::listener(lane& home, const listener_options& options, admission& gate, stream_acceptor& acceptor,
                   unique_fd socket)
  : lane_{home}, options_{options}, gate_{gate}, acceptor_{acceptor}, socket_{std::move(socket)},
    reserve_{open_reserve()}, local_{local_endpoint(socket_.get())} {}

listener::~listener() {
  lane_.cancel(cooldown_);
  if (socket_)
    lane_.forget(socket_.get());
}

void listener::on_ready(std::uint32_t) {
  for (unsigned i = 0; i < options_.accepts_per_turn && accept_one() && lane_.has_time(); ++i)
    ;
}

/// False when there is nothing more to accept in this turn.
bool listener::accept_one() {
  socket_address peer;
  unique_fd connection{::accept4(socket_.get(), peer.get(), &peer.bytes, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (connection) {
    take(std::move(connection), peer.to_endpoint());
    return true;
  }
  if (is_out_of_files(errno))
    return refuse_without_files();
  // Anything else but EAGAIN is the error of one connection that died in the queue (accept(2)): the next may be well.
  return errno != EAGAIN;
}

/// Left in the queue, connections would wait for an answer and keep the loop awake: the reserved descriptor is given up
/// for a moment to turn one away.
bool listener::refuse_without_files() {
  if (reserve_) {
    reserve_.reset();
    socket_address peer;
    unique_fd connection{::accept4(socket_.get(), peer.get(), &peer.bytes, SOCK_CLOEXEC)};
    const bool has_refused = static_cast<bool>(connection);
    if (has_refused)
      refuse(peer.to_endpoint(), verdict::out_of_files);
    connection.reset();
    reserve_ = open_reserve();
    if (has_refused)
      return true;
    if (reserve_)
      return false;
  }
  // Another thread was quicker to take it.
  cooldown_ = lane_.arm(lane_.now() + cooldown_without_files, *this);
  if (cooldown_)
    lane_.modify(socket_.get(), 0);
  return false;
}

void listener::on_timer(std::uint64_t) {
  cooldown_ = {};
  reserve_ = open_reserve();
  lane_.modify(socket_.get(), EPOLLIN);
}

void listener::take(unique_fd connection, const endpoint& peer) {
  const auto& strangers = lane_.unproved();
  const bool is_full = lane_.counters().live.read() >= options_.lane_connections_max ||
                       (options_.unproved && strangers.size() >= options_.unproved->connections_max);
  auto* displaced = is_full && options_.unproved ? strangers.next_to_go() : nullptr;
  if (is_full && !displaced)
    return refuse(peer, verdict::lane_connections);
  if (const auto judged = gate_.admit(peer.address, lane_.now()); judged != verdict::admitted)
    return refuse(peer, judged);
  if (displaced)
    displaced->abort(close_reason::displaced);
  stream::origin made_of;
  made_of.unproved = options_.unproved;
  made_of.ticket = admission_ticket{gate_, peer.address};
  made_of.peer = peer;
  made_of.local = local_endpoint(connection.get());
  tune_stream(connection.get());
  if (options_.tls) {
    auto context = options_.tls->get();
    made_of.tls = context->make_connection(connection.get(), options_.application_protocols);
    made_of.keep_alive = std::move(context);
    if (!made_of.tls)
      made_of.failure = close_reason::local_resources;
  }
  made_of.fd = connection.release();
  lane_.counters().accepted.add();
  stream_ptr accepted{new stream{lane_, options_.streams, std::move(made_of)}};
  // Stays until the end of the turn, whatever its new owner does with it.
  auto& started = *accepted;
  acceptor_.on_stream(std::move(accepted), {});
  started.start();
}

void listener::refuse(const endpoint& peer, verdict why) {
  lane_.counters().refused[static_cast<std::size_t>(why)].add();
  lane_.log().refused(lane_.now(), peer, why);
}

} // namespace sallyport::io
