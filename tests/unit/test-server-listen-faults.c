/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server that cannot begin to listen: each system call on the way fails.  The error says which
 * name, and what the system said; no descriptor is left, and no file. */

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faults.h"
#include "fixture.h"

#define ACCESS (LSOCK_SOCKET_OPTIONS_USER_ACCESS | LSOCK_SOCKET_OPTIONS_GROUP_ACCESS)
#define ABSTRACT LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE
#define PLAIN LSOCK_SOCKET_OPTIONS_NONE


/* What is in the directory of the test, where sockets have their files. */
static guint
count_files (Fixture *fixture)
{
  g_autoptr (GDir) directory = g_dir_open (fixture->directory, 0, NULL);
  guint n = 0;

  g_assert_nonnull (directory);
  while (g_dir_read_name (directory) != NULL)
    n++;

  return n;
}

static const char *
name_for (LsockSocketOptions options)
{
  static char *abstract;

  if ((options & ABSTRACT) == 0)
    return "s";

  /* The names of all processes are in one space. */
  if (abstract == NULL)
    abstract = g_strdup_printf ("lsock-listen-faults-%d", (int) getpid ());
  return abstract;
}

static void
check_refused (Fixture            *fixture,
               LsockServer        *server,
               LsockSocketOptions  options,
               int                 errnum,
               LsockSocketError    code)
{
  const char *name = name_for (options);
  g_autofree char *path = fixture_path (fixture, name);
  g_autofree char *quoted = g_strdup_printf ("“%s”", name);
  g_autoptr (GError) error = NULL;
  LsockSocketError last = 0;

  g_assert_false (lsock_server_listen (server, name, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, "Cannot listen under "));
  g_assert_nonnull (strstr (error->message, quoted));
  g_assert_true ((options & ABSTRACT) != 0 || strstr (error->message, path) != NULL);
  g_assert_true (g_str_has_suffix (error->message, g_strerror (errnum)));

  g_object_get (server, "last-error", &last, NULL);
  g_assert_cmpint (last, ==, code);
  g_assert_cmpstr (lsock_server_get_error_string (server), ==, error->message);
  g_assert_false (lsock_server_is_listening (server));
  g_assert_null (lsock_server_get_server_name (server));
  g_assert_cmpint (lsock_server_get_socket_descriptor (server), ==, -1);
}

/* The same server listens when the system lets it, and nothing is in its way. */
static void
check_listens (Fixture            *fixture,
               LsockServer        *server,
               LsockSocketOptions  options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LsockSocket) socket = lsock_socket_new ();

  g_assert_true (lsock_server_listen (server, name_for (options), &error));
  g_assert_no_error (error);
  g_assert_null (lsock_server_get_error_string (server));
  lsock_socket_set_socket_options (socket, options & ABSTRACT);
  lsock_socket_connect_to_server (socket, name_for (options), LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_connected (socket));
  await (has_pending, server);
  lsock_server_close (server);
  g_assert_cmpuint (count_files (fixture), ==, 0);
}


/* One call fails */

typedef struct
{
  Fault               fault;
  int                 errnum;
  LsockSocketError    code;
  LsockSocketOptions  options;
} Case;

static const Case cases[] = {
  { FAULT_SOCKET, EACCES,       LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   PLAIN },
  { FAULT_SOCKET, ENOMEM,       LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, PLAIN },
  { FAULT_SOCKET, ENOBUFS,      LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, PLAIN },
  { FAULT_SOCKET, EMFILE,       LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, PLAIN },
  { FAULT_SOCKET, ENFILE,       LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ABSTRACT },
  { FAULT_SOCKET, EAFNOSUPPORT, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, PLAIN },

  { FAULT_BIND, EACCES,     LSOCK_SOCKET_ERROR_SOCKET_ACCESS,    PLAIN },
  { FAULT_BIND, EACCES,     LSOCK_SOCKET_ERROR_SOCKET_ACCESS,    ACCESS },
  { FAULT_BIND, EACCES,     LSOCK_SOCKET_ERROR_SOCKET_ACCESS,    ABSTRACT },
  { FAULT_BIND, EROFS,      LSOCK_SOCKET_ERROR_SOCKET_ACCESS,    PLAIN },
  { FAULT_BIND, ENOMEM,     LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,  PLAIN },
  { FAULT_BIND, ENOSPC,     LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,  ACCESS },
  { FAULT_BIND, EADDRINUSE, LSOCK_SOCKET_ERROR_ADDRESS_IN_USE,   PLAIN },
  { FAULT_BIND, EADDRINUSE, LSOCK_SOCKET_ERROR_ADDRESS_IN_USE,   ACCESS },
  { FAULT_BIND, EADDRINUSE, LSOCK_SOCKET_ERROR_ADDRESS_IN_USE,   ABSTRACT },
  { FAULT_BIND, ENOENT,     LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND, PLAIN },
  { FAULT_BIND, ELOOP,      LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND, PLAIN },
  { FAULT_BIND, EIO,        LSOCK_SOCKET_ERROR_CONNECTION,       PLAIN },

  { FAULT_LISTEN, EADDRINUSE, LSOCK_SOCKET_ERROR_ADDRESS_IN_USE,  PLAIN },
  { FAULT_LISTEN, EACCES,     LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   PLAIN },
  { FAULT_LISTEN, EACCES,     LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   ABSTRACT },
  { FAULT_LISTEN, ENOMEM,     LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, PLAIN },
  { FAULT_LISTEN, ENOBUFS,    LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ACCESS },
  { FAULT_LISTEN, EOPNOTSUPP, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, PLAIN },

  { FAULT_LSTAT, EACCES, LSOCK_SOCKET_ERROR_SOCKET_ACCESS,    PLAIN },
  { FAULT_LSTAT, EACCES, LSOCK_SOCKET_ERROR_SOCKET_ACCESS,    ACCESS },
  { FAULT_LSTAT, ENOMEM, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,  PLAIN },
  { FAULT_LSTAT, ELOOP,  LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND, PLAIN },
  { FAULT_LSTAT, EIO,    LSOCK_SOCKET_ERROR_CONNECTION,       ACCESS },

  /* To widen what the umask has narrowed. */
  { FAULT_OPEN,  EMFILE, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ACCESS },
  { FAULT_OPEN,  ENFILE, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ACCESS },
  { FAULT_OPEN,  EACCES, LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   ACCESS },
  { FAULT_FSTAT, EACCES, LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   ACCESS },
  { FAULT_FSTAT, ENOMEM, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ACCESS },
  { FAULT_FSTAT, EIO,    LSOCK_SOCKET_ERROR_CONNECTION,      ACCESS },
  { FAULT_CHMOD, EACCES, LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   ACCESS },
  { FAULT_CHMOD, EPERM,  LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   ACCESS },
  { FAULT_CHMOD, EROFS,  LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   ACCESS },
  { FAULT_CHMOD, ENOMEM, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ACCESS },
  { FAULT_CHMOD, EIO,    LSOCK_SOCKET_ERROR_CONNECTION,      ACCESS },
};

static void
test_listen_fails (Fixture       *fixture,
                   gconstpointer  data)
{
  const Case *refusal = data;
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (Story) story = story_of (server);
  mode_t mask = umask (0077);
  guint before;

  lsock_server_set_socket_options (server, refusal->options);
  before = count_descriptors ();

  fault_set (refusal->fault, refusal->errnum, FAULT_ALWAYS);
  check_refused (fixture, server, refusal->options, refusal->errnum, refusal->code);
  fault_clear (refusal->fault);
  umask (mask);

  g_assert_cmpuint (fault_count (refusal->fault), >, 0);
  g_assert_cmpuint (count_files (fixture), ==, 0);
  g_assert_cmpuint (count_descriptors (), ==, before);
  g_assert_cmpstr (story_text (story), ==, "");
  check_listens (fixture, server, refusal->options);
}

/* With the descriptor of another the file is not the server's to remove. */
static void
test_listen_fd_fails (Fixture       *fixture,
                      gconstpointer  data)
{
  static const struct { int errnum; LsockSocketError code; } failures[] = {
    { EADDRINUSE, LSOCK_SOCKET_ERROR_ADDRESS_IN_USE },
    { EACCES, LSOCK_SOCKET_ERROR_SOCKET_ACCESS },
    { ENOBUFS, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE },
  };
  g_autofree char *path = fixture_path (fixture, "s");
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) bound = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_autoptr (GError) error = NULL;
  int fd;

  g_assert_true (g_socket_bind (bound, address, FALSE, NULL));
  fd = dup (g_socket_get_fd (bound));
  g_assert_cmpint (fd, >=, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      fault_set (FAULT_LISTEN, failures[i].errnum, 1);
      g_assert_false (lsock_server_listen_fd (server, fd, &error));
      g_assert_cmpuint (fault_count (FAULT_LISTEN), ==, 1);
      g_assert_error (error, LSOCK_SOCKET_ERROR, (int) failures[i].code);
      g_assert_nonnull (strstr (error->message, path));
      g_assert_true (g_str_has_suffix (error->message, g_strerror (failures[i].errnum)));
      g_assert_cmpstr (lsock_server_get_error_string (server), ==, error->message);
      g_assert_false (lsock_server_is_listening (server));
      g_assert_cmpint (g_access (path, F_OK), ==, 0);
      g_clear_error (&error);
    }

  g_assert_true (lsock_server_listen_fd (server, fd, &error));
  g_assert_no_error (error);
  close (raw_connect (fixture, "s"));
}


/* Where the mode of a socket cannot be set before it has a name, it gets one in a folder */

static void
test_folder (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autofree char *path = fixture_path (fixture, "s");
  g_autoptr (GError) error = NULL;
  mode_t mask = umask (0077);
  guint before = count_descriptors ();
  struct stat st;

  lsock_server_set_socket_options (server, ACCESS);
  fault_set (FAULT_FCHMOD, EINVAL, 1);
  g_assert_true (lsock_server_listen (server, "s", &error));
  g_assert_cmpuint (fault_count (FAULT_FCHMOD), ==, 1);
  g_assert_no_error (error);
  umask (mask);

  g_assert_cmpint (g_lstat (path, &st), ==, 0);
  g_assert_true (S_ISSOCK (st.st_mode));
  g_assert_cmphex (st.st_mode & 0777, ==, 0770);
  g_assert_cmpuint (count_files (fixture), ==, 1);
  close (raw_connect (fixture, "s"));
  lsock_server_close (server);
  settle ();
  g_assert_cmpuint (count_files (fixture), ==, 0);
  g_assert_cmpuint (count_descriptors (), <=, before + 2);
}

static const Case folder_cases[] = {
  { FAULT_BIND,  EACCES,  LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   ACCESS },
  { FAULT_BIND,  ENOMEM,  LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ACCESS },
  { FAULT_CHMOD, EPERM,   LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   ACCESS },
  { FAULT_CHMOD, EIO,     LSOCK_SOCKET_ERROR_CONNECTION,      ACCESS },
  { FAULT_LINK,  EPERM,   LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   ACCESS },
  { FAULT_LINK,  ENOSPC,  LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ACCESS },
  { FAULT_LINK,  EIO,     LSOCK_SOCKET_ERROR_CONNECTION,      ACCESS },
  { FAULT_LSTAT, ENOMEM,  LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ACCESS },
  { FAULT_LISTEN, ENOBUFS, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, ACCESS },
};

static void
test_folder_fails (Fixture       *fixture,
                   gconstpointer  data)
{
  fault_set (FAULT_FCHMOD, EINVAL, FAULT_ALWAYS);
  test_listen_fails (fixture, data);
  g_assert_cmpuint (fault_count (FAULT_FCHMOD), >, 0);
  fault_clear (FAULT_FCHMOD);
}

/* Somebody takes the name meanwhile: link(2) finds it, as bind(2) would have. */
static void
take_name (gpointer path)
{
  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
}

static void
test_folder_name_taken (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autofree char *path = fixture_path (fixture, "s");
  g_autofree char *text = NULL;

  lsock_server_set_socket_options (server, ACCESS);
  fault_set (FAULT_FCHMOD, EINVAL, 1);
  fault_set_hook (FAULT_LINK, take_name, path);
  check_refused (fixture, server, ACCESS, EADDRINUSE, LSOCK_SOCKET_ERROR_ADDRESS_IN_USE);
  g_assert_cmpuint (fault_count (FAULT_FCHMOD), ==, 1);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  g_assert_cmpuint (count_files (fixture), ==, 1);
}


/* Where there is no /proc, the permissions are widened by name */

static void
test_no_proc (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autofree char *path = fixture_path (fixture, "s");
  g_autoptr (GError) error = NULL;
  mode_t mask = umask (0077);
  guint before = count_descriptors ();
  struct stat st;

  lsock_server_set_socket_options (server, ACCESS);
  fault_set (FAULT_CHMOD, ENOENT, 1);
  g_assert_true (lsock_server_listen (server, "s", &error));
  g_assert_cmpuint (fault_count (FAULT_CHMOD), ==, 1);
  g_assert_no_error (error);
  umask (mask);

  g_assert_cmpint (g_lstat (path, &st), ==, 0);
  g_assert_cmphex (st.st_mode & 0777, ==, 0770);
  lsock_server_close (server);
  g_assert_cmpuint (count_descriptors (), <=, before + 1);
}

static void
begin_to_fail (gpointer errnum)
{
  fault_set (FAULT_LSTAT, GPOINTER_TO_INT (errnum), 1);
}

static void
test_no_proc_fails (Fixture       *fixture,
                    gconstpointer  data)
{
  int errnum = GPOINTER_TO_INT (data);
  g_autoptr (LsockServer) server = lsock_server_new ();
  mode_t mask = umask (0077);
  guint before = count_descriptors ();

  lsock_server_set_socket_options (server, ACCESS);
  fault_set (FAULT_CHMOD, ENOENT, 1);
  /* The first look at the file is before that. */
  fault_set_hook (FAULT_CHMOD, begin_to_fail, GINT_TO_POINTER (errnum));
  check_refused (fixture, server, ACCESS, errnum, LSOCK_SOCKET_ERROR_SOCKET_ACCESS);
  umask (mask);

  g_assert_cmpuint (fault_count (FAULT_LSTAT), ==, 1);
  g_assert_cmpuint (count_files (fixture), ==, 0);
  g_assert_cmpuint (count_descriptors (), ==, before);
  check_listens (fixture, server, ACCESS);
}


/* Another file takes the place of the socket while it is being made */

typedef struct
{
  const char *path;
  gboolean    link;
} Thief;

static void
replace_file (gpointer data)
{
  Thief *thief = data;

  g_assert_cmpint (g_unlink (thief->path), ==, 0);
  if (thief->link)
    g_assert_cmpint (symlink ("/dev/null", thief->path), ==, 0);
  else
    g_assert_true (g_file_set_contents (thief->path, "mine", -1, NULL));
}

typedef struct
{
  const char         *name;
  Fault               before;
  LsockSocketOptions  options;
  gboolean            link;
} Theft;

static const Theft thefts[] = {
  { "file-before-lstat",        FAULT_LSTAT, PLAIN,  FALSE },
  { "link-before-lstat",        FAULT_LSTAT, PLAIN,  TRUE  },
  { "file-before-lstat-access", FAULT_LSTAT, ACCESS, FALSE },
  { "file-before-open",         FAULT_OPEN,  ACCESS, FALSE },
  { "link-before-open",         FAULT_OPEN,  ACCESS, TRUE  },
  { "file-without-proc",        FAULT_CHMOD, ACCESS, FALSE },
  { "link-without-proc",        FAULT_CHMOD, ACCESS, TRUE  },
};

static void
test_file_replaced (Fixture       *fixture,
                    gconstpointer  data)
{
  const Theft *theft = data;
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autofree char *path = fixture_path (fixture, "s");
  Thief thief = { path, theft->link };
  mode_t mask = umask (0077);
  guint before = count_descriptors ();
  struct stat st;

  g_test_summary ("A file that took the place of the socket during listen() was removed, and the "
                  "error had the text of an older one");

  lsock_server_set_socket_options (server, theft->options);
  fault_set_hook (theft->before, replace_file, &thief);
  if (theft->before == FAULT_CHMOD)
    fault_set (FAULT_CHMOD, ENOENT, 1);
  errno = 0;
  check_refused (fixture, server, theft->options, EADDRINUSE, LSOCK_SOCKET_ERROR_ADDRESS_IN_USE);
  umask (mask);

  g_assert_cmpint (g_lstat (path, &st), ==, 0);
  g_assert_true (theft->link ? S_ISLNK (st.st_mode) : S_ISREG (st.st_mode));
  g_assert_cmpuint (count_descriptors (), ==, before);
}

#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

static void
add_case (const char *prefix,
          const Case *refusal,
          gsize       index,
          void      (*function) (Fixture *fixture, gconstpointer data))
{
  g_autofree char *why = g_strdelimit (g_strdup (g_strerror (refusal->errnum)), " /", '-');
  g_autofree char *path = g_strdup_printf ("/server/listen/%s/%s-%s-%" G_GSIZE_FORMAT, prefix,
                                           fault_name (refusal->fault), why, index);

  ADD (path, refusal, function);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case ("fails", &cases[i], i, test_listen_fails);
  ADD ("/server/listen-fd/fails", NULL, test_listen_fd_fails);

  ADD ("/server/listen/folder/works", NULL, test_folder);
  for (gsize i = 0; i < G_N_ELEMENTS (folder_cases); i++)
    add_case ("folder", &folder_cases[i], i, test_folder_fails);
  ADD ("/server/listen/folder/name-taken", NULL, test_folder_name_taken);
  ADD ("/server/listen/no-proc/works", NULL, test_no_proc);
  ADD ("/server/listen/no-proc/fails", GINT_TO_POINTER (EACCES), test_no_proc_fails);

  for (gsize i = 0; i < G_N_ELEMENTS (thefts); i++)
    {
      g_autofree char *path = g_strconcat ("/server/listen/replaced/", thefts[i].name, NULL);

      ADD (path, &thefts[i], test_file_replaced);
    }

  return g_test_run ();
}
