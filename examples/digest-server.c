/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server that says how large a file is and what its SHA-256 is.
 *
 * A client sends, for each file, a line with the number of bytes, then the bytes; it gets back a
 * line with the number and the digest.  Every signal is printed as it comes. */

#include <lsock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A client that sends faster than we hash is held back, instead of filling our memory. */
#define READ_BUFFER_SIZE (256 * 1024)

typedef struct
{
  char       who[16];
  GChecksum *checksum;   /* while a file is coming in */
  gint64     size;
  gint64     missing;
} Client;

static void
client_free (gpointer data)
{
  Client *client = data;

  g_clear_pointer (&client->checksum, g_checksum_free);
  g_free (client);
}

static void
say (const char *who,
     const char *signal,
     const char *detail)
{
  printf ("signal\t%s\t%s\t%s\n", who, signal, detail);
  fflush (stdout);
}

/* FALSE when the line that says how much will come is not there yet. */
static gboolean
begin_file (LsockIODevice *device,
            Client        *client)
{
  g_autoptr (GBytes) line = NULL;
  g_autofree char *text = NULL;

  if (!lsock_io_device_can_read_line (device))
    return FALSE;

  line = lsock_io_device_read_line (device, 0, NULL);
  text = g_strndup (g_bytes_get_data (line, NULL), g_bytes_get_size (line));
  client->size = client->missing = g_ascii_strtoll (text, NULL, 10);
  client->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  return TRUE;
}

static void
end_file (LsockIODevice *device,
          Client        *client)
{
  g_autofree char *answer = g_strdup_printf ("%" G_GINT64_FORMAT " %s\n", client->size,
                                             g_checksum_get_string (client->checksum));

  lsock_io_device_write (device, (const guint8 *) answer, (gssize) strlen (answer), NULL);
  g_clear_pointer (&client->checksum, g_checksum_free);
}

static void
on_ready_read (LsockIODevice *device,
               Client        *client)
{
  g_autofree char *detail = g_strdup_printf ("%" G_GINT64_FORMAT,
                                             lsock_io_device_bytes_available (device));

  say (client->who, "ready-read", detail);

  while (client->checksum != NULL || begin_file (device, client))
    {
      g_autoptr (GBytes) bytes = NULL;

      if (client->missing > 0)
        {
          bytes = lsock_io_device_read_bytes (device, (gssize) client->missing, NULL);
          if (bytes == NULL || g_bytes_get_size (bytes) == 0)
            return;

          g_checksum_update (client->checksum, g_bytes_get_data (bytes, NULL),
                             (gssize) g_bytes_get_size (bytes));
          client->missing -= (gint64) g_bytes_get_size (bytes);
        }

      if (client->missing == 0)
        end_file (device, client);
    }
}

static void
on_bytes_written (LsockIODevice *device,
                  gint64         count,
                  Client        *client)
{
  g_autofree char *detail = g_strdup_printf ("%" G_GINT64_FORMAT, count);

  say (client->who, "bytes-written", detail);
}

static void
on_error (LsockSocket      *socket,
          LsockSocketError  error,
          Client           *client)
{
  say (client->who, "error", lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)));
}

static void
on_disconnected (LsockSocket *socket,
                 Client      *client)
{
  say (client->who, "disconnected", "");
  lsock_object_delete_later (LSOCK_OBJECT (socket));
}

static void
on_new_connection (LsockServer *server,
                   gpointer     user_data)
{
  static int n_clients;
  LsockSocket *socket;

  while ((socket = lsock_server_next_pending_connection (server)) != NULL)
    {
      Client *client = g_new0 (Client, 1);

      g_snprintf (client->who, sizeof client->who, "peer %d", ++n_clients);
      say ("server", "new-connection", client->who);
      g_object_set_data_full (G_OBJECT (socket), "client", client, client_free);
      lsock_socket_set_read_buffer_size (socket, READ_BUFFER_SIZE);
      g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), client);
      g_signal_connect (socket, "bytes-written", G_CALLBACK (on_bytes_written), client);
      g_signal_connect (socket, "error", G_CALLBACK (on_error), client);
      g_signal_connect (socket, "disconnected", G_CALLBACK (on_disconnected), client);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GError) error = NULL;

  if (argc != 2)
    {
      fprintf (stderr, "usage: %s NAME\n", argv[0]);
      return EXIT_FAILURE;
    }

  g_signal_connect (server, "new-connection", G_CALLBACK (on_new_connection), NULL);
  lsock_server_set_socket_options (server, LSOCK_SOCKET_OPTIONS_USER_ACCESS);
  if (!lsock_server_listen (server, argv[1], &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return EXIT_FAILURE;
    }

  printf ("listening\t%s\n", lsock_server_get_full_server_name (server));
  fflush (stdout);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}
