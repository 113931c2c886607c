/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that knows nothing of the source tree: it talks to itself over a socket, without a main
 * loop, and answers with its exit status. */

#include <glib/gstdio.h>
#include <lsock.h>

#define LIMIT_MS 10000

static const char greeting[] = "hello from outside";

static gboolean
converse (LsockServer *server,
          const char  *name)
{
  g_autoptr (LsockSocket) client = lsock_socket_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) received = NULL;
  LsockSocket *peer;

  lsock_socket_connect_to_server (client, name, LSOCK_OPEN_MODE_READ_WRITE);
  if (!lsock_socket_wait_for_connected (client, LIMIT_MS) ||
      !lsock_server_wait_for_new_connection (server, LIMIT_MS, NULL))
    return FALSE;

  peer = lsock_server_next_pending_connection (server);
  if (lsock_io_device_write (LSOCK_IO_DEVICE (client), (const guint8 *) greeting,
                             sizeof greeting, &error) < 0)
    return FALSE;

  if (!lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (peer), LIMIT_MS))
    return FALSE;

  received = lsock_io_device_read_all (LSOCK_IO_DEVICE (peer), &error);
  return received != NULL && g_bytes_get_size (received) == sizeof greeting;
}

int
main (void)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("lsXXXXXX", &error);
  g_autofree char *name = g_build_filename (directory, "s", NULL);
  gboolean good;

  if (!lsock_server_listen (server, name, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  good = converse (server, name);
  lsock_server_close (server);
  g_remove (directory);
  return good ? 0 : 1;
}
