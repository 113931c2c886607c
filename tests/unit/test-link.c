/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The link, which the library hides: bytes between a descriptor and two queues. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket/lsock-link-private.h"

typedef struct
{
  LsockLink link;
  int       peer;
  guint     calls;
} Pair;


static void
on_watch (gpointer   owner,
          LsockReady ready)
{
  ((Pair *) owner)->calls++;
}

static void
pair_set_up (Pair          *pair,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
  _lsock_link_init (&pair->link);
  g_assert_true (_lsock_watch_start (&pair->link.watch, g_main_context_default (), 0, fds[0],
                                     LSOCK_READY_IN, on_watch, pair, &error));
  g_assert_no_error (error);
  _lsock_link_open (&pair->link, fds[0]);
  pair->peer = fds[1];
}

static void
pair_tear_down (Pair          *pair,
                gconstpointer  data)
{
  _lsock_link_close (&pair->link);
  _lsock_byte_queue_clear (&pair->link.incoming);
  g_assert_cmpint (pair->link.fd, ==, -1);
  if (pair->peer >= 0)
    close (pair->peer);
}

static LsockReadPlan
plan_of (gsize    budget,
         gboolean wanted,
         gboolean to_end)
{
  return (LsockReadPlan) { .budget = budget, .wanted = !!wanted, .to_end = !!to_end, .more = TRUE };
}

static void
peer_writes (Pair  *pair,
             gsize  size)
{
  g_autofree char *bytes = g_malloc (size);

  memset (bytes, 'b', size);
  g_assert_cmpint (send (pair->peer, bytes, size, MSG_NOSIGNAL), ==, size);
}

static void
test_data (Pair          *pair,
           gconstpointer  data)
{
  LsockReadPlan plan = plan_of (1024 * 1024, TRUE, FALSE);

  peer_writes (pair, 100);
  g_assert_cmpint (_lsock_link_receive (&pair->link, &plan, G_MAXSSIZE), ==, LSOCK_LINK_DATA);
  g_assert_cmpuint (plan.fresh, ==, 100);
  g_assert_false (plan.more);
  g_assert_cmpuint (pair->link.incoming.length, ==, 100);

  plan = plan_of (1024 * 1024, TRUE, FALSE);
  g_assert_cmpint (_lsock_link_receive (&pair->link, &plan, G_MAXSSIZE), ==, LSOCK_LINK_WAIT);
}

static void
test_room (Pair          *pair,
           gconstpointer  data)
{
  LsockReadPlan plan = plan_of (1024 * 1024, TRUE, FALSE);

  peer_writes (pair, 100);
  g_assert_cmpint (_lsock_link_receive (&pair->link, &plan, 60), ==, LSOCK_LINK_FULL);
  g_assert_cmpuint (plan.fresh, ==, 60);
  g_assert_cmpuint (pair->link.incoming.length, ==, 60);
  g_assert_cmpint (_lsock_link_receive (&pair->link, &plan, 0), ==, LSOCK_LINK_FULL);
  g_assert_cmpuint (pair->link.incoming.length, ==, 60);
}

static void
test_budget (Pair          *pair,
             gconstpointer  data)
{
  LsockReadPlan plan = plan_of (50, TRUE, TRUE);

  peer_writes (pair, 100);
  g_assert_cmpint (_lsock_link_receive (&pair->link, &plan, G_MAXSSIZE), ==, LSOCK_LINK_DATA);
  g_assert_cmpuint (plan.budget, ==, 0);
  g_assert_cmpuint (pair->link.incoming.length, ==, 50);
}

static void
test_end (Pair          *pair,
          gconstpointer  data)
{
  LsockReadPlan plan = plan_of (1024, TRUE, TRUE);

  peer_writes (pair, 100);
  close (g_steal_fd (&pair->peer));
  g_assert_cmpint (_lsock_link_receive (&pair->link, &plan, G_MAXSSIZE), ==, LSOCK_LINK_DATA);
  g_assert_true (pair->link.read_ended);
  g_assert_cmpint (pair->link.read_errnum, ==, 0);
  g_assert_cmpuint (pair->link.incoming.length, ==, 100);

  plan = plan_of (1024, TRUE, TRUE);
  g_assert_cmpint (_lsock_link_receive (&pair->link, &plan, G_MAXSSIZE), ==, LSOCK_LINK_END);
}

static void
test_reset (Pair          *pair,
            gconstpointer  data)
{
  LsockReadPlan plan = plan_of (1024, TRUE, TRUE);

  _lsock_link_write (&pair->link, "unread", 6, NULL);
  close (g_steal_fd (&pair->peer));
  g_assert_cmpint (_lsock_link_receive (&pair->link, &plan, G_MAXSSIZE), ==, LSOCK_LINK_END);
  g_assert_cmpint (pair->link.read_errnum, ==, ECONNRESET);
}

static void
test_discards (Pair          *pair,
               gconstpointer  data)
{
  LsockReadPlan plan = plan_of (1024, FALSE, TRUE);

  peer_writes (pair, 100);
  g_assert_cmpint (_lsock_link_receive (&pair->link, &plan, G_MAXSSIZE), ==, LSOCK_LINK_WAIT);
  g_assert_cmpuint (pair->link.incoming.length, ==, 0);
  g_assert_cmpuint (plan.budget, ==, 924);
}

static void
test_direct (Pair          *pair,
             gconstpointer  data)
{
  char buffer[300];

  peer_writes (pair, 100);
  pair->link.read_pending = TRUE;
  pair->link.turn_budget = LSOCK_LINK_BYTES_PER_TURN;
  g_assert_cmpuint (_lsock_link_read (&pair->link, buffer, sizeof buffer), ==, 100);
  g_assert_false (pair->link.read_pending);
  g_assert_true (pair->link.read_directly);

  /* A reader of small pieces gets the rest by way of the queue. */
  peer_writes (pair, 100);
  pair->link.read_pending = TRUE;
  pair->link.was_read = FALSE;
  g_assert_cmpuint (_lsock_link_read (&pair->link, buffer, 10), ==, 10);
  g_assert_cmpuint (pair->link.incoming.length, ==, 90);

  /* Announced, and not there. */
  _lsock_byte_queue_clear (&pair->link.incoming);
  pair->link.read_pending = TRUE;
  pair->link.turn_budget = LSOCK_LINK_BYTES_PER_TURN;
  g_assert_cmpuint (_lsock_link_read (&pair->link, buffer, 10), ==, 0);
  g_assert_true (pair->link.readiness_unreliable);
}

static void
test_write (Pair          *pair,
            gconstpointer  data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (4 * 1024 * 1024), 4 * 1024 * 1024);
  g_autofree char *drained = g_malloc (4 * 1024 * 1024);
  gsize total = 0;

  _lsock_link_write (&pair->link, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), bytes);
  g_assert_cmpint (pair->link.unreported, >, 0);
  g_assert_cmpuint ((gsize) pair->link.unreported + pair->link.outgoing.length, ==,
                    g_bytes_get_size (bytes));
  g_assert_true (_lsock_link_has_output (&pair->link));
  _lsock_link_shutdown_write (&pair->link);

  while (total < g_bytes_get_size (bytes))
    {
      gssize n = recv (pair->peer, drained, g_bytes_get_size (bytes), 0);

      if (n < 0)
        {
          g_assert_cmpint (errno, ==, EAGAIN);
          _lsock_link_send (&pair->link);
          continue;
        }
      g_assert_cmpint (n, >, 0);
      total += (gsize) n;
    }

  _lsock_link_send (&pair->link);
  g_assert_cmpint (pair->link.unreported, ==, total);
  /* Writing ended when the last byte had left. */
  g_assert_cmpint (recv (pair->peer, drained, 1, 0), ==, 0);
}

static void
test_write_fails (Pair          *pair,
                  gconstpointer  data)
{
  close (g_steal_fd (&pair->peer));
  _lsock_link_write (&pair->link, "lost", 4, NULL);
  g_assert_cmpint (pair->link.write_errnum, ==, EPIPE);
  g_assert_cmpuint (pair->link.outgoing.length, ==, 4);
  g_assert_false (_lsock_link_has_output (&pair->link));

  /* The owner hears of it in the next turn. */
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (pair->calls, >, 0);
}

#define ADD(path, function) g_test_add (path, Pair, NULL, pair_set_up, function, pair_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/link/receive/data", test_data);
  ADD ("/link/receive/room", test_room);
  ADD ("/link/receive/budget", test_budget);
  ADD ("/link/receive/end", test_end);
  ADD ("/link/receive/reset", test_reset);
  ADD ("/link/receive/discards", test_discards);
  ADD ("/link/read/direct", test_direct);
  ADD ("/link/write/all", test_write);
  ADD ("/link/write/fails", test_write_fails);

  return g_test_run ();
}
