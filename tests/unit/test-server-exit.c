/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of the files of servers when their process exits. */

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "fixture.h"

/* What a process does before it calls exit(3), with servers that nothing has closed. */
typedef void (*Act) (Fixture *fixture);

/* The servers that are open when the process exits: no leak to a sanitizer. */
static LsockServer *open_servers[2];
static guint n_open_servers;

static LsockServer *
listen_with (const char         *name,
             LsockSocketOptions  options)
{
  LsockServer *server = lsock_server_new ();

  lsock_server_set_socket_options (server, options);
  if (!lsock_server_listen (server, name, NULL))
    _exit (1);

  open_servers[n_open_servers++] = server;
  return server;
}

static LsockServer *
listen_under (const char *name)
{
  return listen_with (name, LSOCK_SOCKET_OPTIONS_NONE);
}

static void
act_listen (Fixture *fixture)
{
  listen_under ("a");
  listen_under ("b");
}

static void
act_close_one (Fixture *fixture)
{
  lsock_server_close (listen_under ("b"));
  listen_under ("a");
}

static void
act_replaced (Fixture *fixture)
{
  g_autofree char *path = fixture_path (fixture, "a");

  listen_under ("a");
  g_unlink (path);
  raw_listen (fixture, "a", 1);
}

static void
act_narrow (Fixture *fixture)
{
  listen_with ("a", LSOCK_SOCKET_OPTIONS_USER_ACCESS);
}

static gpointer
listen_in_thread (gpointer name)
{
  return listen_under (name);
}

static void
act_thread (Fixture *fixture)
{
  g_thread_join (g_thread_new ("server", listen_in_thread, (gpointer) "a"));
}

/* A child leaves its parent's file alone, and removes its own. */
static void
act_fork (Fixture *fixture)
{
  g_autofree char *own = fixture_path (fixture, "a");
  g_autofree char *childs = fixture_path (fixture, "b");
  struct stat st;
  pid_t child;
  int status;

  listen_under ("a");
  child = fork ();
  if (child == 0)
    {
      listen_under ("b");
      exit (0);
    }

  if (waitpid (child, &status, 0) != child || status != 0 || lstat (own, &st) != 0 ||
      lstat (childs, &st) == 0)
    _exit (1);
}

static const struct
{
  const char *path;
  Act         act;
  gboolean    stays;
} cases[] = {
  { "/server/exit/listens", act_listen, FALSE },
  { "/server/exit/one-closed", act_close_one, FALSE },
  { "/server/exit/replaced", act_replaced, TRUE },
  { "/server/exit/access", act_narrow, FALSE },
  { "/server/exit/thread", act_thread, FALSE },
  { "/server/exit/child", act_fork, FALSE },
};

static void
test_exit (Fixture       *fixture,
           gconstpointer  data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autofree char *a = fixture_path (fixture, "a");
  g_autofree char *b = fixture_path (fixture, "b");
  struct stat st;
  pid_t child;
  int status;

  g_test_summary ("A process that ended without closing its server could not be started again");

  /* The child would write what is buffered once more. */
  fflush (NULL);
  child = fork ();
  if (child == 0)
    {
      cases[i].act (fixture);
      exit (0);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (lstat (a, &st), ==, cases[i].stays ? 0 : -1);
  g_assert_cmpint (lstat (b, &st), ==, -1);

  if (!cases[i].stays)
    {
      g_autoptr (LsockServer) server = lsock_server_new ();
      g_autoptr (GError) error = NULL;

      g_assert_true (lsock_server_listen (server, "a", &error));
      g_assert_no_error (error);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, Fixture, GUINT_TO_POINTER (i), fixture_set_up, test_exit,
                fixture_tear_down);

  return g_test_run ();
}
