/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The transport, which the library hides: the system calls on a descriptor. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/lsock-transport-private.h"

#include "fixture.h"

static void
assert_flags (int fd)
{
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, !=, 0);
}

static void
init_address (LsockAddress *address,
              const char   *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (_lsock_address_init (address, name, LSOCK_SOCKET_OPTIONS_NONE, &error));
  g_assert_no_error (error);
}

static mode_t
mode_of (const LsockAddress *address)
{
  struct stat st;

  g_assert_cmpint (lstat (_lsock_address_get_path (address), &st), ==, 0);
  return st.st_mode & 0777;
}

static gboolean
exists (const LsockAddress *address)
{
  return g_access (_lsock_address_get_path (address), F_OK) == 0;
}

static int
listen_at (LsockAddress      *address,
           int                mode,
           int                backlog,
           LsockFileIdentity *identity)
{
  int fd = _lsock_transport_open ();

  assert_flags (fd);
  g_assert_true (_lsock_transport_bind (fd, address, mode, identity));
  g_assert_false (_lsock_transport_is_listening (fd));
  g_assert_true (_lsock_transport_listen (fd, backlog));
  g_assert_true (_lsock_transport_is_listening (fd));
  return fd;
}

static void
test_connection (Fixture       *fixture,
                 gconstpointer  data)
{
  LsockFileIdentity identity;
  LsockAddress address, found;
  char buffer[8] = "";
  LsockVector in[2] = { { buffer, 3 }, { buffer + 3, 5 } };
  LsockVector out[2] = { { (char *) "ab", 2 }, { (char *) "cde", 3 } };
  int listener, client, server;

  init_address (&address, "t");
  listener = listen_at (&address, -1, 5, &identity);
  g_assert_cmpint (_lsock_transport_accept (listener), ==, LSOCK_TRANSPORT_WOULD_BLOCK);
  client = _lsock_transport_open ();
  g_assert_cmpint (_lsock_transport_connect (client, &address), ==, LSOCK_TRANSPORT_CONNECTED);
  /* Once more is no error: a wait may ask again. */
  g_assert_cmpint (_lsock_transport_connect (client, &address), ==, LSOCK_TRANSPORT_CONNECTED);
  server = _lsock_transport_accept (listener);
  assert_flags (server);
  g_assert_true (_lsock_transport_get_peer (client, &found));
  g_assert_cmpstr (_lsock_address_get_path (&found), ==, _lsock_address_get_path (&address));
  g_assert_true (_lsock_transport_get_local (listener, &found));
  g_assert_cmpstr (_lsock_address_get_path (&found), ==, _lsock_address_get_path (&address));
  g_assert_true (_lsock_transport_get_local (client, &found));
  g_assert_false (_lsock_address_is_named (&found));

  g_assert_cmpint (_lsock_transport_read (server, in, 1), ==, LSOCK_TRANSPORT_WOULD_BLOCK);
  g_assert_cmpint (_lsock_transport_read (server, in, 2), ==, LSOCK_TRANSPORT_WOULD_BLOCK);
  g_assert_cmpint (_lsock_transport_write (client, out, 2), ==, 5);
  g_assert_cmpint (_lsock_transport_read (server, in, 2), ==, 5);
  g_assert_cmpstr (buffer, ==, "abcde");
  g_assert_cmpint (_lsock_transport_write (client, out, 1), ==, 2);
  g_assert_cmpint (_lsock_transport_read (server, in, 1), ==, 2);

  g_assert_true (_lsock_transport_shutdown_write (client));
  g_assert_cmpint (_lsock_transport_read (server, in, 1), ==, LSOCK_TRANSPORT_END);
  g_assert_cmpint (_lsock_transport_write (client, out, 1), ==, LSOCK_TRANSPORT_FAILED);
  g_assert_cmpint (errno, ==, EPIPE);

  /* The other direction goes on until the peer is gone; no signal ends the process then. */
  g_assert_cmpint (_lsock_transport_write (server, out, 1), ==, 2);
  _lsock_transport_close (client);
  g_assert_cmpint (_lsock_transport_write (server, out, 1), ==, LSOCK_TRANSPORT_FAILED);
  g_assert_cmpint (errno, ==, EPIPE);
  g_assert_cmpint (_lsock_transport_write (server, out, 2), ==, LSOCK_TRANSPORT_FAILED);

  _lsock_transport_close (server);
  _lsock_transport_close (listener);
  g_assert_true (_lsock_transport_unbind (&address, &identity));
  g_assert_false (exists (&address));
}

static void
test_connect_fails (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *path = fixture_path (fixture, "file");
  LsockFileIdentity identity;
  LsockAddress address;
  int fd = _lsock_transport_open ();
  int client, listener;

  init_address (&address, "missing");
  g_assert_cmpint (_lsock_transport_connect (fd, &address), ==, LSOCK_TRANSPORT_REFUSED);
  g_assert_cmpint (errno, ==, ENOENT);

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  init_address (&address, "file");
  g_assert_cmpint (_lsock_transport_connect (fd, &address), ==, LSOCK_TRANSPORT_REFUSED);
  g_assert_cmpint (errno, ==, ECONNREFUSED);

  init_address (&address, "busy");
  listener = listen_at (&address, -1, 0, &identity);
  client = _lsock_transport_open ();
  g_assert_cmpint (_lsock_transport_connect (client, &address), ==, LSOCK_TRANSPORT_CONNECTED);
  g_assert_cmpint (_lsock_transport_connect (fd, &address), ==, LSOCK_TRANSPORT_BUSY);
  _lsock_transport_close (listener);
  g_assert_cmpint (_lsock_transport_connect (fd, &address), ==, LSOCK_TRANSPORT_REFUSED);
  g_assert_cmpint (errno, ==, ECONNREFUSED);
  _lsock_transport_close (client);
  _lsock_transport_close (fd);
}

/* The permissions are those that were asked for, whatever the umask. */
static void
test_permissions (Fixture       *fixture,
                  gconstpointer  data)
{
  const mode_t modes[] = { 0700, 0770, 0777, 0707, 0 };
  mode_t before = umask (0027);

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      LsockFileIdentity identity;
      LsockAddress address;
      int fd;

      init_address (&address, "p");
      fd = listen_at (&address, (int) modes[i], 1, &identity);
      g_assert_cmpuint (mode_of (&address), ==, modes[i]);
      _lsock_transport_close (fd);
      g_assert_true (_lsock_transport_unbind (&address, &identity));

      fd = listen_at (&address, -1, 1, &identity);
      g_assert_cmpuint (mode_of (&address), ==, 0750);
      _lsock_transport_close (fd);
      g_assert_true (_lsock_transport_unbind (&address, &identity));
    }

  g_assert_cmpuint (umask (before), ==, 0027);
}

/* Only the file that was made, by the process that made it. */
static void
test_unbind (Fixture       *fixture,
             gconstpointer  data)
{
  LsockFileIdentity identity, other;
  LsockAddress address;
  int fd;

  init_address (&address, "u");
  fd = listen_at (&address, -1, 1, &identity);
  other = identity;
  other.process++;
  g_assert_true (_lsock_transport_unbind (&address, &other));
  g_assert_true (exists (&address));
  other = identity;
  other.inode++;
  g_assert_true (_lsock_transport_unbind (&address, &other));
  g_assert_true (exists (&address));
  g_assert_true (_lsock_transport_unbind (&address, &identity));
  g_assert_false (exists (&address));
  g_assert_true (_lsock_transport_unbind (&address, &identity));
  _lsock_transport_close (fd);
}

static void
test_bind_fails (Fixture       *fixture,
                 gconstpointer  data)
{
  const int modes[] = { -1, 0700 };
  LsockFileIdentity identity;
  LsockAddress address, missing;
  int listener;

  init_address (&address, "taken");
  init_address (&missing, "missing/name");
  listener = listen_at (&address, -1, 1, &identity);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      LsockFileIdentity none = { 1, 1, 1 };
      int fd = _lsock_transport_open ();

      g_assert_false (_lsock_transport_bind (fd, &address, modes[i], &none));
      g_assert_cmpint (errno, ==, EADDRINUSE);
      g_assert_cmpuint (none.inode, ==, 0);
      _lsock_transport_close (fd);

      fd = _lsock_transport_open ();
      g_assert_false (_lsock_transport_bind (fd, &missing, modes[i], &none));
      g_assert_cmpint (errno, ==, ENOENT);
      _lsock_transport_close (fd);
    }
  g_assert_true (exists (&address));
  _lsock_transport_close (listener);
  g_assert_true (_lsock_transport_unbind (&address, &identity));
}

static void
test_remove (Fixture       *fixture,
             gconstpointer  data)
{
  g_autofree char *path = fixture_path (fixture, "file");
  g_autoptr (GError) error = NULL;
  LsockFileIdentity identity;
  LsockAddress address;

  init_address (&address, "missing");
  g_assert_true (_lsock_transport_remove (&address, &error));
  g_assert_no_error (error);

  init_address (&address, "stale");
  _lsock_transport_close (listen_at (&address, -1, 1, &identity));
  g_assert_true (_lsock_transport_remove (&address, &error));
  g_assert_false (exists (&address));

  g_assert_true (g_file_set_contents (path, "kept", 4, NULL));
  init_address (&address, "file");
  g_assert_false (_lsock_transport_remove (&address, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_true (exists (&address));
}

static void
assert_refused (int              fd,
                gboolean         listening,
                LsockSocketError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (_lsock_transport_check (fd, listening, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, (int) code);
  if (fd >= 0)
    close (fd);
}

static void
test_check (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  int pair[2];

  assert_refused (-1, FALSE, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_refused (open ("/dev/null", O_RDONLY | O_CLOEXEC), FALSE,
                  LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_refused (socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), TRUE,
                  LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_refused (socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), TRUE,
                  LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  assert_refused (socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), FALSE,
                  LSOCK_SOCKET_ERROR_OPERATION);

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
  g_assert_true (_lsock_transport_check (pair[0], FALSE, &error));
  g_assert_true (_lsock_transport_adopt (pair[0], &error));
  g_assert_no_error (error);
  assert_flags (pair[0]);
  close (pair[0]);
  g_assert_false (_lsock_transport_adopt (pair[0], &error));
  g_assert_nonnull (error);
  close (pair[1]);
}

static gpointer
write_later (gpointer fd)
{
  raw_write (GPOINTER_TO_INT (fd), "x");
  return NULL;
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  int pair[2];
  gint64 now = g_get_monotonic_time ();
  GThread *thread;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_cmpint (_lsock_transport_wait (pair[0], POLLIN, now), ==, 0);
  g_assert_cmpint (_lsock_transport_wait (pair[0], POLLIN, now + 2000), ==, 0);
  g_assert_cmpint (g_get_monotonic_time (), >=, now + 2000);
  g_assert_cmpint (_lsock_transport_wait (pair[0], POLLIN | POLLOUT, -1), ==, POLLOUT);
  thread = g_thread_new ("writer", write_later, GINT_TO_POINTER (pair[1]));
  g_assert_cmpint (_lsock_transport_wait (pair[0], POLLIN, -1), ==, POLLIN);
  g_thread_join (thread);
  close (pair[1]);
  g_assert_cmpint (_lsock_transport_wait (pair[0], POLLOUT, -1) & POLLHUP, ==, POLLHUP);
  close (pair[0]);
}

static void
test_error_codes (Fixture       *fixture,
                  gconstpointer  data)
{
  const struct
  {
    int              errnum;
    LsockSocketError code;
    LsockSocketError end_code;
  } codes[] = {
    { ECONNREFUSED, LSOCK_SOCKET_ERROR_CONNECTION_REFUSED, LSOCK_SOCKET_ERROR_CONNECTION_REFUSED },
    { ENOENT, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND },
    { EACCES, LSOCK_SOCKET_ERROR_SOCKET_ACCESS, LSOCK_SOCKET_ERROR_SOCKET_ACCESS },
    { EMFILE, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE },
    { ENFILE, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE },
    { ENOMEM, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE },
    { ENOBUFS, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE },
    { EADDRINUSE, LSOCK_SOCKET_ERROR_ADDRESS_IN_USE, LSOCK_SOCKET_ERROR_ADDRESS_IN_USE },
    { EIO, LSOCK_SOCKET_ERROR_CONNECTION, LSOCK_SOCKET_ERROR_CONNECTION },
    { ENOTTY, LSOCK_SOCKET_ERROR_UNKNOWN, LSOCK_SOCKET_ERROR_CONNECTION },
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_assert_cmpint (_lsock_transport_error_code (codes[i].errnum), ==, codes[i].code);
      g_assert_cmpint (_lsock_transport_end_code (codes[i].errnum), ==, codes[i].end_code);
    }
}

int
main (int   argc,
      char *argv[])
{
  const struct
  {
    const char *path;
    void      (*func) (Fixture *, gconstpointer);
  } tests[] = {
    { "/transport/connection", test_connection },
    { "/transport/connect-fails", test_connect_fails },
    { "/transport/permissions", test_permissions },
    { "/transport/unbind", test_unbind },
    { "/transport/bind-fails", test_bind_fails },
    { "/transport/remove", test_remove },
    { "/transport/check", test_check },
    { "/transport/wait", test_wait },
    { "/transport/error-codes", test_error_codes },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, fixture_set_up, tests[i].func, fixture_tear_down);

  return g_test_run ();
}
