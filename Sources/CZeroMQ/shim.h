#include <zmq.h>

#if defined(__linux__)
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
/* What libzmq makes first; it aborts the program where the system refuses one. A descriptor, or -1
   with errno. */
static inline int headwise_zmq_poll_set(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int headwise_zmq_wake_up(void) { return eventfd(0, EFD_CLOEXEC); }
/* glibc shows it only to those that ask for GNU functions. */
int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
/* A poll whose limit is in nanoseconds. */
static inline int headwise_poll(struct pollfd *asked, nfds_t count, const struct timespec *limit) {
    return ppoll(asked, count, limit, NULL);
}
#endif
