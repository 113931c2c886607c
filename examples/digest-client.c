/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams files to the digest server, one after the other, and prints what it answers. */

#include <lsock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE (64 * 1024)

/* More than this is never queued: the next piece is read from the file when some of it has left. */
#define MAX_QUEUED (4 * PIECE)

typedef struct
{
  GMainLoop   *loop;
  LsockSocket *socket;
  char       **files;     /* those that are still to be sent, the current one first */
  FILE        *input;
  int          status;
} Sender;

static void
say (const char *signal,
     const char *detail)
{
  printf ("signal\tclient\t%s\t%s\n", signal, detail);
}

static void
finish (Sender     *sender,
        int         status,
        const char *message)
{
  if (message != NULL)
    fprintf (stderr, "%s\n", message);
  sender->status = status;
  g_main_loop_quit (sender->loop);
}

static gboolean
begin_file (Sender *sender)
{
  g_autofree char *header = NULL;
  g_autofree char *message = NULL;

  sender->input = fopen (sender->files[0], "rb");
  if (sender->input == NULL || fseek (sender->input, 0, SEEK_END) != 0)
    {
      message = g_strdup_printf ("Cannot read “%s”", sender->files[0]);
      finish (sender, EXIT_FAILURE, message);
      return FALSE;
    }

  header = g_strdup_printf ("%ld\n", ftell (sender->input));
  rewind (sender->input);
  lsock_io_device_write (LSOCK_IO_DEVICE (sender->socket), (const guint8 *) header,
                         (gssize) strlen (header), NULL);
  return TRUE;
}

static void
send_more (Sender *sender)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (sender->socket);

  while (sender->input != NULL && lsock_io_device_bytes_to_write (device) < MAX_QUEUED)
    {
      g_autofree guint8 *piece = g_malloc (PIECE);
      gsize n = fread (piece, 1, PIECE, sender->input);

      if (n == 0)
        g_clear_pointer (&sender->input, fclose);
      else
        lsock_io_device_write (device, piece, (gssize) n, NULL);
    }
}

static void
on_connected (LsockSocket *socket,
              Sender      *sender)
{
  say ("connected", lsock_socket_get_full_server_name (socket));
  if (begin_file (sender))
    send_more (sender);
}

static void
on_bytes_written (LsockSocket *socket,
                  gint64       count,
                  Sender      *sender)
{
  g_autofree char *detail = g_strdup_printf ("%" G_GINT64_FORMAT, count);

  say ("bytes-written", detail);
  send_more (sender);
}

static void
on_ready_read (LsockIODevice *device,
               Sender        *sender)
{
  say ("ready-read", "");

  while (lsock_io_device_can_read_line (device))
    {
      g_autoptr (GBytes) line = lsock_io_device_read_line (device, 0, NULL);
      gsize length;
      const char *text = g_bytes_get_data (line, &length);

      printf ("result\t%s\t%.*s\n", sender->files[0], (int) length - 1, text);
      sender->files++;
      if (sender->files[0] == NULL)
        lsock_io_device_close (device);
      else if (begin_file (sender))
        send_more (sender);
    }
}

static void
on_error (LsockSocket      *socket,
          LsockSocketError  error,
          Sender           *sender)
{
  say ("error", lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)));
  finish (sender, EXIT_FAILURE, lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)));
}

static void
on_disconnected (LsockSocket *socket,
                 Sender      *sender)
{
  say ("disconnected", "");
  finish (sender, sender->files[0] == NULL ? EXIT_SUCCESS : EXIT_FAILURE, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  Sender sender = { loop, socket, argv + 2, NULL, EXIT_SUCCESS };

  if (argc < 3)
    {
      fprintf (stderr, "usage: %s NAME FILE…\n", argv[0]);
      return EXIT_FAILURE;
    }

  g_signal_connect (socket, "connected", G_CALLBACK (on_connected), &sender);
  g_signal_connect (socket, "bytes-written", G_CALLBACK (on_bytes_written), &sender);
  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), &sender);
  g_signal_connect (socket, "error", G_CALLBACK (on_error), &sender);
  g_signal_connect (socket, "disconnected", G_CALLBACK (on_disconnected), &sender);

  lsock_socket_connect_to_server (socket, argv[1], LSOCK_OPEN_MODE_READ_WRITE);
  if (lsock_socket_get_state (socket) != LSOCK_SOCKET_STATE_UNCONNECTED)
    g_main_loop_run (loop);

  g_clear_pointer (&sender.input, fclose);
  return sender.status;
}
