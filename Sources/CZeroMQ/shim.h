#include <zmq.h>

#if defined(__linux__)
#include <sys/epoll.h>
#include <sys/eventfd.h>
/* What libzmq makes first; it aborts the program where the system refuses one. A descriptor, or -1
   with errno. */
static inline int headwise_zmq_poll_set(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int headwise_zmq_wake_up(void) { return eventfd(0, EFD_CLOEXEC); }
#endif
