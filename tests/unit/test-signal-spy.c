/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lsock.h>

static void
test_records (void)
{
  g_autoptr (LsockObject) object = lsock_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LsockSignalSpy) spy =
    lsock_signal_spy_new (G_OBJECT (object), "notify::name", &error);
  g_autoptr (GPtrArray) args = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (lsock_signal_spy_get_signal (spy), ==, "notify::name");
  g_assert_cmpuint (lsock_signal_spy_get_count (spy), ==, 0);
  lsock_object_set_name (object, "a");
  lsock_object_block_signals (object, TRUE);
  lsock_object_set_name (object, "b");
  g_assert_cmpuint (lsock_signal_spy_get_count (spy), ==, 2);

  args = lsock_signal_spy_get_args (spy, 1);
  g_assert_cmpuint (args->len, ==, 1);
  g_assert_cmpstr (g_value_get_param (g_ptr_array_index (args, 0))->name, ==, "name");
  g_assert_null (lsock_signal_spy_get_args (spy, 2));

  lsock_signal_spy_clear (spy);
  g_assert_cmpuint (lsock_signal_spy_get_count (spy), ==, 0);
}

static void
test_refused (void)
{
  g_autoptr (LsockObject) object = lsock_object_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (lsock_signal_spy_new (G_OBJECT (object), "nonsense", &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
}

static void
test_outlives (void)
{
  LsockObject *object = lsock_object_new ();
  LsockSignalSpy *spy = lsock_signal_spy_new (G_OBJECT (object), "destroyed", NULL);
  LsockSignalSpy *first = lsock_signal_spy_new (G_OBJECT (object), "destroyed", NULL);

  g_assert_finalize_object (first);
  g_assert_finalize_object (object);
  g_assert_cmpuint (lsock_signal_spy_get_count (spy), ==, 1);
  g_assert_finalize_object (spy);
}

static void
test_wait (void)
{
  g_autoptr (LsockObject) object = lsock_object_new ();
  g_autoptr (LsockSignalSpy) spy = lsock_signal_spy_new (G_OBJECT (object), "destroyed", NULL);

  g_assert_false (lsock_signal_spy_wait (spy, 0));
  lsock_object_delete_later (object);
  g_assert_true (lsock_signal_spy_wait (spy, 20000));
  g_assert_false (lsock_signal_spy_wait (spy, 1));
  g_assert_cmpuint (lsock_signal_spy_get_count (spy), ==, 1);
}

static gpointer
complete (gpointer data)
{
  /* A cancellable's signal can be emitted in any thread. */
  g_cancellable_cancel (data);
  g_object_unref (data);
  return NULL;
}

/* Runs once the spy is waiting. */
static gboolean
start_thread (gpointer data)
{
  g_thread_unref (g_thread_new ("emitter", complete, data));
  return G_SOURCE_REMOVE;
}

static void
test_wait_thread (void)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (GCancellable) object = g_cancellable_new ();
      g_autoptr (LsockSignalSpy) spy = lsock_signal_spy_new (G_OBJECT (object), "cancelled", NULL);

      g_idle_add (start_thread, g_object_ref (object));
      g_assert_true (lsock_signal_spy_wait (spy, 20000));
      g_assert_cmpuint (lsock_signal_spy_get_count (spy), ==, 1);
    }
}

static void
test_wait_negative (void)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (LsockSignalSpy) spy = lsock_signal_spy_new (G_OBJECT (socket), "state-changed", NULL);

  g_test_summary ("A negative time other than -1 was a critical warning; it means 0, as in Qt");

  g_assert_false (lsock_signal_spy_wait (spy, -2));
  g_assert_false (lsock_signal_spy_wait (spy, G_MININT));
  g_assert_false (lsock_signal_spy_wait (spy, 0));
}

static void
test_arg (void)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (LsockSignalSpy) spy = lsock_signal_spy_new (G_OBJECT (socket), "state-changed", NULL);
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) none = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  g_test_summary ("An argument that there is not was no error, and bindings could not convert it");

  lsock_socket_connect_to_server (socket, "/nobody/listens/here", LSOCK_OPEN_MODE_READ_WRITE);

  g_assert_cmpuint (lsock_signal_spy_get_n_args (spy, 0), ==, 1);
  g_assert_true (lsock_signal_spy_get_arg (spy, 0, 0, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_value_get_enum (&value), ==, LSOCK_SOCKET_STATE_CONNECTING);
  g_assert_cmpuint (lsock_signal_spy_get_n_args (spy, 2), ==, 0);
  g_assert_false (lsock_signal_spy_get_arg (spy, 0, 1, &none, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_false (lsock_signal_spy_get_arg (spy, G_MAXUINT, 0, &none, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_false (lsock_signal_spy_get_arg (spy, 3, 0, &none, NULL));
  g_assert_false (G_IS_VALUE (&none));
}

static void
test_properties (void)
{
  g_autoptr (LsockObject) object = g_object_new (LSOCK_TYPE_OBJECT, NULL);
  g_autoptr (LsockSignalSpy) spy = g_object_new (LSOCK_TYPE_SIGNAL_SPY, "object", object,
                                                 "signal", "notify::name", NULL);
  g_autoptr (GObject) spied = NULL;
  g_autoptr (GObject) gone = NULL;

  lsock_object_set_name (object, "a");
  g_assert_cmpuint (lsock_signal_spy_get_count (spy), ==, 1);
  g_object_get (spy, "object", &spied, NULL);
  g_assert_true (spied == G_OBJECT (object));
  g_clear_object (&spied);
  g_clear_object (&object);
  g_object_get (spy, "object", &gone, NULL);
  g_assert_null (gone);
}

static void
test_on_nothing (void)
{
  g_autoptr (LsockObject) object = g_object_new (LSOCK_TYPE_OBJECT, NULL);

  g_test_summary ("A spy that was made without an object was silent");

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (LsockSignalSpy) spy = NULL;

      g_test_expect_message ("Lsock", G_LOG_LEVEL_CRITICAL,
                             i < 2 ? "*needs an object and a signal*" : "*nosuch*");
      spy = g_object_new (LSOCK_TYPE_SIGNAL_SPY, "object", i > 0 ? object : NULL,
                          "signal", i > 1 ? "nosuch" : NULL, NULL);
      g_test_assert_expected_messages ();
      g_assert_cmpuint (lsock_signal_spy_get_count (spy), ==, 0);
      g_assert_false (lsock_signal_spy_wait (spy, 0));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/signal-spy/records", test_records);
  g_test_add_func ("/signal-spy/arg", test_arg);
  g_test_add_func ("/signal-spy/refused", test_refused);
  g_test_add_func ("/signal-spy/properties", test_properties);
  g_test_add_func ("/signal-spy/on-nothing", test_on_nothing);
  g_test_add_func ("/signal-spy/outlives", test_outlives);
  g_test_add_func ("/signal-spy/wait", test_wait);
  g_test_add_func ("/signal-spy/wait/thread", test_wait_thread);
  g_test_add_func ("/signal-spy/wait/negative", test_wait_negative);

  return g_test_run ();
}
