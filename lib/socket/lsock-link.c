/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The link: moves bytes between a connected descriptor and two queues. */

#include "config.h"

#include "socket/lsock-link-private.h"

#include <errno.h>

#include "io/lsock-transport-private.h"

/* How many pieces of the queue one writev() takes. */
#define MAX_VECTORS 16

/* Below this size a system call per read costs more than a copy. */
#define MIN_DIRECT_READ (16 * 1024)


void
_lsock_link_open (LsockLink *self,
                  int        fd)
{
  _lsock_byte_queue_clear (&self->incoming);
  self->fd = fd;
  self->read_errnum = 0;
  self->write_errnum = 0;
  self->read_ended = FALSE;
  self->write_ended = FALSE;
  self->read_blocked = FALSE;
  self->readiness_unreliable = FALSE;
}

void
_lsock_link_close (LsockLink *self)
{
  /* Before the descriptor is closed: its number may be given out again at once, and the set must
   * not watch another file under it. */
  _lsock_watch_stop (&self->watch);
  _lsock_byte_queue_clear (&self->outgoing);
  self->unreported = 0;
  self->read_pending = FALSE;
  self->read_blocked = FALSE;

  if (self->fd >= 0)
    _lsock_transport_close (g_steal_fd (&self->fd));
}

int
_lsock_link_steal (LsockLink *self)
{
  _lsock_watch_stop (&self->watch);
  return g_steal_fd (&self->fd);
}


/* Receiving */

/* One read(2), straight into the queue. */
static gssize
receive_piece (LsockLink *self,
               gsize      room,
               gboolean   wanted,
               gboolean  *full)
{
  LsockVector vectors[2];
  guint n_vectors = _lsock_byte_queue_reserve (&self->incoming, room, vectors);
  gsize offered = vectors[0].length + (n_vectors > 1 ? vectors[1].length : 0);
  gssize n = _lsock_transport_read (self->fd, vectors, n_vectors);
  int saved = errno;

  /* Data without a reader is still taken from the kernel: a peer that cannot write would perhaps
   * never read what we still have to send. */
  _lsock_byte_queue_commit (&self->incoming, wanted && n > 0 ? (gsize) n : 0);
  *full = n == (gssize) offered;
  errno = saved;
  return n;
}

LsockLinkVerdict
_lsock_link_receive (LsockLink     *self,
                     LsockReadPlan *plan,
                     gsize          room)
{
  _lsock_watch_forget (&self->watch, LSOCK_READY_DATA);
  self->read_pending = FALSE;

  while ((plan->more || plan->to_end) && plan->budget > 0 && !self->read_ended)
    {
      gboolean full;
      gssize n;

      if (G_UNLIKELY (room == 0))
        return LSOCK_LINK_FULL;

      n = receive_piece (self, MIN (room, plan->budget), plan->wanted, &full);
      plan->more = full;
      if (G_UNLIKELY (n <= 0))
        {
          plan->to_end = FALSE;
          if (n != LSOCK_TRANSPORT_WOULD_BLOCK)
            {
              self->read_ended = TRUE;
              self->read_errnum = n == LSOCK_TRANSPORT_FAILED ? errno : 0;
            }
          break;
        }

      plan->budget -= (gsize) n;
      if (!plan->wanted)
        continue;

      plan->fresh += (gsize) n;
      room -= (gsize) n;

      /* A reader that takes a flood as it comes gets each chunk while it is in the processor's
       * cache. */
      if (full && self->reader_drains && !plan->to_end &&
          plan->fresh >= LSOCK_BYTE_QUEUE_LARGE_CHUNK)
        return LSOCK_LINK_DATA;
    }

  if (plan->fresh > 0)
    return LSOCK_LINK_DATA;

  return self->read_ended ? LSOCK_LINK_END : LSOCK_LINK_WAIT;
}

void
_lsock_link_drain (LsockLink *self)
{
  gboolean full = TRUE;
  gsize total = 0;

  self->read_pending = FALSE;
  _lsock_watch_forget (&self->watch, LSOCK_READY_DATA);
  while (full && total < self->turn_budget && !self->read_ended)
    {
      gssize n = receive_piece (self, self->turn_budget - total, TRUE, &full);

      /* A regular end is reported by the kernel again, a failure is not. */
      if (n == LSOCK_TRANSPORT_FAILED)
        {
          self->read_errnum = errno;
          self->read_ended = TRUE;
        }
      total += (gsize) MAX (n, 0);
    }
}

/* Reads pending data straight into the caller's buffer, without an intermediate copy. */
static gsize
read_pending (LsockLink *self,
              void      *buffer,
              gsize      count)
{
  LsockVector vector = { buffer, MIN (count, self->turn_budget) };
  gssize n = _lsock_transport_read (self->fd, &vector, 1);

  _lsock_watch_forget (&self->watch, LSOCK_READY_DATA);
  if (n == LSOCK_TRANSPORT_FAILED)
    {
      self->read_errnum = errno;
      self->read_ended = TRUE;
    }
  /* A byte out of band makes the descriptor readable without data.  A peer that sends these must
   * not make us announce nothing over and over. */
  else if (n == LSOCK_TRANSPORT_WOULD_BLOCK && self->turn_budget == LSOCK_LINK_BYTES_PER_TURN)
    {
      self->readiness_unreliable = TRUE;
    }

  if (n < (gssize) vector.length)
    {
      self->read_pending = FALSE;
      return (gsize) MAX (n, 0);
    }

  self->turn_budget -= (gsize) n;
  if (self->turn_budget == 0)
    self->read_pending = FALSE;
  else if (count < MIN_DIRECT_READ)
    _lsock_link_drain (self);
  return (gsize) n;
}

gsize
_lsock_link_read (LsockLink *self,
                  void      *buffer,
                  gsize      count)
{
  gsize n = self->incoming.length > 0 ? _lsock_byte_queue_read (&self->incoming, buffer, count) : 0;

  if (n == count)
    {
      self->was_read |= count > 0;
      return n;
    }

  if (self->read_pending)
    n += read_pending (self, (guint8 *) buffer + n, count - n);

  if (n < count)
    self->read_directly = !self->was_read || count >= MIN_DIRECT_READ;
  self->was_read = TRUE;
  return n;
}


/* Sending */

void
_lsock_link_write (LsockLink  *self,
                   const void *data,
                   gsize       length,
                   GBytes     *bytes)
{
  gsize done = 0;

  if (self->outgoing.length == 0 && self->fd >= 0 && self->write_errnum == 0)
    {
      LsockVector vector = { (void *) data, length };
      gssize n = _lsock_transport_write (self->fd, &vector, 1);

      if (G_LIKELY (n > 0))
        {
          done = (gsize) n;
          self->unreported += n;
          _lsock_watch_wake (&self->watch);
        }
      else if (n == LSOCK_TRANSPORT_FAILED)
        {
          self->write_errnum = errno;
          _lsock_watch_wake (&self->watch);
        }
    }

  if (done == length)
    return;

  if (bytes != NULL)
    {
      g_autoptr (GBytes) rest = g_bytes_new_from_bytes (bytes, done, length - done);

      _lsock_byte_queue_append_bytes (&self->outgoing, rest);
    }
  else
    {
      _lsock_byte_queue_append (&self->outgoing, (const guint8 *) data + done, length - done);
    }
}

void
_lsock_link_send (LsockLink *self)
{
  gsize total = 0;

  while (_lsock_link_has_output (self) && total < LSOCK_LINK_BYTES_PER_TURN)
    {
      LsockVector vectors[MAX_VECTORS];
      guint n_vectors = _lsock_byte_queue_get_vectors (&self->outgoing, vectors, MAX_VECTORS);
      gssize n = _lsock_transport_write (self->fd, vectors, n_vectors);

      if (n == LSOCK_TRANSPORT_FAILED)
        {
          self->write_errnum = errno;
          return;
        }

      if (n == LSOCK_TRANSPORT_WOULD_BLOCK)
        break;

      _lsock_byte_queue_skip (&self->outgoing, (gsize) n);
      self->unreported += n;
      total += (gsize) n;
    }

  if (self->write_ended && self->outgoing.length == 0)
    _lsock_transport_shutdown_write (self->fd);
}

void
_lsock_link_shutdown_write (LsockLink *self)
{
  if (self->write_ended)
    return;

  self->write_ended = TRUE;
  if (self->outgoing.length == 0)
    _lsock_transport_shutdown_write (self->fd);
}
