/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lsock.h>
#include <stdlib.h>
#include <sys/socket.h>

/* A gibibyte goes from a writer that keeps little queued to a reader that takes little at a time;
 * all of it arrives, and neither end ever holds more than it said it would. */

#define TOTAL ((gint64) 1 << 30)
#define PIECE (64 * 1024)
#define MAX_QUEUED (4 * PIECE)
#define READ_BUFFER_SIZE (128 * 1024)

/* Odd, so that reads and writes are never cut alike. */
#define READ_AT_ONCE 50021

typedef struct
{
  LsockSocket *socket;
  gint64       written;
  gint64       most_queued;
  guint32      sum;
} Writer;

typedef struct
{
  gint64       read;
  gint64       most_held;
  guint32      sum;
  gboolean     ended;
} Reader;

/* Cheap, and different for the same bytes in another order. */
static guint32
add_up (guint32       sum,
        const guint8 *bytes,
        gsize         length)
{
  for (gsize i = 0; i < length; i++)
    sum = (sum << 5 | sum >> 27) + bytes[i];

  return sum;
}

static void
write_more (Writer *writer)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (writer->socket);
  guint8 piece[PIECE];

  while (writer->written < TOTAL && lsock_io_device_bytes_to_write (device) < MAX_QUEUED)
    {
      for (gsize i = 0; i < sizeof piece; i++)
        piece[i] = (guint8) (writer->written / 251 + (gint64) (i * 7));
      writer->sum = add_up (writer->sum, piece, sizeof piece);
      g_assert_cmpint (lsock_io_device_write (device, piece, sizeof piece, NULL), ==, PIECE);
      writer->written += PIECE;
      writer->most_queued = MAX (writer->most_queued, lsock_io_device_bytes_to_write (device));
    }

  if (writer->written == TOTAL)
    lsock_socket_disconnect_from_server (writer->socket);
}

static gpointer
write_all (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Writer *writer = data;
  int fd = GPOINTER_TO_INT (writer->socket);

  g_main_context_push_thread_default (context);
  writer->socket = lsock_socket_new ();
  g_assert_true (lsock_socket_set_socket_descriptor (writer->socket, fd,
                                                     LSOCK_SOCKET_STATE_CONNECTED,
                                                     LSOCK_OPEN_MODE_READ_WRITE, NULL));
  g_signal_connect_swapped (writer->socket, "bytes-written", G_CALLBACK (write_more), writer);
  write_more (writer);
  while (lsock_socket_get_state (writer->socket) != LSOCK_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (context, TRUE);
  g_clear_object (&writer->socket);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
on_ready_read (LsockIODevice *device,
               Reader        *reader)
{
  guint8 buffer[READ_AT_ONCE];
  gssize n;

  reader->most_held = MAX (reader->most_held, lsock_io_device_bytes_available (device));
  n = lsock_io_device_read (device, buffer, sizeof buffer, NULL);
  g_assert_cmpint (n, >=, 0);
  reader->sum = add_up (reader->sum, buffer, (gsize) n);
  reader->read += n;
}

static void
on_disconnected (LsockIODevice *device,
                 Reader        *reader)
{
  while (lsock_io_device_bytes_available (device) > 0)
    on_ready_read (device, reader);
  reader->ended = TRUE;
}

static void
test_slow_reader (void)
{
  Writer writer = { NULL, 0, 0, 0 };
  Reader reader = { 0, 0, 0, FALSE };
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  GThread *thread;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_assert_true (lsock_socket_set_socket_descriptor (socket, ends[0], LSOCK_SOCKET_STATE_CONNECTED,
                                                     LSOCK_OPEN_MODE_READ_WRITE, NULL));
  lsock_socket_set_read_buffer_size (socket, READ_BUFFER_SIZE);
  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), &reader);
  g_signal_connect (socket, "disconnected", G_CALLBACK (on_disconnected), &reader);

  writer.socket = GINT_TO_POINTER (ends[1]);
  thread = g_thread_new ("writer", write_all, &writer);
  while (!reader.ended)
    {
      /* A read that takes less than there is announces nothing by itself. */
      if (lsock_io_device_bytes_available (LSOCK_IO_DEVICE (socket)) > 0 &&
          !g_main_context_pending (NULL))
        on_ready_read (LSOCK_IO_DEVICE (socket), &reader);
      else
        g_main_context_iteration (NULL, TRUE);
    }
  g_thread_join (thread);

  g_assert_cmpint (reader.read, ==, TOTAL);
  g_assert_cmpuint (reader.sum, ==, writer.sum);
  g_assert_cmpint (reader.most_held, <=, READ_BUFFER_SIZE);
  g_assert_cmpint (writer.most_queued, <=, MAX_QUEUED + PIECE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/stress/slow-reader", test_slow_reader);

  return g_test_run ();
}
