#include "actors/file_limit.hpp"

#include <sys/resource.h>

#include "net/io/log.hpp"

namespace sallyport::actors {

void raise_file_limit(std::size_t connections_max, std::size_t relays_max) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
    return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < connections_max + relays_max)
    log::warn("open files are fewer than connections and relays files_max={} connections_max={} allocations_max={}",
              files.rlim_max, connections_max, relays_max);
}

} // namespace sallyport::actors
