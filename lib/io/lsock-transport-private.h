/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "io/lsock-address-private.h"
#include "io/lsock-bound-files-private.h"
#include "io/lsock-byte-queue-private.h"
#include "lsock-error.h"

G_BEGIN_DECLS

/* The system calls on a descriptor, and the one place that knows the platform.  Descriptors are
 * close-on-exec from birth and non-blocking while a transport has them.
 * Storey: io */

#define LSOCK_TRANSPORT_END         0    /* of a read: the peer wrote its last */
#define LSOCK_TRANSPORT_WOULD_BLOCK (-1)
#define LSOCK_TRANSPORT_FAILED      (-2) /* errno says why */

typedef enum
{
  LSOCK_TRANSPORT_CONNECTED,
  LSOCK_TRANSPORT_BUSY,          /* the backlog is full; the kernel gives no event for it */
  LSOCK_TRANSPORT_REFUSED,       /* errno says why */
} LsockTransportConnect;

int      _lsock_transport_open           (void);
void     _lsock_transport_close          (int                   fd);
LsockTransportConnect
         _lsock_transport_connect        (int                   fd,
                                          const LsockAddress   *address);

gssize   _lsock_transport_read           (int                   fd,
                                          const LsockVector    *vectors,
                                          guint                 n_vectors);
gssize   _lsock_transport_write          (int                   fd,
                                          const LsockVector    *vectors,
                                          guint                 n_vectors);
gboolean _lsock_transport_shutdown_write (int                   fd);

/* Waits until @fd is ready for one of @events (as in poll(2)) or @deadline passes, which is a
 * monotonic time in microseconds, or -1 for none: what it is ready for, or 0, also when the wait was
 * interrupted.  A negative @fd is never ready. */
int      _lsock_transport_wait           (int                   fd,
                                          int                   events,
                                          gint64                deadline);

/* Refuses what is not a local stream socket, with an error that says what it is. */
gboolean _lsock_transport_check          (int                   fd,
                                          gboolean              listening,
                                          GError              **error);
/* Makes @fd close-on-exec and non-blocking. */
gboolean _lsock_transport_adopt          (int                   fd,
                                          GError              **error);
gboolean _lsock_transport_get_peer       (int                   fd,
                                          LsockAddress         *address);
gboolean _lsock_transport_get_local      (int                   fd,
                                          LsockAddress         *address);

/* Binds @fd to @address.  With a @mode other than -1 the file has these permissions from its
 * first instant, whatever the umask: never more, and no fewer once this returns. */
gboolean _lsock_transport_bind           (int                   fd,
                                          const LsockAddress   *address,
                                          int                   mode,
                                          LsockFileIdentity    *identity);
/* Removes the file of @address if this process made it and it is still the same.  FALSE, with
 * errno, when the system refuses. */
gboolean _lsock_transport_unbind         (const LsockAddress   *address,
                                          const LsockFileIdentity *identity);
/* Removes the file of @address if it is a socket; one that does not exist is no error. */
gboolean _lsock_transport_remove         (const LsockAddress   *address,
                                          GError              **error);

/* Whether listen(2) was called on @fd. */
gboolean _lsock_transport_is_listening   (int                   fd);
gboolean _lsock_transport_listen         (int                   fd,
                                          int                   backlog);
/* A new descriptor, LSOCK_TRANSPORT_WOULD_BLOCK, or LSOCK_TRANSPORT_FAILED. */
int      _lsock_transport_accept         (int                   fd);

LsockSocketError
         _lsock_transport_error_code     (int                   errnum);
/* The same for what ends a connection: without a code of its own it is CONNECTION. */
LsockSocketError
         _lsock_transport_end_code       (int                   errnum);

G_END_DECLS
