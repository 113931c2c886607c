/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server whose clients leave, whose system refuses, and whose process forks. */

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "fixture.h"


static LsockServer *
listening_server (void)
{
  LsockServer *server = lsock_server_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (lsock_server_listen (server, "s", &error));
  g_assert_no_error (error);
  return server;
}

static void
revive (LsockServer *server)
{
  g_autoptr (GError) error = NULL;
  int pair[2];

  g_assert_false (lsock_server_listen (server, "again", &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_false (lsock_server_listen_fd (server, pair[0], &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  close (pair[0]);
  close (pair[1]);
  g_assert_false (lsock_server_is_listening (server));
}

static void
test_ended_refuses (Fixture       *fixture,
                    gconstpointer  data)
{
  LsockServer *server = listening_server ();

  g_test_summary ("A server that had ended could listen again");

  if (GPOINTER_TO_INT (data))
    g_signal_connect (server, "destroyed", G_CALLBACK (revive), NULL);
  g_object_run_dispose (G_OBJECT (server));
  revive (server);
  g_assert_finalize_object (server);
}

static void
test_child_leaves_file (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening_server ();
  int status;
  pid_t child = fork ();

  g_test_summary ("A child after fork that ended the server removed its parent's file");

  if (child == 0)
    {
      if (GPOINTER_TO_INT (data) == 0)
        lsock_server_close (server);
      else
        g_object_unref (server);
      _exit (0);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  close (raw_connect (fixture, "s"));
}

static void
test_abstract_access (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GError) error = NULL;

  g_test_summary ("Access options with an abstract name protect nothing, and were accepted");

  lsock_server_set_socket_options (server, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE |
                                           LSOCK_SOCKET_OPTIONS_USER_ACCESS);
  g_assert_false (lsock_server_listen (server, "abstract", &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
}

static void
test_listen_fails_late (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture_path (fixture, "s");
  LsockSocketError last = 0;

  g_test_summary ("A listen that failed after bind(2) left its file behind");

  lsock_server_set_socket_options (server, (LsockSocketOptions) GPOINTER_TO_INT (data));
  fault_set (FAULT_LSTAT, ENOMEM, FAULT_ALWAYS);
  g_assert_false (lsock_server_listen (server, "s", &error));
  fault_clear (FAULT_LSTAT);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_cmpint (g_access (path, F_OK), ==, -1);
  g_object_get (server, "last-error", &last, NULL);
  g_assert_cmpint (last, ==, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE);
}

static void
test_unwritable_folder (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autofree char *folder = fixture_path (fixture, "folder");
  int status;
  pid_t child;

  g_test_summary ("close() in a folder that had become unwritable left the file and said nothing");

  g_assert_cmpint (g_mkdir (folder, 0777), ==, 0);
  g_assert_cmpint (g_chmod (fixture->directory, 0755), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0777), ==, 0);
  child = fork ();
  if (child == 0)
    {
      g_autoptr (LsockServer) server = lsock_server_new ();
      LsockSocketError last = 0;

      /* As root the system refuses nothing. */
      if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
        _exit (2);
      if (!lsock_server_listen (server, "folder/s", NULL))
        _exit (3);
      if (raise (SIGSTOP) != 0)
        _exit (4);
      lsock_server_close (server);
      g_object_get (server, "last-error", &last, NULL);
      _exit (last == LSOCK_SOCKET_ERROR_SOCKET_ACCESS &&
             strstr (lsock_server_get_error_string (server), "folder/s") != NULL ? 0 : 5);
    }

  g_assert_cmpint (waitpid (child, &status, WUNTRACED), ==, child);
  g_assert_true (WIFSTOPPED (status));
  g_assert_cmpint (g_chmod (folder, geteuid () == 0 ? 0755 : 0555), ==, 0);
  g_assert_cmpint (kill (child, SIGCONT), ==, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);

  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  {
    g_autofree char *path = g_build_filename (folder, "s", NULL);

    g_assert_cmpint (g_remove (path), ==, 0);
  }
}

typedef enum
{
  NO_PARENT,
  OTHER_PARENT,
  TAKEN,
  DISPOSED,
  DELETED,
} Leave;

static void
test_pending_that_left (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening_server ();
  g_autoptr (LsockObject) other = lsock_object_new ();
  g_autoptr (LsockObject) taken = NULL;
  g_autoptr (LsockObject) child = NULL;
  int first = raw_connect (fixture, "s");
  int second;

  g_test_summary ("set_parent (NULL) on a client that waited: next_pending_connection() handed out "
                  "freed memory");

  await (has_pending, server);
  child = g_list_model_get_item (lsock_object_get_children (LSOCK_OBJECT (server)), 0);
  switch ((Leave) GPOINTER_TO_INT (data))
    {
    case OTHER_PARENT:
      lsock_object_set_parent (child, G_OBJECT (other));
      break;

    case TAKEN:
      taken = lsock_object_take (child);
      break;

    case DISPOSED:
      g_object_run_dispose (G_OBJECT (child));
      break;

    case DELETED:
      lsock_object_delete_later (child);
      settle ();
      break;

    case NO_PARENT:
    default:
      lsock_object_set_parent (child, NULL);
    }
  g_clear_object (&child);

  g_assert_false (lsock_server_has_pending_connections (server));
  g_assert_null (lsock_server_next_pending_connection (server));

  second = raw_connect (fixture, "s");
  await (has_pending, server);
  g_assert_true (LSOCK_IS_SOCKET (lsock_server_next_pending_connection (server)));
  close (first);
  close (second);
}

/* What the server looks through, a handler changes: the end of a client that has departed. */
typedef struct
{
  LsockServer *server;   /* a reference */
  gboolean     drops;
  guint        calls;
  LsockSocket *next;
} Departure;

static void
ask_for_next (LsockObject *object,
              Departure   *departure)
{
  departure->calls++;
  departure->next = lsock_server_next_pending_connection (departure->server);
  if (departure->drops)
    g_clear_object (&departure->server);
}

static void
test_next_in_end_of_departed (Fixture       *fixture,
                              gconstpointer  data)
{
  Departure departure = { .server = listening_server (), .drops = GPOINTER_TO_INT (data) };
  LsockServer *server = departure.server;
  GListModel *children = lsock_object_get_children (LSOCK_OBJECT (server));
  g_autoptr (LsockObject) first = NULL;
  g_autoptr (LsockObject) second = NULL;
  LsockSocket *third;
  int clients[3];

  g_test_summary ("next_pending_connection() went on with a freed link of its queue when the end of "
                  "a departed client had asked for the next one");

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = raw_connect (fixture, "s");
  await_true (g_list_model_get_n_items (children) == 3);
  first = g_list_model_get_item (children, 0);
  second = g_list_model_get_item (children, 1);
  g_object_add_weak_pointer (G_OBJECT (server), (gpointer *) &server);

  /* From here on the queue has the only reference on the first. */
  g_signal_connect (first, "destroyed", G_CALLBACK (ask_for_next), &departure);
  lsock_object_set_parent (first, NULL);
  g_clear_object (&first);
  g_assert_cmpuint (departure.calls, ==, 0);

  third = lsock_server_next_pending_connection (server);
  g_assert_cmpuint (departure.calls, ==, 1);
  g_assert_true (departure.next == LSOCK_SOCKET (second));
  if (departure.drops)
    {
      g_assert_null (server);
    }
  else
    {
      g_assert_true (LSOCK_IS_SOCKET (third));
      g_assert_true (third != LSOCK_SOCKET (second));
      g_assert_false (lsock_server_has_pending_connections (server));
      g_assert_finalize_object (server);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    close (clients[i]);
}

static void
test_one_client_fails (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening_server ();
  g_autoptr (Story) story = story_of (server);
  int client = raw_connect (fixture, "s");

  g_test_summary ("One client that failed while it was let in ended the wait for the others");

  fault_set (FAULT_ACCEPT, GPOINTER_TO_INT (data), 1);
  g_assert_true (lsock_server_wait_for_new_connection (server, 10000, NULL));
  g_assert_cmpuint (fault_count (FAULT_ACCEPT), ==, 1);
  g_assert_cmpstr (story_text (story), ==, "new-connection");
  close (client);
}

/* Clients that cannot be let in, before others that can */

typedef struct
{
  const char *name;
  int         errnum;
  guint       failures;
  guint       waiting;     /* clients in the backlog, some of which may fail */
  gboolean    leaves;      /* a client that fails is gone; otherwise it is let in next time */
  gboolean    by_wait;
} Refusal;

static const Refusal refusals[] = {
  { "EPROTO/loop",             EPROTO,       1, 3, FALSE, FALSE },
  { "EPROTO/wait",             EPROTO,       1, 3, FALSE, TRUE  },
  { "EPROTO/left/loop",        EPROTO,       1, 3, TRUE,  FALSE },
  { "EPROTO/left/wait",        EPROTO,       1, 3, TRUE,  TRUE  },
  { "ECONNABORTED/loop",       ECONNABORTED, 1, 3, FALSE, FALSE },
  { "ECONNABORTED/wait",       ECONNABORTED, 1, 3, FALSE, TRUE  },
  { "ECONNABORTED/left/loop",  ECONNABORTED, 1, 3, TRUE,  FALSE },
  { "ECONNABORTED/left/wait",  ECONNABORTED, 1, 3, TRUE,  TRUE  },
  { "EPERM/loop",              EPERM,        1, 3, FALSE, FALSE },
  { "EPERM/wait",              EPERM,        1, 3, FALSE, TRUE  },
  { "EPERM/left/loop",         EPERM,        1, 3, TRUE,  FALSE },
  { "EPERM/left/wait",         EPERM,        1, 3, TRUE,  TRUE  },
  { "EINTR/loop",              EINTR,        4, 3, FALSE, FALSE },
  { "EINTR/wait",              EINTR,        4, 3, FALSE, TRUE  },
  { "EAGAIN/loop",             EAGAIN,       2, 3, FALSE, FALSE },
  { "EAGAIN/wait",             EAGAIN,       2, 3, FALSE, TRUE  },
  { "EPROTO/several/loop",     EPROTO,       5, 7, TRUE,  FALSE },
  { "EPROTO/several/wait",     EPROTO,       5, 7, TRUE,  TRUE  },
  { "ECONNABORTED/several/loop", ECONNABORTED, 5, 7, TRUE,  FALSE },
  { "ECONNABORTED/several/wait", ECONNABORTED, 5, 7, TRUE,  TRUE  },
  { "EPERM/several/loop",      EPERM,        5, 7, TRUE,  FALSE },
  { "EPERM/several/wait",      EPERM,        5, 7, TRUE,  TRUE  },
};

/* Both ends of the client that waited longest: @fd says who it is. */
static void
check_served (LsockServer *server,
              int          fd)
{
  LsockSocket *socket = lsock_server_next_pending_connection (server);
  g_autoptr (GBytes) got = NULL;
  g_autofree char *who = g_strdup_printf ("I am %d", fd);

  g_assert_nonnull (socket);
  raw_write (fd, who);
  g_assert_true (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), 10000));
  assert_read (socket, who);
  write_text (socket, "welcome");
  got = raw_read (fd, 7);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "welcome", 7);
}

static void
test_some_clients_fail (Fixture       *fixture,
                        gconstpointer  data)
{
  const Refusal *refusal = data;
  g_autoptr (LsockServer) server = listening_server ();
  g_autoptr (Story) story = story_of (server);
  GListModel *children = lsock_object_get_children (LSOCK_OBJECT (server));
  g_autofree int *clients = g_new (int, refusal->waiting);
  guint first = refusal->leaves ? refusal->failures : 0;
  gboolean timed_out = TRUE;
  char byte;

  for (guint i = 0; i < refusal->waiting; i++)
    clients[i] = raw_connect (fixture, "s");

  if (refusal->leaves)
    fault_set_leaving (refusal->errnum, refusal->failures);
  else
    fault_set (FAULT_ACCEPT, refusal->errnum, refusal->failures);

  for (guint i = first; i < refusal->waiting; i++)
    {
      if (!refusal->by_wait)
        await (has_pending, server);
      else
        g_assert_true (lsock_server_wait_for_new_connection (server, 10000, &timed_out));
      g_assert_true (!refusal->by_wait || !timed_out);
      check_served (server, clients[i]);
    }

  /* The failures were no reason for a signal, and nobody is left. */
  g_assert_cmpuint (fault_count (FAULT_ACCEPT), ==, refusal->failures);
  g_assert_null (strstr (story_text (story), "accept-error"));
  g_assert_cmpint (lsock_server_get_server_error (server), ==, LSOCK_SOCKET_ERROR_UNKNOWN);
  settle ();
  g_assert_false (lsock_server_wait_for_new_connection (server, 0, &timed_out));
  g_assert_true (timed_out);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, refusal->waiting - first);

  for (guint i = 0; i < refusal->waiting; i++)
    {
      if (i < first)
        g_assert_cmpint (recv (clients[i], &byte, 1, MSG_DONTWAIT), ==, 0);
      close (clients[i]);
    }
}

/* One turn does not try for ever: the loop goes on, the failure is told once, and the clients are
 * let in when the system lets them. */
static void
test_every_client_fails (Fixture       *fixture,
                         gconstpointer  data)
{
  gboolean by_wait = GPOINTER_TO_INT (data);
  g_autoptr (LsockServer) server = listening_server ();
  g_autoptr (Story) story = story_of (server);
  g_autoptr (SignalWatch) reports = watch_signal (server, "accept-error");
  int clients[2];
  gboolean timed_out = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = raw_connect (fixture, "s");
  fault_set (FAULT_ACCEPT, EPERM, FAULT_ALWAYS);
  if (by_wait)
    {
      g_assert_false (lsock_server_wait_for_new_connection (server, 50, &timed_out));
      g_assert_true (timed_out);
    }
  else
    {
      await_signal (reports);
      settle ();
    }
  g_assert_cmpstr (story_text (story), ==, "accept-error socket-access");
  g_assert_nonnull (strstr (lsock_server_get_error_string (server), g_strerror (EPERM)));
  g_assert_true (lsock_server_is_listening (server));

  fault_clear (FAULT_ACCEPT);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      if (by_wait)
        g_assert_true (lsock_server_wait_for_new_connection (server, 10000, NULL));
      else
        await (has_pending, server);
      check_served (server, clients[i]);
      close (clients[i]);
    }
  g_assert_cmpuint (signal_watch_count (reports), ==, 1);
}

/* After a full table, with a loop and without one. */
static void
test_full_table_recovers (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening_server ();
  g_autoptr (Story) story = story_of (server);
  int client = raw_connect (fixture, "s");
  gboolean timed_out = FALSE;

  g_test_summary ("A server without a loop was deaf for good after one failed accept(2), and its wait "
                  "of 200 ms returned 100,000 times in 0.34 s");

  fault_set (FAULT_ACCEPT, GPOINTER_TO_INT (data), FAULT_ALWAYS);
  g_assert_false (lsock_server_wait_for_new_connection (server, 50, &timed_out));
  g_assert_true (timed_out);
  g_assert_cmpuint (fault_count (FAULT_ACCEPT), <, 10);
  g_assert_cmpstr (story_text (story), ==, "accept-error socket-resource");

  fault_set (FAULT_ACCEPT, GPOINTER_TO_INT (data), 2);
  g_assert_true (lsock_server_wait_for_new_connection (server, 10000, &timed_out));
  g_assert_false (timed_out);
  close (client);

  fault_set (FAULT_ACCEPT, GPOINTER_TO_INT (data), 1);
  client = raw_connect (fixture, "s");
  g_assert_nonnull (lsock_server_next_pending_connection (server));
  await (has_pending, server);
  close (client);
}

static void
test_wait_when_full (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening_server ();
  gboolean timed_out = FALSE;
  gint64 begin = g_get_monotonic_time ();
  int client = raw_connect (fixture, "s");

  g_test_summary ("With max-pending 0 the wait answered at once \"no, not timed out\": a loop on it "
                  "spun");

  lsock_server_set_max_pending_connections (server, 0);
  g_assert_false (lsock_server_wait_for_new_connection (server, 40, &timed_out));
  g_assert_true (timed_out);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 40000);

  timed_out = FALSE;
  g_assert_false (lsock_server_wait_for_new_connection (server, -7, &timed_out));
  g_assert_true (timed_out);
  close (client);
}

static void
test_leaving_makes_room (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening_server ();
  g_autoptr (LsockObject) child = NULL;
  GListModel *children = lsock_object_get_children (LSOCK_OBJECT (server));
  int clients[3];

  g_test_summary ("A pending client that left a full queue made no room: the server stayed deaf");

  lsock_server_set_max_pending_connections (server, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = raw_connect (fixture, "s");
  await_true (g_list_model_get_n_items (children) == 2);
  settle ();

  child = g_list_model_get_item (children, 0);
  switch (GPOINTER_TO_INT (data))
    {
    case DISPOSED:
      g_object_run_dispose (G_OBJECT (child));
      break;

    case DELETED:
      lsock_object_delete_later (child);
      settle ();
      break;

    case NO_PARENT:
    default:
      lsock_object_set_parent (child, NULL);
    }
  g_clear_object (&child);
  /* No call of the program but the one that made room: the loop has to notice. */
  await_true (g_list_model_get_n_items (children) == 2);

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    close (clients[i]);
}

static void
test_added_without_listening (Fixture       *fixture,
                              gconstpointer  data)
{
  LsockServer *server = lsock_server_new ();
  LsockSocket *socket = lsock_socket_new ();

  g_test_summary ("A client that was added to a server that does not listen was never freed");

  lsock_server_add_pending_connection (server, socket);
  lsock_server_add_pending_connection (server, socket);
  g_assert_true (lsock_server_next_pending_connection (server) == socket);
  g_assert_null (lsock_server_next_pending_connection (server));
  lsock_server_add_pending_connection (server, socket);
  g_assert_finalize_object (server);
  g_assert_finalize_object (socket);
}

static void
test_add_after_end (Fixture       *fixture,
                    gconstpointer  data)
{
  LsockServer *server = listening_server ();
  LsockSocket *socket = lsock_socket_new ();

  g_object_run_dispose (G_OBJECT (server));
  lsock_server_add_pending_connection (server, socket);
  g_assert_cmpint (lsock_server_get_server_error (server), ==, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_false (lsock_server_has_pending_connections (server));
  g_assert_null (lsock_object_get_parent (LSOCK_OBJECT (socket)));
  g_assert_finalize_object (socket);
  g_assert_finalize_object (server);
}

static void
test_close_cannot_look (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening_server ();
  g_autofree char *path = fixture_path (fixture, "s");

  g_test_summary ("close() with a path that could not be looked at left the file and said nothing");

  fault_set (FAULT_LSTAT, EACCES, FAULT_ALWAYS);
  lsock_server_close (server);
  fault_clear (FAULT_LSTAT);
  g_assert_false (lsock_server_is_listening (server));
  g_assert_cmpint (lsock_server_get_server_error (server), ==, LSOCK_SOCKET_ERROR_SOCKET_ACCESS);
  g_assert_nonnull (strstr (lsock_server_get_error_string (server), path));
}

static void
test_error_names_path (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fixture_path (fixture, "no/folder/s");

  g_test_summary ("The text of an error did not have the path that the name stands for");

  g_assert_false (lsock_server_listen (server, "no/folder/s", &error));
  g_assert_nonnull (strstr (error->message, "“no/folder/s”"));
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, g_strerror (ENOENT)));
}

/* The handler of a change moves the server: what follows is emitted in the new context only. */
typedef struct
{
  GMainContext *context;
  gboolean      entered;     /* the new context is being run */
  guint         early;
  guint         notifies;
} Mover;

static void
move_server (LsockServer *server,
             GParamSpec  *pspec,
             Mover       *mover)
{
  if (mover->notifies++ == 0)
    g_assert_true (lsock_object_move_to_context (LSOCK_OBJECT (server), mover->context, NULL));
  else if (!mover->entered)
    mover->early++;
}

static void
test_move_in_notify (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  LsockServer *server = lsock_server_new ();
  Mover mover = { .context = context };
  int client;

  g_test_summary ("A handler that moved the server heard the rest of the change in the old thread");

  g_signal_connect (server, "notify", G_CALLBACK (move_server), &mover);
  g_assert_true (lsock_server_listen (server, "s", NULL));
  g_assert_cmpuint (mover.early, ==, 0);

  mover.entered = TRUE;
  client = raw_connect (fixture, "s");
  await_true_in (context, has_pending (server));
  g_assert_cmpuint (mover.notifies, >=, 3);
  close (client);
  g_assert_finalize_object (server);
}

static void
drop_server (LsockServer  *server,
             GParamSpec   *pspec,
             LsockServer **reference)
{
  g_clear_object (reference);
}

static void
test_drop_in_notify (Fixture       *fixture,
                     gconstpointer  data)
{
  LsockServer *server = lsock_server_new ();
  LsockServer *reference = server;

  g_test_summary ("A handler that dropped the last reference inside listen() left it with freed "
                  "memory");

  g_object_add_weak_pointer (G_OBJECT (server), (gpointer *) &server);
  g_signal_connect (server, "notify", G_CALLBACK (drop_server), &reference);
  g_assert_true (lsock_server_listen (reference, "s", NULL));
  g_assert_null (server);
}

static void
close_server (LsockServer *server)
{
  lsock_server_close (server);
}

/* Closed inside the notification that tells of its listening, and of its closing. */
static void
test_close_in_notify (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autofree char *signal = g_strconcat ("notify::", (const char *) data, NULL);
  g_autofree char *path = fixture_path (fixture, "s");
  g_autoptr (LsockServer) server = lsock_server_new ();

  g_test_summary ("A close in the handler of a notification did not last: listen() went on");

  g_signal_connect (server, signal, G_CALLBACK (close_server), NULL);
  g_assert_true (lsock_server_listen (server, "s", NULL));
  lsock_server_close (server);
  g_assert_false (lsock_server_is_listening (server));
  g_assert_cmpint (lsock_server_get_socket_descriptor (server), ==, -1);
  g_assert_null (lsock_server_get_server_name (server));
  g_assert_cmpint (g_access (path, F_OK), ==, -1);
}

#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  static const char * const notifies[] = {
    "server-name", "full-server-name", "socket-descriptor", "error-string", "last-error",
  };

  g_test_init (&argc, &argv, NULL);

  ADD ("/server/ended/refuses", GINT_TO_POINTER (0), test_ended_refuses);
  ADD ("/server/ended/inside-destroyed", GINT_TO_POINTER (1), test_ended_refuses);
  ADD ("/server/fork/child-closes", GINT_TO_POINTER (0), test_child_leaves_file);
  ADD ("/server/fork/child-drops", GINT_TO_POINTER (1), test_child_leaves_file);
  ADD ("/server/listen/abstract-access", NULL, test_abstract_access);
  ADD ("/server/listen/fails-late", GINT_TO_POINTER (0), test_listen_fails_late);
  ADD ("/server/listen/fails-late-access", GINT_TO_POINTER (LSOCK_SOCKET_OPTIONS_USER_ACCESS),
       test_listen_fails_late);
  ADD ("/server/close/unwritable-folder", NULL, test_unwritable_folder);
  ADD ("/server/pending/no-parent", GINT_TO_POINTER (NO_PARENT), test_pending_that_left);
  ADD ("/server/pending/other-parent", GINT_TO_POINTER (OTHER_PARENT), test_pending_that_left);
  ADD ("/server/pending/taken", GINT_TO_POINTER (TAKEN), test_pending_that_left);
  ADD ("/server/pending/disposed", GINT_TO_POINTER (DISPOSED), test_pending_that_left);
  ADD ("/server/pending/deleted", GINT_TO_POINTER (DELETED), test_pending_that_left);
  ADD ("/server/pending/next-in-end", GINT_TO_POINTER (FALSE), test_next_in_end_of_departed);
  ADD ("/server/pending/next-in-end-drops", GINT_TO_POINTER (TRUE), test_next_in_end_of_departed);
  ADD ("/server/pending/room-no-parent", GINT_TO_POINTER (NO_PARENT), test_leaving_makes_room);
  ADD ("/server/pending/room-disposed", GINT_TO_POINTER (DISPOSED), test_leaving_makes_room);
  ADD ("/server/pending/room-deleted", GINT_TO_POINTER (DELETED), test_leaving_makes_room);
  ADD ("/server/pending/added-without-listening", NULL, test_added_without_listening);
  ADD ("/server/ended/add", NULL, test_add_after_end);
  ADD ("/server/close/cannot-look", NULL, test_close_cannot_look);
  ADD ("/server/listen/error-names-path", NULL, test_error_names_path);
  ADD ("/server/notify/move", NULL, test_move_in_notify);
  ADD ("/server/notify/drop", NULL, test_drop_in_notify);
  ADD ("/server/clients/one-fails-EPROTO", GINT_TO_POINTER (EPROTO), test_one_client_fails);
  ADD ("/server/clients/one-fails-EPERM", GINT_TO_POINTER (EPERM), test_one_client_fails);
  ADD ("/server/clients/one-fails-ECONNABORTED", GINT_TO_POINTER (ECONNABORTED),
       test_one_client_fails);
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strconcat ("/server/clients/some-fail/", refusals[i].name, NULL);

      ADD (path, &refusals[i], test_some_clients_fail);
    }
  ADD ("/server/clients/every-one-fails/loop", GINT_TO_POINTER (FALSE), test_every_client_fails);
  ADD ("/server/clients/every-one-fails/wait", GINT_TO_POINTER (TRUE), test_every_client_fails);
  ADD ("/server/clients/recovers-EMFILE", GINT_TO_POINTER (EMFILE), test_full_table_recovers);
  ADD ("/server/clients/recovers-ENFILE", GINT_TO_POINTER (ENFILE), test_full_table_recovers);
  ADD ("/server/clients/recovers-ENOMEM", GINT_TO_POINTER (ENOMEM), test_full_table_recovers);
  ADD ("/server/clients/recovers-ENOBUFS", GINT_TO_POINTER (ENOBUFS), test_full_table_recovers);
  ADD ("/server/wait/full", NULL, test_wait_when_full);
  for (gsize i = 0; i < G_N_ELEMENTS (notifies); i++)
    {
      g_autofree char *path = g_strconcat ("/server/close/in-notify-", notifies[i], NULL);

      ADD (path, notifies[i], test_close_in_notify);
    }

  return g_test_run ();
}
