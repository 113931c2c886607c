/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fixture.h"


static LsockServer *
listening (const char *name)
{
  LsockServer *server = lsock_server_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (lsock_server_listen (server, name, &error));
  g_assert_no_error (error);
  return server;
}

static int
permissions (Fixture    *fixture,
             const char *name)
{
  g_autofree char *path = fixture_path (fixture, name);
  struct stat st;

  g_assert_cmpint (lstat (path, &st), ==, 0);
  g_assert_true (S_ISSOCK (st.st_mode));
  return st.st_mode & 0777;
}

static gboolean
exists (Fixture    *fixture,
        const char *name)
{
  g_autofree char *path = fixture_path (fixture, name);
  struct stat st;

  return lstat (path, &st) == 0;
}

static void
test_listen (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autofree char *path = fixture_path (fixture, "s");

  g_assert_true (lsock_server_is_listening (server));
  g_assert_cmpstr (lsock_server_get_server_name (server), ==, "s");
  g_assert_cmpstr (lsock_server_get_full_server_name (server), ==, path);
  g_assert_cmpint (lsock_server_get_socket_descriptor (server), >=, 0);
  g_assert_true (exists (fixture, "s"));

  lsock_server_close (server);
  g_assert_false (lsock_server_is_listening (server));
  g_assert_null (lsock_server_get_server_name (server));
  g_assert_false (exists (fixture, "s"));
  lsock_server_close (server);
}

static void
test_listen_refused (Fixture       *fixture,
                     gconstpointer  data)
{
  const struct
  {
    const char       *name;
    LsockSocketError  code;
  } bad[] = {
    { "",            LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND },
    { "no/folder/s", LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND },
    { "live",        LSOCK_SOCKET_ERROR_ADDRESS_IN_USE   },
    { "stale",       LSOCK_SOCKET_ERROR_ADDRESS_IN_USE   },
    { "file",        LSOCK_SOCKET_ERROR_ADDRESS_IN_USE   },
  };
  g_autofree char *file = fixture_path (fixture, "file");
  int live = raw_listen (fixture, "live", 1);
  guint before;

  close (raw_listen (fixture, "stale", 1));
  g_assert_true (g_file_set_contents (file, "precious", -1, NULL));
  before = count_descriptors ();

  for (int access = 0; access < 2; access++)
    for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
      {
        g_autoptr (LsockServer) server = lsock_server_new ();
        g_autoptr (GError) error = NULL;

        if (access == 1)
          lsock_server_set_socket_options (server, LSOCK_SOCKET_OPTIONS_USER_ACCESS);
        g_assert_false (lsock_server_listen (server, bad[i].name, &error));
        g_assert_error (error, LSOCK_SOCKET_ERROR, (int) bad[i].code);
        g_assert_cmpint (lsock_server_get_server_error (server), ==, bad[i].code);
        g_assert_cmpstr (lsock_server_get_error_string (server), ==, error->message);
        g_assert_false (lsock_server_is_listening (server));
        if (*bad[i].name != '\0')
          g_assert_nonnull (strstr (error->message, bad[i].name));
      }

  g_assert_cmpuint (count_descriptors (), ==, before);
  g_assert_true (exists (fixture, "live"));
  g_assert_true (exists (fixture, "stale"));
  g_assert_true (exists (fixture, "file"));
  close (live);
}

static void
test_listen_twice (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autoptr (GError) error = NULL;

  g_assert_false (lsock_server_listen (server, "t", &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_true (lsock_server_is_listening (server));
  g_assert_false (exists (fixture, "t"));
}

static void
test_access (Fixture       *fixture,
             gconstpointer  data)
{
  const struct
  {
    LsockSocketOptions options;
    int                mode;
  } rows[] = {
    { LSOCK_SOCKET_OPTIONS_USER_ACCESS,                                      0700 },
    { LSOCK_SOCKET_OPTIONS_GROUP_ACCESS,                                     0070 },
    { LSOCK_SOCKET_OPTIONS_OTHER_ACCESS,                                     0007 },
    { LSOCK_SOCKET_OPTIONS_USER_ACCESS | LSOCK_SOCKET_OPTIONS_GROUP_ACCESS,  0770 },
    { LSOCK_SOCKET_OPTIONS_WORLD_ACCESS,                                     0777 },
  };
  const mode_t masks[] = { 0, 022, 077, 0777 };

  for (gsize m = 0; m < G_N_ELEMENTS (masks); m++)
    for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        g_autoptr (LsockServer) server = lsock_server_new ();
        g_autoptr (GError) error = NULL;
        mode_t old = umask (masks[m]);

        lsock_server_set_socket_options (server, rows[i].options);
        g_assert_true (lsock_server_listen (server, "s", &error));
        g_assert_no_error (error);
        g_assert_cmpint (umask (old), ==, masks[m]);
        g_assert_cmpint (permissions (fixture, "s"), ==, rows[i].mode);
      }
}

static void
test_close_keeps_foreign_file (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autofree char *path = fixture_path (fixture, "s");
  int other;

  g_test_summary ("close() removes the file that it made, and no other of the same name");

  g_assert_cmpint (unlink (path), ==, 0);
  other = raw_listen (fixture, "s", 1);
  lsock_server_close (server);
  g_assert_true (exists (fixture, "s"));
  close (other);
}

static void
test_clients (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autoptr (Story) story = story_of (server);
  g_autofree char *path = fixture_path (fixture, "s");
  LsockSocket *peer;
  int client = raw_connect (fixture, "s");

  await (has_pending, server);
  g_assert_cmpstr (story_text (story), ==, "new-connection");
  peer = lsock_server_next_pending_connection (server);
  g_assert_true (is_connected (peer));
  g_assert_true (lsock_object_get_parent (LSOCK_OBJECT (peer)) == G_OBJECT (server));
  g_assert_cmpstr (lsock_socket_get_server_name (peer), ==, "s");
  g_assert_cmpstr (lsock_socket_get_full_server_name (peer), ==, path);
  g_assert_null (lsock_server_next_pending_connection (server));

  raw_write (client, "hello");
  await (has_data, peer);
  assert_read (peer, "hello");

  g_clear_object (&server);
  {
    g_autoptr (GBytes) rest = raw_read (client, 1);

    g_assert_cmpuint (g_bytes_get_size (rest), ==, 0);
  }
  close (client);
}

static void
test_taken_socket_outlives_server (Fixture       *fixture,
                                   gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autoptr (LsockObject) peer = NULL;
  int client = raw_connect (fixture, "s");

  await (has_pending, server);
  peer = lsock_object_take (LSOCK_OBJECT (lsock_server_next_pending_connection (server)));
  g_clear_object (&server);

  raw_write (client, "hello");
  await (has_data, peer);
  assert_read (peer, "hello");
  close (client);
}

static void
test_pending_limit (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autoptr (Story) story = story_of (server);
  int clients[6];

  lsock_server_set_max_pending_connections (server, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = raw_connect (fixture, "s");

  await (has_pending, server);
  settle ();
  g_assert_cmpstr (story_text (story), ==, "new-connection, new-connection");

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      await (has_pending, server);
      lsock_object_delete_later (LSOCK_OBJECT (lsock_server_next_pending_connection (server)));
    }
  settle ();
  g_assert_false (has_pending (server));
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    close (clients[i]);
}

static void
test_pending_deleted (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autoptr (LsockSocket) child = NULL;
  int client = raw_connect (fixture, "s");

  g_test_summary ("A socket that was deleted while it waited is not handed out");

  await (has_pending, server);
  child = g_list_model_get_item (lsock_object_children_of (G_OBJECT (server)), 0);
  g_object_run_dispose (G_OBJECT (child));
  g_assert_false (has_pending (server));
  g_assert_null (lsock_server_next_pending_connection (server));
  close (client);
}

static void
test_close_ends_pending (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autoptr (GBytes) rest = NULL;
  int client = raw_connect (fixture, "s");

  await (has_pending, server);
  lsock_server_close (server);
  g_assert_false (has_pending (server));
  rest = raw_read (client, 1);
  g_assert_cmpuint (g_bytes_get_size (rest), ==, 0);
  close (client);
}

/* Valgrind has the kernel let a client in before it looks at the limit, and closes it then. */
static gboolean
is_under_valgrind (void)
{
  const char *preloaded = g_getenv ("LD_PRELOAD");

  return preloaded != NULL && strstr (preloaded, "vgpreload") != NULL;
}

static void
test_full_table (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autoptr (Story) story = story_of (server);
  struct rlimit limit;
  struct rlimit full;
  int client = raw_connect (fixture, "s");

  g_test_summary ("A full table of descriptors never ends a server");

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  full = limit;
  full.rlim_cur = 3;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &full), ==, 0);
  await_true (lsock_server_get_error_string (server) != NULL);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);

  g_assert_cmpstr (story_text (story), ==, "accept-error socket-resource");
  g_assert_cmpint (lsock_server_get_server_error (server), ==, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_true (lsock_server_is_listening (server));

  if (is_under_valgrind ())
    {
      close (client);
      client = raw_connect (fixture, "s");
    }
  await (has_pending, server);
  g_assert_cmpstr (story_text (story), ==, "accept-error socket-resource, new-connection");
  close (client);
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  gboolean timed_out = TRUE;
  int client;

  g_assert_false (lsock_server_wait_for_new_connection (server, -1, &timed_out));
  g_assert_false (timed_out);

  g_assert_true (lsock_server_listen (server, "s", NULL));
  g_assert_false (lsock_server_wait_for_new_connection (server, 0, &timed_out));
  g_assert_true (timed_out);

  client = raw_connect (fixture, "s");
  g_assert_true (lsock_server_wait_for_new_connection (server, -1, &timed_out));
  g_assert_false (timed_out);
  g_assert_true (lsock_server_wait_for_new_connection (server, 0, &timed_out));
  g_assert_true (timed_out);
  g_assert_true (lsock_server_wait_for_client (server, 0));
  lsock_server_close (server);
  g_assert_false (lsock_server_wait_for_client (server, 0));
  close (client);
}

static void
test_remove (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = fixture_path (fixture, "file");
  g_autofree char *folder = fixture_path (fixture, "folder");

  close (raw_listen (fixture, "stale", 1));
  g_assert_true (lsock_server_remove_server ("stale", &error));
  g_assert_no_error (error);
  g_assert_false (exists (fixture, "stale"));
  g_assert_true (lsock_server_remove_server ("stale", &error));
  g_assert_no_error (error);

  g_assert_true (g_file_set_contents (file, "precious", -1, NULL));
  g_assert_cmpint (mkdir (folder, 0700), ==, 0);
  g_assert_false (lsock_server_remove_server ("file", &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_false (lsock_server_remove_server ("folder", &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_true (exists (fixture, "file"));
  g_assert_true (exists (fixture, "folder"));
}

static void
test_listen_fd (Fixture       *fixture,
                gconstpointer  data)
{
  gboolean listens = GPOINTER_TO_INT (data);
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GError) error = NULL;
  int fd = raw_listen (fixture, "s", 5);
  int client;

  g_test_summary ("A bound descriptor is taken, whether or not somebody called listen() on it, "
                  "and its file is not ours to remove");

  if (!listens)
    {
      g_autofree char *path = fixture_path (fixture, "s");
      struct sockaddr_storage address;
      socklen_t length = sizeof address;

      g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &length), ==, 0);
      close (fd);
      unlink (path);
      fd = socket (AF_UNIX, SOCK_STREAM, 0);
      g_assert_cmpint (bind (fd, (struct sockaddr *) &address, length), ==, 0);
    }

  g_assert_true (lsock_server_listen_fd (server, fd, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (lsock_server_get_server_name (server), ==, "s");
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);

  client = raw_connect (fixture, "s");
  await (has_pending, server);
  lsock_server_close (server);
  g_assert_true (exists (fixture, "s"));
  close (client);
}

static void
test_listen_fd_abstract (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (LsockSocket) client = lsock_socket_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_path_get_basename (fixture->directory);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  socklen_t length = (socklen_t) (G_STRUCT_OFFSET (struct sockaddr_un, sun_path) + 1 +
                                  strlen (name));
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  memcpy (address.sun_path + 1, name, strlen (name));
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, length), ==, 0);
  g_assert_true (lsock_server_listen_fd (server, fd, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (lsock_server_get_server_name (server), ==, name);
  g_assert_cmpstr (lsock_server_get_full_server_name (server), ==, name);

  lsock_socket_set_socket_options (client, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
  lsock_socket_connect_to_server (client, name, LSOCK_OPEN_MODE_READ_WRITE);
  await (has_pending, server);
  g_assert_cmpstr (lsock_socket_get_server_name (lsock_server_next_pending_connection (server)),
                   ==, name);
}

static void
test_listen_fd_refused (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  int ends[2];
  int unbound = socket (AF_UNIX, SOCK_STREAM, 0);
  int datagram = socket (AF_UNIX, SOCK_DGRAM, 0);
  const int *bad[] = { &ends[0], &unbound, &datagram };

  g_assert_cmpint (pipe (ends), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (lsock_server_listen_fd (server, *bad[i], &error));
      g_assert_nonnull (error);
      g_assert_false (lsock_server_is_listening (server));
      g_assert_cmpint (fcntl (*bad[i], F_GETFD), >=, 0);
    }

  close (ends[0]);
  close (ends[1]);
  close (unbound);
  close (datagram);
}

static void
test_abstract (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (LsockSocket) client = lsock_socket_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_path_get_basename (fixture->directory);

  lsock_server_set_socket_options (server, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
  g_assert_true (lsock_server_listen (server, name, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (lsock_server_get_full_server_name (server), ==, name);

  lsock_socket_set_socket_options (client, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
  lsock_socket_connect_to_server (client, name, LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_connected (client));
  await (has_pending, server);
}


/* A subclass that takes descriptors itself */

#define TEST_TYPE_SERVER (test_server_get_type ())
G_DECLARE_FINAL_TYPE (TestServer, test_server, TEST, SERVER, LsockServer)

/* More than the server lets wait. */
#define N_KEPT 40

struct _TestServer
{
  LsockServer parent_instance;

  int         way;
  int         got;
  int         kept[N_KEPT];
};

G_DEFINE_FINAL_TYPE (TestServer, test_server, LSOCK_TYPE_SERVER)

enum
{
  WAY_CHAIN_UP,
  WAY_CLOSE,
  WAY_KEEP,
};

static void
test_server_incoming_connection (LsockServer *server,
                                 int          fd)
{
  TestServer *self = TEST_SERVER (server);

  if (self->way == WAY_KEEP)
    self->kept[self->got] = fd;
  self->got++;
  if (self->way == WAY_CHAIN_UP)
    LSOCK_SERVER_CLASS (test_server_parent_class)->incoming_connection (server, fd);
  else if (self->way == WAY_CLOSE)
    close (fd);
}

static void
test_server_class_init (TestServerClass *klass)
{
  LSOCK_SERVER_CLASS (klass)->incoming_connection = test_server_incoming_connection;
}

static void
test_server_init (TestServer *self)
{
}

static void
test_incoming_connection (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (TestServer) server = g_object_new (TEST_TYPE_SERVER, NULL);
  g_autoptr (GError) error = NULL;
  guint before = count_descriptors ();
  int clients[5];

  g_test_summary ("What an override took or closed is not closed again");

  server->way = GPOINTER_TO_INT (data);
  lsock_server_set_max_pending_connections (LSOCK_SERVER (server), 2);
  g_assert_true (lsock_server_listen (LSOCK_SERVER (server), "s", &error));
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = raw_connect (fixture, "s");

  if (server->way == WAY_CHAIN_UP)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
        {
          await (has_pending, server);
          lsock_server_next_pending_connection (LSOCK_SERVER (server));
        }
    }
  await_true (TEST_SERVER (server)->got == 5);
  g_clear_object (&server);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autoptr (GBytes) rest = raw_read (clients[i], 1);

      g_assert_cmpuint (g_bytes_get_size (rest), ==, 0);
      close (clients[i]);
    }
  g_assert_cmpuint (count_descriptors (), ==, before);
}

static void
test_incoming_connection_keeps (Fixture       *fixture,
                                gconstpointer  data)
{
  g_autoptr (TestServer) server = g_object_new (TEST_TYPE_SERVER, NULL);
  g_autoptr (GError) error = NULL;
  int clients[N_KEPT];
  int kept[N_KEPT];

  g_test_summary ("From the 31st client on the server closed the oldest descriptor that an "
                  "override had kept, and at its end all of them");

  server->way = WAY_KEEP;
  g_assert_true (lsock_server_listen (LSOCK_SERVER (server), "s", &error));
  g_assert_no_error (error);
  for (gsize i = 0; i < N_KEPT; i++)
    clients[i] = raw_connect (fixture, "s");
  await_true (TEST_SERVER (server)->got == N_KEPT);
  memcpy (kept, server->kept, sizeof kept);
  g_clear_object (&server);

  for (gsize i = 0; i < N_KEPT; i++)
    {
      g_autoptr (GBytes) bytes = NULL;

      raw_write (kept[i], "x");
      bytes = raw_read (clients[i], 1);
      g_assert_cmpuint (g_bytes_get_size (bytes), ==, 1);
      close (kept[i]);
      close (clients[i]);
    }
}

static void
on_new_connection_close (LsockServer *server)
{
  lsock_server_close (server);
}

static void
test_close_in_new_connection (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autoptr (LsockServer) server = listening ("s");
  g_autoptr (Story) story = story_of (server);
  int clients[3];

  g_signal_connect (server, "new-connection", G_CALLBACK (on_new_connection_close), NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = raw_connect (fixture, "s");

  await_true (!lsock_server_is_listening (server));
  g_assert_cmpstr (story_text (story), ==, "new-connection");
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autoptr (GBytes) rest = raw_read (clients[i], 1);

      g_assert_cmpuint (g_bytes_get_size (rest), ==, 0);
      close (clients[i]);
    }
}

static gpointer
serve_in_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (LsockServer) server = NULL;
  LsockSocket *peer;
  int *ready = data;

  g_main_context_push_thread_default (context);
  server = listening ("s");
  g_main_context_pop_thread_default (context);

  /* Without being the thread-default one: its sockets must hear their events all the same. */
  set_flag (ready, NULL);
  await_true_in (context, has_pending (server));
  peer = lsock_server_next_pending_connection (server);
  g_assert_true (lsock_object_get_main_context (LSOCK_OBJECT (peer)) == context);
  await_true_in (context, has_data (peer));
  assert_read (peer, "hello");
  g_clear_object (&server);
  return NULL;
}

static void
test_context (Fixture       *fixture,
              gconstpointer  data)
{
  int ready = 0;
  GThread *thread = g_thread_new ("server", serve_in_thread, &ready);
  int client;

  await (is_set, &ready);
  client = raw_connect (fixture, "s");
  raw_write (client, "hello");
  g_thread_join (thread);
  close (client);
}


#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  guint before;
  int result;

  g_test_init (&argc, &argv, NULL);

  ADD ("/server/listen/succeeds", NULL, test_listen);
  ADD ("/server/listen/refused", NULL, test_listen_refused);
  ADD ("/server/listen/twice", NULL, test_listen_twice);
  ADD ("/server/listen/access", NULL, test_access);
  ADD ("/server/listen/abstract", NULL, test_abstract);
  ADD ("/server/listen-fd/listening", GINT_TO_POINTER (TRUE), test_listen_fd);
  ADD ("/server/listen-fd/bound", GINT_TO_POINTER (FALSE), test_listen_fd);
  ADD ("/server/listen-fd/abstract", NULL, test_listen_fd_abstract);
  ADD ("/server/listen-fd/refused", NULL, test_listen_fd_refused);
  ADD ("/server/close/keeps-foreign-file", NULL, test_close_keeps_foreign_file);
  ADD ("/server/close/ends-pending", NULL, test_close_ends_pending);
  ADD ("/server/close/in-new-connection", NULL, test_close_in_new_connection);
  ADD ("/server/clients/handed-out", NULL, test_clients);
  ADD ("/server/clients/taken", NULL, test_taken_socket_outlives_server);
  ADD ("/server/clients/pending-limit", NULL, test_pending_limit);
  ADD ("/server/clients/pending-deleted", NULL, test_pending_deleted);
  ADD ("/server/clients/full-table", NULL, test_full_table);
  ADD ("/server/clients/context", NULL, test_context);
  ADD ("/server/wait", NULL, test_wait);
  ADD ("/server/remove", NULL, test_remove);
  ADD ("/server/incoming-connection/chains-up", GINT_TO_POINTER (WAY_CHAIN_UP),
       test_incoming_connection);
  ADD ("/server/incoming-connection/closes", GINT_TO_POINTER (WAY_CLOSE),
       test_incoming_connection);
  ADD ("/server/incoming-connection/keeps", NULL, test_incoming_connection_keeps);

  /* The main context and its reactor keep theirs. */
  {
    g_autoptr (LsockSocket) warm_up = lsock_socket_new ();
    int ends[2];

    g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    lsock_socket_set_socket_descriptor (warm_up, ends[0], LSOCK_SOCKET_STATE_CONNECTED,
                                        LSOCK_OPEN_MODE_READ_WRITE, NULL);
    lsock_socket_abort (warm_up);
    close (ends[1]);
    settle ();
  }
  before = count_descriptors ();
  result = g_test_run ();
  g_assert_cmpuint (count_descriptors (), ==, before);
  return result;
}
