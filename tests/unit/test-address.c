/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The addresses, which the library hides: a name becomes an address, and an address two names. */

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "io/lsock-address-private.h"
#include "lsock-error.h"

#include "fixture.h"

#define ROOM (sizeof ((struct sockaddr_un *) NULL)->sun_path - 1)

static void
assert_address (const LsockAddress *address,
                const char         *path,
                const char         *name,
                const char         *full_name)
{
  GRefString *names[2] = { NULL, NULL };

  g_assert_cmpstr (_lsock_address_get_path (address), ==, path);
  _lsock_address_get_names (address, &names[0], &names[1]);
  g_assert_cmpstr (names[0], ==, name);
  g_assert_cmpstr (names[1], ==, full_name);
  g_clear_pointer (&names[0], g_ref_string_release);
  g_clear_pointer (&names[1], g_ref_string_release);
}

static void
assert_init (LsockAddress       *address,
             const char         *name,
             LsockSocketOptions  options)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (_lsock_address_init (address, name, options, &error));
  g_assert_no_error (error);
  g_assert_true (_lsock_address_is_named (address));
}

static void
test_plain (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *path = fixture_path (fixture, "plain");
  g_autofree char *nested = fixture_path (fixture, "a/b");
  LsockAddress address;

  assert_init (&address, "plain", LSOCK_SOCKET_OPTIONS_NONE);
  assert_address (&address, path, "plain", path);
  g_assert_false (_lsock_address_is_abstract (&address));

  /* As in Qt, where such a name may have folders. */
  assert_init (&address, "a/b", LSOCK_SOCKET_OPTIONS_NONE);
  assert_address (&address, nested, "b", nested);
}

static void
test_temporary_directory (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autofree char *link = fixture_path (fixture, "link");
  g_autofree char *path = fixture_path (fixture, "x");
  LsockAddress address;

  /* A link is followed, so that programs that name the folder differently meet. */
  g_assert_cmpint (symlink (fixture->directory, link), ==, 0);
  g_setenv ("TMPDIR", link, TRUE);
  assert_init (&address, "x", LSOCK_SOCKET_OPTIONS_NONE);
  assert_address (&address, path, "x", path);

  g_setenv ("TMPDIR", "", TRUE);
  assert_init (&address, "x", LSOCK_SOCKET_OPTIONS_NONE);
  assert_address (&address, "/tmp/x", "x", "/tmp/x");

  g_setenv ("TMPDIR", "/missing/./folder/", TRUE);
  assert_init (&address, "x", LSOCK_SOCKET_OPTIONS_NONE);
  assert_address (&address, "/missing/folder/x", "x", "/missing/folder/x");
}

static void
test_path (Fixture       *fixture,
           gconstpointer  data)
{
  LsockAddress address;

  assert_init (&address, "/some/where", LSOCK_SOCKET_OPTIONS_WORLD_ACCESS);
  assert_address (&address, "/some/where", "where", "/some/where");
  g_assert_cmpint (address.sun.sun_family, ==, AF_UNIX);
  g_assert_cmpuint (address.length, ==, offsetof (struct sockaddr_un, sun_path) + 12);
}

static void
test_abstract (Fixture       *fixture,
               gconstpointer  data)
{
#ifdef __linux__
  LsockAddress address;

  assert_init (&address, "/not/a/path", LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
  g_assert_true (_lsock_address_is_abstract (&address));
  g_assert_cmpint (address.sun.sun_path[0], ==, '\0');
  assert_address (&address, NULL, "/not/a/path", "/not/a/path");
#else
  g_test_skip ("abstract names need Linux");
#endif
}

/* As the kernel gives the address of a socket that has none. */
static void
test_unnamed (Fixture       *fixture,
              gconstpointer  data)
{
  LsockAddress address = { .length = sizeof (sa_family_t) };

  g_assert_false (_lsock_address_is_named (&address));
  g_assert_false (_lsock_address_is_abstract (&address));
  assert_address (&address, NULL, NULL, NULL);
}

/* The kernel does not end a path with a NUL that takes all the room. */
static void
test_without_nul (Fixture       *fixture,
                  gconstpointer  data)
{
  LsockAddress address = { .sun.sun_family = AF_UNIX, .length = sizeof address.sun };
  g_autofree char *path = g_strnfill (sizeof address.sun.sun_path, 'p');
  GRefString *names[2] = { NULL, NULL };

  path[0] = '/';
  memcpy (address.sun.sun_path, path, sizeof address.sun.sun_path);
  _lsock_address_get_names (&address, &names[0], &names[1]);
  g_assert_cmpstr (names[0], ==, path + 1);
  g_assert_cmpstr (names[1], ==, path);
  g_ref_string_release (names[0]);
  g_ref_string_release (names[1]);
}

static void
assert_refused (const char         *name,
                LsockSocketOptions  options,
                const char         *part)
{
  g_autoptr (GError) error = NULL;
  LsockAddress address;

  g_assert_false (_lsock_address_init (&address, name, options, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, part));
}

/* All the room that there is, and one byte more. */
static void
test_length (Fixture       *fixture,
             gconstpointer  data)
{
  g_autofree char *name = g_strnfill (ROOM + 1, 'n');
  g_autofree char *number = g_strdup_printf ("%zu", ROOM + 1);
  LsockAddress address;

  assert_refused ("", LSOCK_SOCKET_OPTIONS_NONE, "empty");
  assert_refused (NULL, LSOCK_SOCKET_OPTIONS_NONE, "empty");

  name[0] = '/';
  assert_refused (name, LSOCK_SOCKET_OPTIONS_NONE, number);
#ifdef __linux__
  assert_refused (name, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE, number);
#endif

  name[ROOM] = '\0';
  assert_init (&address, name, LSOCK_SOCKET_OPTIONS_NONE);
  assert_address (&address, name, name + 1, name);
#ifdef __linux__
  assert_init (&address, name, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
  assert_address (&address, NULL, name, name);
#endif

  /* The folder counts. */
  g_setenv ("TMPDIR", "/t", TRUE);
  name[ROOM - 1] = '\0';
  assert_refused (name + 1, LSOCK_SOCKET_OPTIONS_NONE, name + 1);
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
    { "/address/plain", test_plain },
    { "/address/temporary-directory", test_temporary_directory },
    { "/address/path", test_path },
    { "/address/abstract", test_abstract },
    { "/address/unnamed", test_unnamed },
    { "/address/without-nul", test_without_nul },
    { "/address/length", test_length },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, fixture_set_up, tests[i].func, fixture_tear_down);

  return g_test_run ();
}
