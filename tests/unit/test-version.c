/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lsock.h>

G_STATIC_ASSERT (LSOCK_CHECK_VERSION (1, 0, 0));
G_STATIC_ASSERT (LSOCK_CHECK_VERSION (LSOCK_MAJOR_VERSION, LSOCK_MINOR_VERSION,
                                      LSOCK_MICRO_VERSION));
G_STATIC_ASSERT (LSOCK_CHECK_VERSION (0, 99, 99));
G_STATIC_ASSERT (!LSOCK_CHECK_VERSION (LSOCK_MAJOR_VERSION, LSOCK_MINOR_VERSION,
                                       LSOCK_MICRO_VERSION + 1));
G_STATIC_ASSERT (!LSOCK_CHECK_VERSION (LSOCK_MAJOR_VERSION + 1, 0, 0));
G_STATIC_ASSERT (LSOCK_VERSION_MAX_ALLOWED >= LSOCK_VERSION_1_0);

static void
assert_enum (GType       type,
             int         value,
             const char *nick)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  GEnumValue *entry = g_enum_get_value (klass, value);

  g_assert_nonnull (entry);
  g_assert_cmpstr (entry->value_nick, ==, nick);
}

static void
assert_flags (GType       type,
              guint       value,
              const char *nick)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (type);
  GFlagsValue *entry = g_flags_get_value_by_nick (klass, nick);

  g_assert_nonnull (entry);
  g_assert_cmpuint (entry->value, ==, value);
}

static void
test_nicks (void)
{
  g_test_summary ("The names of values that bindings and messages show");

  assert_enum (LSOCK_TYPE_SOCKET_STATE, LSOCK_SOCKET_STATE_UNCONNECTED, "unconnected");
  assert_enum (LSOCK_TYPE_SOCKET_STATE, LSOCK_SOCKET_STATE_CLOSING, "closing");
  assert_enum (LSOCK_TYPE_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND, "server-not-found");
  assert_enum (LSOCK_TYPE_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT, "socket-timeout");
  assert_enum (LSOCK_TYPE_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNKNOWN, "unknown");
  assert_flags (LSOCK_TYPE_OPEN_MODE, LSOCK_OPEN_MODE_READ_WRITE, "read-write");
  assert_flags (LSOCK_TYPE_OPEN_MODE, LSOCK_OPEN_MODE_EXISTING_ONLY, "existing-only");
  assert_flags (LSOCK_TYPE_SOCKET_OPTIONS, LSOCK_SOCKET_OPTIONS_WORLD_ACCESS, "world-access");
  assert_flags (LSOCK_TYPE_CONNECTION_TYPE, LSOCK_CONNECTION_TYPE_SINGLE_SHOT, "single-shot");
}

static void
test_qt_numbers (void)
{
  g_test_summary ("Values that programs ported from Qt may have stored");

  g_assert_cmpint (LSOCK_OPEN_MODE_READ_WRITE, ==, 3);
  g_assert_cmpint (LSOCK_OPEN_MODE_UNBUFFERED, ==, 0x20);
  g_assert_cmpint (LSOCK_OPEN_MODE_EXISTING_ONLY, ==, 0x80);
  g_assert_cmpint (LSOCK_SOCKET_STATE_CLOSING, ==, 6);
  g_assert_cmpint (LSOCK_SOCKET_ERROR_OPERATION, ==, 19);
  g_assert_cmpint (LSOCK_SOCKET_ERROR_UNKNOWN, ==, -1);
  g_assert_cmpint (LSOCK_SOCKET_OPTIONS_WORLD_ACCESS, ==, 7);
  g_assert_cmpint (LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE, ==, 8);
}

static void
test_error_domain (void)
{
  g_test_summary ("The quark is stored in files and in tests of others");

  g_assert_cmpstr (g_quark_to_string (LSOCK_SOCKET_ERROR), ==, "lsock-socket-error-quark");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/version/nicks", test_nicks);
  g_test_add_func ("/version/qt-numbers", test_qt_numbers);
  g_test_add_func ("/version/error-domain", test_error_domain);

  return g_test_run ();
}
