/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ends of connections that are made of system calls: they do what a foreign program may do. */

#include "world.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>


static int
make_raw (const char         *directory,
          const char         *name,
          struct sockaddr_un *address)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  g_assert_cmpint (fd, >=, 0);
  *address = (struct sockaddr_un) { .sun_family = AF_UNIX };
  g_assert_cmpuint (g_strlcpy (address->sun_path, path, sizeof address->sun_path), <,
                    sizeof address->sun_path);
  return fd;
}

int
raw_listen_at (const char *directory,
               const char *name,
               int         backlog)
{
  struct sockaddr_un address;
  int fd = make_raw (directory, name, &address);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, backlog), ==, 0);
  return fd;
}

void
world_connect_raw (World      *world,
                   const char *name)
{
  struct sockaddr_un address;
  int fd = make_raw (world->directory, name, &address);

  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    world_add_raw (world, fd);
  else
    close (fd);
}

Raw *
world_add_raw (World *world,
               int    fd)
{
  Raw *raw = g_new0 (Raw, 1);

  raw->fd = fd;
  g_ptr_array_add (world->raws, raw);
  world_note (world, "raw end %d begins", fd);
  return raw;
}

void
raw_send (World *world,
          Raw   *raw,
          gsize  count)
{
  g_autofree guint8 *data = NULL;
  gssize n;

  if (raw->write_ended)
    return;

  if (raw->out == NULL)
    raw->out = stream_table_add (world->streams);
  data = stream_next (raw->out, count);
  n = send (raw->fd, data, count, MSG_NOSIGNAL);
  world_note (world, "raw end %d sends %" G_GSSIZE_FORMAT " of stream %u", raw->fd, n,
              raw->out->id);
  if (n <= 0)
    return;

  /* A connection ends when nothing more can be written, even if the peer goes on. */
  raw->out->accepted += (guint64) n;
  if (!raw->read_ended)
    raw->out->reported += (guint64) n;
  else
    raw->out->broken = TRUE;
}

gboolean
raw_receive (World *world,
             Raw   *raw,
             gsize  count)
{
  g_autofree guint8 *data = g_malloc (count);
  gssize n = recv (raw->fd, data, count, 0);
  Stream *stream;

  if (n > 0)
    {
      cursor_check (&raw->in, world->streams, data, (gsize) n, TRUE);
      return TRUE;
    }

  stream = raw->in.stream;
  if (n == 0 && !raw->read_ended && stream != NULL && stream->graceful && !stream->broken &&
      raw->in.offset != stream->accepted)
    g_error ("Stream %u ends after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes",
             stream->id, raw->in.offset, stream->accepted);
  return FALSE;
}

void
raw_shut (World *world,
          Raw   *raw,
          int    how)
{
  world_note (world, "raw end %d shuts %s", raw->fd,
              how == SHUT_RD ? "reading" : how == SHUT_WR ? "writing" : "both");
  shutdown (raw->fd, how);
  if (how != SHUT_WR)
    raw->read_ended = TRUE;
  if (how != SHUT_RD)
    raw->write_ended = TRUE;
  if (raw->out != NULL && how != SHUT_RD)
    raw->out->graceful = TRUE;
}

void
raw_close (World *world,
           Raw   *raw)
{
  world_note (world, "raw end %d closes", raw->fd);
  if (raw->out != NULL)
    raw->out->graceful = TRUE;
  close (raw->fd);
  g_ptr_array_remove (world->raws, raw);
  g_free (raw);
}
