#include "net/io/cores.hpp"

#include <pthread.h>
#include <sched.h>

namespace sallyport::io {

std::vector<int> usable_cores() {
  std::vector<int> cores;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof mask, &mask) == 0)
    for (int core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(core, &mask))
        cores.push_back(core);
  // More than 1,024 cores do not fit the mask: one lane then, unpinned rather than none.
  if (cores.empty())
    cores.push_back(0);
  return cores;
}

bool pin_this_thread(int core) noexcept {
  if (core < 0 || core >= CPU_SETSIZE)
    return false;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  CPU_SET(core, &mask);
  return ::pthread_setaffinity_np(::pthread_self(), sizeof mask, &mask) == 0;
}

} // namespace sallyport::io
