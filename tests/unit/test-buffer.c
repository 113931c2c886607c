/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "fixture.h"

static LsockIODevice *
new_buffer (const char    *text,
            LsockOpenMode  mode)
{
  LsockBuffer *buffer = lsock_buffer_new ();
  g_autoptr (GBytes) data = g_bytes_new (text, strlen (text));

  lsock_buffer_set_data (buffer, data);
  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (buffer), mode, NULL));
  return LSOCK_IO_DEVICE (buffer);
}

static void
assert_bytes (GBytes     *bytes,
              const void *data,
              gsize       length)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), data, length);
  g_bytes_unref (bytes);
}

#define assert_read_bytes(device, count, text) \
  assert_bytes (lsock_io_device_read_bytes (device, count, NULL), text, strlen (text))
#define assert_line(device, text) \
  assert_bytes (lsock_io_device_read_line (device, 0, NULL), text, strlen (text))
#define assert_all(device, text) \
  assert_bytes (lsock_io_device_read_all (device, NULL), text, strlen (text))
#define assert_data(device, text) \
  assert_bytes (lsock_buffer_get_data (LSOCK_BUFFER (device)), text, sizeof text - 1)


static void
test_seek (void)
{
  LsockIODevice *device = new_buffer ("0123456789", LSOCK_OPEN_MODE_READ_ONLY);
  GError *error = NULL;

  g_assert_cmpint (lsock_io_device_size (device), ==, 10);
  g_assert_true (lsock_io_device_seek (device, 4, NULL));
  assert_read_bytes (device, 3, "456");
  g_assert_cmpint (lsock_io_device_pos (device), ==, 7);
  g_assert_true (lsock_io_device_seek (device, 10, NULL));
  g_assert_true (lsock_io_device_at_end (device));
  assert_read_bytes (device, 1, "");
  g_assert_false (lsock_io_device_seek (device, -1, NULL));
  g_assert_false (lsock_io_device_seek (device, 11, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_cmpint (lsock_io_device_pos (device), ==, 10);
  g_assert_true (lsock_io_device_reset (device, NULL));
  g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 10);
  g_assert_finalize_object (G_OBJECT (device));

  device = new_buffer ("0123", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (lsock_io_device_seek (device, 6, NULL));
  assert_data (device, "0123\0\0");
  write_text (device, "X");
  assert_data (device, "0123\0\0X");
  g_assert_false (lsock_io_device_seek (device, G_MAXINT64, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SOCKET_RESOURCE);
  g_clear_error (&error);
  g_assert_finalize_object (G_OBJECT (device));
}

static void
test_modes (void)
{
  LsockIODevice *device = new_buffer ("0123", LSOCK_OPEN_MODE_APPEND | LSOCK_OPEN_MODE_READ_ONLY);
  GError *error = NULL;

  g_assert_cmpint (lsock_io_device_get_open_mode (device), ==, 39);
  g_assert_cmpint (lsock_io_device_pos (device), ==, 4);
  write_text (device, "45");
  g_assert_true (lsock_io_device_seek (device, 0, NULL));
  write_text (device, "67");
  assert_data (device, "672345");
  g_assert_finalize_object (G_OBJECT (device));

  device = new_buffer ("0123", LSOCK_OPEN_MODE_TRUNCATE | LSOCK_OPEN_MODE_READ_ONLY);
  g_assert_cmpint (lsock_io_device_size (device), ==, 0);
  write_text (device, "x");
  assert_data (device, "x");
  lsock_io_device_close (device);
  g_assert_false (lsock_io_device_open (device, LSOCK_OPEN_MODE_TEXT, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_finalize_object (G_OBJECT (device));
}

static void
test_interleaved (void)
{
  LsockIODevice *device = new_buffer ("0123456789", LSOCK_OPEN_MODE_READ_WRITE);

  assert_read_bytes (device, 2, "01");
  write_text (device, "XX");
  assert_read_bytes (device, 2, "45");
  g_assert_cmpint (lsock_io_device_pos (device), ==, 6);
  assert_data (device, "01XX456789");
  lsock_io_device_unget_char (device, 'U');
  assert_read_bytes (device, 2, "U6");
  g_assert_cmpint (lsock_io_device_pos (device), ==, 7);
  g_assert_true (lsock_io_device_reset (device, NULL));
  lsock_io_device_unget_char (device, 'X');
  assert_read_bytes (device, 2, "X0");
  g_assert_finalize_object (G_OBJECT (device));
}

static void
test_lines (void)
{
  LsockIODevice *device = new_buffer ("one\ntwo\r\n\nlast", LSOCK_OPEN_MODE_READ_WRITE);

  g_assert_true (lsock_io_device_can_read_line (device));
  assert_line (device, "one\n");
  assert_line (device, "two\r\n");
  assert_line (device, "\n");
  g_assert_false (lsock_io_device_can_read_line (device));
  assert_line (device, "last");
  assert_line (device, "");
  g_assert_cmpint (lsock_io_device_pos (device), ==, 14);
  g_assert_finalize_object (G_OBJECT (device));

  device = new_buffer ("one\r\ntwo\r\n", LSOCK_OPEN_MODE_READ_WRITE | LSOCK_OPEN_MODE_TEXT);
  assert_line (device, "one\n");
  g_assert_cmpint (lsock_io_device_pos (device), ==, 5);
  assert_all (device, "two\n");
  g_assert_cmpint (lsock_io_device_pos (device), ==, 10);
  g_assert_finalize_object (G_OBJECT (device));
}

static void
test_transaction (void)
{
  LsockIODevice *device = new_buffer ("0123456789", LSOCK_OPEN_MODE_READ_WRITE);

  lsock_io_device_start_transaction (device);
  assert_read_bytes (device, 3, "012");
  g_assert_true (lsock_io_device_seek (device, 8, NULL));
  assert_read_bytes (device, 1, "8");
  lsock_io_device_rollback_transaction (device);
  g_assert_cmpint (lsock_io_device_pos (device), ==, 0);
  assert_read_bytes (device, 2, "01");
  g_assert_finalize_object (G_OBJECT (device));
}

static void
test_data (void)
{
  LsockIODevice *device = new_buffer ("abc", LSOCK_OPEN_MODE_READ_WRITE);
  g_autoptr (GBytes) other = g_bytes_new_static ("xyz", 3);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) slice = NULL;

  lsock_buffer_set_data (LSOCK_BUFFER (device), other);
  assert_data (device, "abc");

  g_test_message ("what was handed out does not change");
  before = lsock_buffer_get_data (LSOCK_BUFFER (device));
  slice = lsock_io_device_peek (device, 2, NULL);
  write_text (device, "XYZ");
  g_assert_cmpmem (g_bytes_get_data (before, NULL), 3, "abc", 3);
  g_assert_cmpmem (g_bytes_get_data (slice, NULL), 2, "ab", 2);
  assert_data (device, "XYZ");

  lsock_io_device_close (device);
  lsock_buffer_set_data (LSOCK_BUFFER (device), other);
  assert_data (device, "xyz");
  g_assert_finalize_object (G_OBJECT (device));
}

static void
log_signal (GString    *log,
            const char *name)
{
  g_string_append_printf (log, "%s ", name);
}

static void
on_bytes_written (LsockIODevice *device,
                  gint64         count,
                  GString       *log)
{
  g_string_append_printf (log, "bytes-written %d ", (int) count);
}

static void
on_ready_read (LsockIODevice *device,
               GString       *log)
{
  log_signal (log, "ready-read");
}

static void
test_signals (void)
{
  LsockIODevice *device = new_buffer ("", LSOCK_OPEN_MODE_READ_WRITE);
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (device, "bytes-written", G_CALLBACK (on_bytes_written), log);
  g_signal_connect (device, "ready-read", G_CALLBACK (on_ready_read), log);

  write_text (device, "ab");
  write_text (device, "c");
  g_assert_cmpstr (log->str, ==, "");
  settle ();
  g_assert_cmpstr (log->str, ==, "bytes-written 3 ready-read ");

  g_test_message ("nothing is left behind when it is dropped before its turn");
  write_text (device, "d");
  g_assert_finalize_object (G_OBJECT (device));
  settle ();
  g_assert_cmpstr (log->str, ==, "bytes-written 3 ready-read ");
}

static void
test_peek_after_unget (void)
{
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  LsockIODevice *device = LSOCK_IO_DEVICE (buffer);
  g_autoptr (GBytes) data = g_bytes_new_static ("bc", 2);
  g_autoptr (GBytes) peeked = NULL;
  g_autoptr (GBytes) rest = NULL;
  guint8 first;

  g_test_summary ("What was put back is still there after a peek");

  lsock_buffer_set_data (buffer, data);
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_ONLY, NULL));
  g_assert_true (lsock_io_device_get_char (device, &first));
  lsock_io_device_unget_char (device, 'X');

  peeked = lsock_io_device_peek (device, 2, NULL);
  g_assert_cmpmem (g_bytes_get_data (peeked, NULL), g_bytes_get_size (peeked), "Xc", 2);
  rest = lsock_io_device_read_all (device, NULL);
  g_assert_cmpmem (g_bytes_get_data (rest, NULL), g_bytes_get_size (rest), "Xc", 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/buffer/peek-after-unget", test_peek_after_unget);
  g_test_add_func ("/buffer/seek", test_seek);
  g_test_add_func ("/buffer/modes", test_modes);
  g_test_add_func ("/buffer/interleaved", test_interleaved);
  g_test_add_func ("/buffer/lines", test_lines);
  g_test_add_func ("/buffer/transaction", test_transaction);
  g_test_add_func ("/buffer/data", test_data);
  g_test_add_func ("/buffer/signals", test_signals);

  return g_test_run ();
}
