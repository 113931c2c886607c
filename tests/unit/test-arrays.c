/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "fixture.h"
#include "memory-devices.h"

#define LARGE (300 * 1024)

static void
assert_array (guint8     *data,
              gsize       length,
              const char *text)
{
  g_assert_nonnull (data);
  g_assert_cmpmem (data, length, text, strlen (text));
  g_free (data);
}

static void
assert_refused (guint8  *data,
                gsize    length,
                GError **error)
{
  g_assert_null (data);
  g_assert_cmpuint (length, ==, 0);
  g_assert_error (*error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (error);
}

static LsockIODevice *
new_device (GType       type,
            const char *text)
{
  LsockIODevice *device = g_object_new (type, NULL);

  if (type == TEST_TYPE_PIPE)
    memory_feed (&TEST_PIPE (device)->memory, text);
  else if (type == TEST_TYPE_BYTES)
    memory_feed (&TEST_BYTES (device)->memory, text);
  else
    memory_feed (&TEST_DISK (device)->memory, text);
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));

  return device;
}

static void
test_devices (void)
{
  GType types[] = { TEST_TYPE_PIPE, TEST_TYPE_BYTES, TEST_TYPE_DISK };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (LsockIODevice) device = new_device (types[i], "one\ntwo\nthree\nfour");
      g_autoptr (GError) error = NULL;
      guint8 *data;
      gsize length = 99;

#define READ(name, ...) (data = lsock_io_device_##name (device, __VA_ARGS__, &length, &error))
      READ (peek_array, 3);
      assert_array (data, length, "one");
      READ (read_line_array, 0);
      assert_array (data, length, "one\n");
      READ (read_line_array, 2);
      assert_array (data, length, "tw");
      READ (read_array, 0);
      assert_array (data, length, "");
      READ (read_array, 3);
      assert_array (data, length, "o\nt");
      READ (read_array, LARGE);
      assert_array (data, length, "hree\nfour");
      g_assert_no_error (error);

      data = lsock_io_device_read_all_array (device, &length, &error);
      assert_array (data, length, "");
      READ (read_array, -1);
      assert_refused (data, length, &error);
      READ (read_line_array, -1);
      assert_refused (data, length, &error);
      READ (peek_array, -1);
      assert_refused (data, length, &error);

      lsock_io_device_close (device);
      READ (read_array, 1);
      assert_refused (data, length, &error);
      data = lsock_io_device_read_all_array (device, &length, &error);
      assert_refused (data, length, &error);
#undef READ
    }
}

/* Around the sizes at which a read takes another way. */
static void
test_sizes (void)
{
  gsize sizes[] = { 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, LARGE };
  GType types[] = { TEST_TYPE_PIPE, TEST_TYPE_BYTES, TEST_TYPE_DISK };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (types); j++)
      {
        g_autofree char *text = g_strnfill (sizes[i], 'x');
        g_autoptr (LsockIODevice) device = NULL;
        gsize length;
        guint8 *data;

        text[sizes[i] - 1] = 'y';
        device = new_device (types[j], text);
        data = lsock_io_device_read_all_array (device, &length, NULL);
        assert_array (data, length, text);

        lsock_io_device_close (device);
        g_clear_object (&device);
        device = new_device (types[j], text);
        data = lsock_io_device_read_array (device, (gssize) sizes[i] + 1, &length, NULL);
        assert_array (data, length, text);
      }
}

static void
test_buffer (void)
{
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  g_autoptr (LsockLineIterator) lines = lsock_io_device_iterate_lines (LSOCK_IO_DEVICE (buffer));
  g_autoptr (GBytes) content = g_bytes_new_static ("one\ntwo", 7);
  g_autoptr (GError) error = NULL;
  guint8 *data;
  gsize length;

  data = lsock_buffer_get_data_array (buffer, &length);
  assert_array (data, length, "");

  lsock_buffer_set_data (buffer, content);
  data = lsock_buffer_get_data_array (buffer, &length);
  assert_array (data, length, "one\ntwo");

  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (buffer), LSOCK_OPEN_MODE_READ_ONLY, NULL));
  data = lsock_line_iterator_next_array (lines, &length, &error);
  assert_array (data, length, "one\n");
  data = lsock_line_iterator_next_array (lines, &length, &error);
  assert_array (data, length, "two");
  g_assert_null (lsock_line_iterator_next_array (lines, &length, &error));
  g_assert_cmpuint (length, ==, 0);
  g_assert_no_error (error);
}

static void
keep_result (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static void
test_async (Fixture       *fixture,
            gconstpointer  unused)
{
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (LsockSocket) client = lsock_socket_new ();
  g_autoptr (GAsyncResult) some = NULL;
  g_autoptr (GAsyncResult) line = NULL;
  g_autoptr (GAsyncResult) all = NULL;
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (GError) error = NULL;
  LsockIODevice *device = LSOCK_IO_DEVICE (client);
  LsockIODevice *peer;
  guint8 *data;
  gsize length;

  g_assert_true (lsock_server_listen (server, "s", NULL));
  lsock_socket_connect_to_server (client, "s", LSOCK_OPEN_MODE_READ_WRITE);
  await_true (lsock_server_has_pending_connections (server));
  peer = LSOCK_IO_DEVICE (lsock_server_next_pending_connection (server));
  lsock_io_device_write (peer, (const guint8 *) "abline\nrest", 11, NULL);

  lsock_io_device_read_async (device, 2, G_PRIORITY_DEFAULT, NULL, keep_result, &some);
  await_true (some != NULL);
  data = lsock_io_device_read_finish_array (device, some, &length, &error);
  g_assert_no_error (error);
  assert_array (data, length, "ab");

  lsock_io_device_read_line_async (device, 0, G_PRIORITY_DEFAULT, NULL, keep_result, &line);
  await_true (line != NULL);
  data = lsock_io_device_read_line_finish_array (device, line, &length, &error);
  g_assert_no_error (error);
  assert_array (data, length, "line\n");

  lsock_io_device_close (peer);
  lsock_io_device_read_all_async (device, G_PRIORITY_DEFAULT, NULL, keep_result, &all);
  await_true (all != NULL);
  data = lsock_io_device_read_all_finish_array (device, all, &length, &error);
  g_assert_no_error (error);
  assert_array (data, length, "rest");

  lsock_io_device_read_async (device, -1, G_PRIORITY_DEFAULT, NULL, keep_result, &late);
  await_true (late != NULL);
  data = lsock_io_device_read_finish_array (device, late, &length, &error);
  g_assert_no_error (error);
  assert_array (data, length, "");
}

/* An empty message is not the null message, though neither has a byte. */
static void
test_messages (void)
{
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  g_autoptr (LsockMessageChannel) channel = NULL;
  g_autoptr (GBytes) content = g_bytes_new_static ("\0\0\0\1x\0\0\0\0\xff\xff\xff\xff\0\0\0\1y", 18);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_null = TRUE;
  guint8 *data;
  gsize length;

  lsock_buffer_set_data (buffer, content);
  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (buffer), LSOCK_OPEN_MODE_READ_ONLY, NULL));
  channel = lsock_message_channel_new (LSOCK_IO_DEVICE (buffer), LSOCK_MESSAGE_FRAMING_LENGTH32_BE);

  data = lsock_message_channel_receive_array (channel, 0, &length, &is_null, &error);
  assert_array (data, length, "x");
  g_assert_false (is_null);
  data = lsock_message_channel_receive_array (channel, 0, &length, &is_null, &error);
  assert_array (data, length, "");
  g_assert_false (is_null);
  data = lsock_message_channel_receive_array (channel, 0, &length, &is_null, &error);
  assert_array (data, length, "");
  g_assert_true (is_null);
  g_assert_no_error (error);

  lsock_message_channel_receive_async (channel, G_PRIORITY_DEFAULT, NULL, keep_result, &result);
  await_true (result != NULL);
  data = lsock_message_channel_receive_finish_array (channel, result, &length, NULL, &error);
  g_assert_no_error (error);
  assert_array (data, length, "y");

  g_assert_null (lsock_message_channel_receive_array (channel, 0, &length, &is_null, &error));
  g_assert_nonnull (error);
  g_assert_false (is_null);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arrays/devices", test_devices);
  g_test_add_func ("/arrays/sizes", test_sizes);
  g_test_add_func ("/arrays/buffer", test_buffer);
  g_test_add ("/arrays/async", Fixture, NULL, fixture_set_up, test_async, fixture_tear_down);
  g_test_add_func ("/arrays/messages", test_messages);

  return g_test_run ();
}
