/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sockets and servers whose descriptors the kernel does not watch any more. */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "fixture.h"

/* More than a connection between two local sockets holds. */
#define MUCH (1024 * 1024)


static const int errnums[] = { ENOSPC, ENOMEM };


static void
check_ended (LsockSocket *socket,
             Story       *story)
{
  await (is_unconnected, socket);
  g_assert_cmpuint (fault_count (FAULT_WATCH), >, 0);
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_nonnull (strstr (story_text (story), "error socket-resource"));
  g_assert_null (strstr (strstr (story_text (story), "error") + 1, "error"));
  g_assert_true (g_str_has_suffix (story_text (story), "disconnected"));
}

/* Interest changes when the kernel's buffer is full, and when the reader's is. */
static void
test_change (Fixture       *fixture,
             gconstpointer  data)
{
  gboolean writes = GPOINTER_TO_INT (data);

  g_test_summary ("Nothing more happened when the kernel refused a change of interest, and nothing "
                  "was emitted");

  for (guint i = 0; i < G_N_ELEMENTS (errnums); i++)
    {
      g_autofree char *path = fixture_path (fixture, "raw");
      g_autofree char *much = g_malloc0 (MUCH);
      g_autoptr (LsockSocket) socket = NULL;
      g_autoptr (Story) story = NULL;
      guint before;
      int peer;

      socket = connect_to_raw (fixture, &peer);
      settle ();
      before = count_descriptors ();
      story = story_of (socket);
      if (!writes)
        lsock_socket_set_read_buffer_size (socket, 4);

      fault_set (FAULT_WATCH, errnums[i], FAULT_ALWAYS);
      if (writes)
        lsock_io_device_write (LSOCK_IO_DEVICE (socket), (const guint8 *) much, MUCH, NULL);
      else
        {
          raw_write (peer, "more than four");
          await_true (lsock_socket_get_read_blocked (socket));
          /* The rest is reported once more, and the descriptor is not watched from then on. */
          settle ();
          g_bytes_unref (lsock_io_device_read_all (LSOCK_IO_DEVICE (socket), NULL));
        }
      check_ended (socket, story);
      fault_clear (FAULT_WATCH);

      close (peer);
      lsock_socket_abort (socket);
      settle ();
      g_assert_cmpuint (count_descriptors (), ==, before - 2);
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

/* A new connection that cannot be watched fails, and the next one works. */
static void
test_connect (Fixture       *fixture,
              gconstpointer  data)
{
  for (guint i = 0; i < G_N_ELEMENTS (errnums); i++)
    {
      g_autoptr (LsockServer) server = lsock_server_new ();
      g_autoptr (LsockSocket) socket = lsock_socket_new ();

      g_assert_true (lsock_server_listen (server, "s", NULL));
      fault_set (FAULT_WATCH, errnums[i], FAULT_ALWAYS);
      lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
      await (is_unconnected, socket);
      g_assert_cmpuint (fault_count (FAULT_WATCH), >, 0);
      g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE);
      g_assert_nonnull (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)));
      fault_clear (FAULT_WATCH);

      lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
      g_assert_true (is_connected (socket));
      await (has_pending, server);
    }
}

/* A server whose descriptor is not watched reports it, and asks again until it is. */
static void
test_listen (Fixture       *fixture,
             gconstpointer  data)
{
  for (guint i = 0; i < G_N_ELEMENTS (errnums); i++)
    {
      g_autoptr (LsockServer) server = lsock_server_new ();
      g_autoptr (SignalWatch) reports = watch_signal (server, "accept-error");
      int client;

      fault_set (FAULT_WATCH, errnums[i], FAULT_ALWAYS);
      g_assert_true (lsock_server_listen (server, "s", NULL));
      client = raw_connect (fixture, "s");
      await_signal (reports);
      g_assert_cmpuint (fault_count (FAULT_WATCH), >, 0);
      g_assert_cmpint (lsock_server_get_server_error (server), ==,
                       LSOCK_SOCKET_ERROR_SOCKET_RESOURCE);
      g_assert_true (lsock_server_is_listening (server));
      fault_clear (FAULT_WATCH);

      await (has_pending, server);
      close (client);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("LSOCK_REACTOR", "epoll", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/socket/unwatched/writes", Fixture, GINT_TO_POINTER (TRUE), fixture_set_up,
              test_change, fixture_tear_down);
  g_test_add ("/socket/unwatched/reads", Fixture, GINT_TO_POINTER (FALSE), fixture_set_up,
              test_change, fixture_tear_down);
  g_test_add ("/socket/unwatched/connects", Fixture, NULL, fixture_set_up, test_connect,
              fixture_tear_down);
  g_test_add ("/server/unwatched/listens", Fixture, NULL, fixture_set_up, test_listen,
              fixture_tear_down);

  return g_test_run ();
}
