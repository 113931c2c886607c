/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "io/lsock-byte-queue-private.h"
#include "io/lsock-reactor-private.h"

G_BEGIN_DECLS

/* A connected descriptor, its watch, and one queue for each direction.
 * Storey: socket
 *
 * The link moves bytes and knows neither signals nor states: it answers with a verdict, and the
 * socket decides what to emit.  What it finds out about the connection is in its fields before it
 * returns. */

/* What one socket may take from the kernel, or give to it, in one turn, so that a flood starves
 * neither the other sockets nor the other sources.  More would leave the processor's cache before
 * it is read: twice as much takes half as long again. */
#define LSOCK_LINK_BYTES_PER_TURN (256 * 1024)

typedef enum
{
  LSOCK_LINK_WAIT,               /* nothing more for now */
  LSOCK_LINK_DATA,               /* there is data to announce; the kernel may have more */
  LSOCK_LINK_FULL,               /* no room for more: the reader has to read first */
  LSOCK_LINK_END,                /* the last byte was read, or reading failed */
} LsockLinkVerdict;

typedef struct
{
  LsockWatch     watch;

  LsockByteQueue incoming;       /* received and not read */
  LsockByteQueue outgoing;       /* written and not taken by the kernel */

  gint64         unreported;     /* bytes that the kernel took and `bytes-written` does not cover yet */

  /* While `ready-read` is emitted for data that is still in the kernel: how much of it the reader
   * may take in this turn. */
  gsize          turn_budget;

  int            fd;             /* owned; -1 when none */
  int            read_errnum;    /* why reading failed; 0 at a regular end */
  int            write_errnum;   /* why writing failed; 0 while the kernel takes data */

  guint          read_ended : 1;           /* the peer's last byte was read, or reading failed */
  guint          write_ended : 1;          /* our side was shut down for writing, or is about to be */
  guint          read_blocked : 1;         /* the read buffer is full */
  guint          read_pending : 1;         /* `ready-read` is emitted for data in the kernel */
  guint          was_read : 1;             /* the handler of this `ready-read` has read */
  guint          read_directly : 1;        /* the handler reads all at once, into much room */
  guint          reader_drains : 1;        /* the handler took all that there was */
  guint          received : 1;             /* since a dispatch asked last */
  guint          readiness_unreliable : 1; /* the kernel announced data and had none */
} LsockLink;

/* How one turn of receiving goes on. */
typedef struct
{
  gsize budget;                  /* bytes that this turn may still take */
  gsize fresh;                   /* bytes taken and not announced yet */
  guint wanted : 1;              /* the data has a reader; otherwise it is discarded */
  guint to_end : 1;              /* ask the kernel until it has nothing left */
  guint more : 1;                /* the last read was full: the kernel may have more */
} LsockReadPlan;

/* A link without a connection, after g_new0() or memset(). */
static inline void
_lsock_link_init (LsockLink *self)
{
  self->fd = -1;
}

/* Begins anew with @fd, which the caller watches already; written data that waits stays. */
void             _lsock_link_open            (LsockLink     *self,
                                              int            fd);
/* Closes the descriptor and drops what was not sent.  What arrived stays readable. */
void             _lsock_link_close           (LsockLink     *self);
/* Gives the descriptor to the caller; the connection goes on without the link. */
int              _lsock_link_steal           (LsockLink     *self);

/* Whether written data waits for room in the kernel. */
static inline gboolean
_lsock_link_has_output (const LsockLink *self)
{
  return self->outgoing.length > 0 && self->write_errnum == 0;
}

/* What the link waits for. */
static inline LsockReady
_lsock_link_get_interest (const LsockLink *self)
{
  return (!self->read_ended && !self->read_blocked ? LSOCK_READY_IN : LSOCK_READY_NONE) |
         (_lsock_link_has_output (self) ? LSOCK_READY_OUT : LSOCK_READY_NONE);
}

/* Takes at most @room bytes from the kernel as @plan says. */
LsockLinkVerdict _lsock_link_receive         (LsockLink     *self,
                                              LsockReadPlan *plan,
                                              gsize          room);

/* Copies up to @count bytes to @buffer: first from the queue, then straight from the kernel if
 * `ready-read` is being emitted for data there. */
gsize            _lsock_link_read            (LsockLink     *self,
                                              void          *buffer,
                                              gsize          count);

/* Moves pending data from the kernel into the queue, where all other questions look for it. */
void             _lsock_link_drain           (LsockLink     *self);

static inline void
_lsock_link_drain_pending (LsockLink *self)
{
  if (G_UNLIKELY (self->read_pending))
    _lsock_link_drain (self);
}

/* Writes @length bytes at @data, which belong to @bytes if that is not NULL.  What the kernel does
 * not take is queued.  A failure is kept in `write_errnum`. */
void             _lsock_link_write           (LsockLink     *self,
                                              const void    *data,
                                              gsize          length,
                                              GBytes        *bytes);

/* Hands queued data to the kernel as far as it has room.  A failure is kept in `write_errnum`. */
void             _lsock_link_send            (LsockLink     *self);

/* Ends writing once all queued data has left. */
void             _lsock_link_shutdown_write  (LsockLink     *self);

G_END_DECLS
