/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The system calls on a descriptor: the one place that knows the platform. */

#include "config.h"

#include "io/lsock-transport-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/lsock-interrupt-private.h"

/* How many clients in a row may fail while they are let in. */
#define MAX_FAILED_CLIENTS 64

#ifndef MSG_NOSIGNAL
# define MSG_NOSIGNAL 0
#endif

G_STATIC_ASSERT (sizeof (LsockVector) == sizeof (struct iovec));
G_STATIC_ASSERT (G_STRUCT_OFFSET (LsockVector, data) == G_STRUCT_OFFSET (struct iovec, iov_base));
G_STATIC_ASSERT (G_STRUCT_OFFSET (LsockVector, length) == G_STRUCT_OFFSET (struct iovec, iov_len));


static gboolean
set_flags (int fd)
{
  int flags = fcntl (fd, F_GETFL);

  if (flags < 0 || fcntl (fd, F_SETFL, flags | O_NONBLOCK) < 0)
    return FALSE;

  flags = fcntl (fd, F_GETFD);
  if (flags < 0 || fcntl (fd, F_SETFD, flags | FD_CLOEXEC) < 0)
    return FALSE;

#ifdef SO_NOSIGPIPE
  {
    int on = 1;

    if (setsockopt (fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) < 0)
      return FALSE;
  }
#endif

  return TRUE;
}

static gssize
result_of (gssize n)
{
  if (n >= 0)
    return n;

  return errno == EAGAIN || errno == EWOULDBLOCK ? LSOCK_TRANSPORT_WOULD_BLOCK
                                                 : LSOCK_TRANSPORT_FAILED;
}

int
_lsock_transport_open (void)
{
#if defined (SOCK_CLOEXEC) && defined (SOCK_NONBLOCK)
  return socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#else
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  if (fd >= 0 && !set_flags (fd))
    {
      int saved = errno;

      close (fd);
      errno = saved;
      return -1;
    }

  return fd;
#endif
}

void
_lsock_transport_close (int fd)
{
  int saved = errno;

  /* Not repeated on EINTR: Linux and the BSDs have released the number by then, and another thread
   * may have it already. */
  close (fd);
  errno = saved;
}

LsockTransportConnect
_lsock_transport_connect (int                 fd,
                          const LsockAddress *address)
{
  while (connect (fd, (const struct sockaddr *) &address->sun, address->length) < 0)
    {
      if (errno == EINTR)
        continue;
      if (errno == EISCONN)
        break;
      /* Linux says EAGAIN to a full backlog and never tells when there is room again: such a
       * socket polls as writable and hung up at once. */
      if (errno == EAGAIN || errno == EINPROGRESS || errno == EALREADY)
        return LSOCK_TRANSPORT_BUSY;

      return LSOCK_TRANSPORT_REFUSED;
    }

  return LSOCK_TRANSPORT_CONNECTED;
}

gssize
_lsock_transport_read (int                fd,
                       const LsockVector *vectors,
                       guint              n_vectors)
{
  gssize n;

  do
    n = n_vectors == 1 ? recv (fd, vectors->data, vectors->length, 0)
                       : readv (fd, (const struct iovec *) vectors, (int) n_vectors);
  while (n < 0 && errno == EINTR);

  return result_of (n);
}

gssize
_lsock_transport_write (int                fd,
                        const LsockVector *vectors,
                        guint              n_vectors)
{
  gssize n;

  if (n_vectors == 1)
    {
      do
        n = send (fd, vectors->data, vectors->length, MSG_NOSIGNAL);
      while (n < 0 && errno == EINTR);
    }
  else
    {
      struct msghdr message = {
        .msg_iov    = (struct iovec *) vectors,
        .msg_iovlen = n_vectors,
      };

      do
        n = sendmsg (fd, &message, MSG_NOSIGNAL);
      while (n < 0 && errno == EINTR);
    }

  return result_of (n);
}

gboolean
_lsock_transport_shutdown_write (int fd)
{
  return shutdown (fd, SHUT_WR) == 0;
}

int
_lsock_transport_wait (int    fd,
                       int    events,
                       gint64 deadline)
{
  int interrupt = _lsock_interrupt_get_descriptor ();
  nfds_t n_fds = interrupt < 0 ? 1 : 2;
  struct pollfd pollfds[2];

  pollfds[0] = (struct pollfd) { .fd = fd, .events = (short) events };
  if (interrupt >= 0)
    pollfds[1] = (struct pollfd) { .fd = interrupt, .events = POLLIN };

  for (;;)
    {
      int timeout = -1;
      int n;

      if (deadline >= 0)
        {
          gint64 rest = deadline - g_get_monotonic_time ();

          timeout = rest <= 0 ? 0 : (int) MIN ((rest + 999) / 1000, G_MAXINT);
        }

      n = poll (pollfds, n_fds, timeout);
      if (n > 0)
        return pollfds[0].revents;
      if (n == 0 && (timeout == 0 || g_get_monotonic_time () >= deadline))
        return 0;
      if (n < 0 && errno != EINTR && errno != EAGAIN)
        return POLLERR;
    }
}

gboolean
_lsock_transport_check (int       fd,
                        gboolean  listening,
                        GError  **error)
{
  LsockAddress address = { .length = sizeof address.sun };
  int value = 0;
  socklen_t length = sizeof value;

  if (getsockname (fd, (struct sockaddr *) &address.sun, &address.length) < 0)
    {
      int saved = errno;

      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   "The descriptor %d is no socket: %s", fd, g_strerror (saved));
      return FALSE;
    }

  if (address.sun.sun_family != AF_UNIX)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   "The descriptor %d is a socket of address family %d, not a local one",
                   fd, address.sun.sun_family);
      return FALSE;
    }

  if (getsockopt (fd, SOL_SOCKET, SO_TYPE, &value, &length) < 0 || value != SOCK_STREAM)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                   "The descriptor %d is a local socket of type %d, not a stream", fd, value);
      return FALSE;
    }

  if (listening)
    return TRUE;

  address.length = sizeof address.sun;
  if (getpeername (fd, (struct sockaddr *) &address.sun, &address.length) < 0)
    {
      int saved = errno;

      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "The descriptor %d has no peer: %s", fd, g_strerror (saved));
      return FALSE;
    }

  return TRUE;
}

gboolean
_lsock_transport_adopt (int      fd,
                        GError **error)
{
  if (!set_flags (fd))
    {
      int saved = errno;

      g_set_error (error, LSOCK_SOCKET_ERROR, _lsock_transport_error_code (saved),
                   "The descriptor %d cannot be made non-blocking: %s", fd, g_strerror (saved));
      return FALSE;
    }

  return TRUE;
}

gboolean
_lsock_transport_get_peer (int           fd,
                           LsockAddress *address)
{
  address->length = sizeof address->sun;
  return getpeername (fd, (struct sockaddr *) &address->sun, &address->length) == 0;
}

gboolean
_lsock_transport_get_local (int           fd,
                            LsockAddress *address)
{
  address->length = sizeof address->sun;
  return getsockname (fd, (struct sockaddr *) &address->sun, &address->length) == 0;
}

gboolean
_lsock_transport_is_listening (int fd)
{
  int value = 0;
  socklen_t length = sizeof value;

  return getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0;
}

gboolean
_lsock_transport_listen (int fd,
                         int backlog)
{
  return listen (fd, backlog) == 0;
}

int
_lsock_transport_accept (int fd)
{
  /* Bounded: a system that refuses every client must not keep the loop. */
  for (int tries = 0; ; tries++)
    {
#ifdef HAVE_ACCEPT4
      int client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

      if (client >= 0)
        return client;
#else
      int client = accept (fd, NULL, NULL);

      if (client >= 0)
        {
          int saved;

          if (set_flags (client))
            return client;

          saved = errno;
          close (client);
          errno = saved;
          return LSOCK_TRANSPORT_FAILED;
        }
#endif

      /* What concerns this client alone must not cost the others: it left while it waited (accept(2)),
       * or a security module refused it. */
      if (tries == MAX_FAILED_CLIENTS ||
          (errno != EINTR && errno != ECONNABORTED && errno != EPROTO && errno != EPERM))
        return (int) result_of (-1);
    }
}

LsockSocketError
_lsock_transport_error_code (int errnum)
{
  switch (errnum)
    {
    case ECONNREFUSED:
      return LSOCK_SOCKET_ERROR_CONNECTION_REFUSED;

    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
      return LSOCK_SOCKET_ERROR_PEER_CLOSED;

    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND;

    case EACCES:
    case EPERM:
    case EROFS:
      return LSOCK_SOCKET_ERROR_SOCKET_ACCESS;

    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:
      return LSOCK_SOCKET_ERROR_SOCKET_RESOURCE;

    case ETIMEDOUT:
      return LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT;

    case EMSGSIZE:
      return LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE;

    case EADDRINUSE:
      return LSOCK_SOCKET_ERROR_ADDRESS_IN_USE;

    case EAFNOSUPPORT:
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
    case EPROTOTYPE:
      return LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION;

    case EIO:
    case ENETDOWN:
    case EINVAL:
      return LSOCK_SOCKET_ERROR_CONNECTION;

    default:
      return LSOCK_SOCKET_ERROR_UNKNOWN;
    }
}

LsockSocketError
_lsock_transport_end_code (int errnum)
{
  LsockSocketError code = _lsock_transport_error_code (errnum);

  return code == LSOCK_SOCKET_ERROR_UNKNOWN ? LSOCK_SOCKET_ERROR_CONNECTION : code;
}
