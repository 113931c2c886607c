/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "memory-devices.h"

static LsockIODevice *
new_pipe (const char    *text,
          LsockOpenMode  mode)
{
  TestPipe *pipe = g_object_new (TEST_TYPE_PIPE, NULL);

  memory_feed (&pipe->memory, text);
  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (pipe), mode, NULL));
  return LSOCK_IO_DEVICE (pipe);
}

static LsockIODevice *
new_bytes (const char    *text,
           LsockOpenMode  mode)
{
  TestBytes *device = g_object_new (TEST_TYPE_BYTES, NULL);

  memory_feed (&device->memory, text);
  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (device), mode, NULL));
  return LSOCK_IO_DEVICE (device);
}

static LsockIODevice *
new_disk (const char    *text,
          LsockOpenMode  mode)
{
  TestDisk *disk = g_object_new (TEST_TYPE_DISK, NULL);

  memory_feed (&disk->memory, text);
  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (disk), mode, NULL));
  return LSOCK_IO_DEVICE (disk);
}

/* The makers, for tests that hold for every kind of device. */
static LsockIODevice *(*makers[]) (const char *, LsockOpenMode) = { new_pipe, new_bytes, new_disk };

static void
assert_bytes (GBytes     *bytes,
              const char *text)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
  g_bytes_unref (bytes);
}

#define assert_read(device, count, text) \
  assert_bytes (lsock_io_device_read_bytes (device, count, NULL), text)
#define assert_line(device, limit, text) \
  assert_bytes (lsock_io_device_read_line (device, limit, NULL), text)
#define assert_peek(device, count, text) \
  assert_bytes (lsock_io_device_peek (device, count, NULL), text)
#define assert_all(device, text) \
  assert_bytes (lsock_io_device_read_all (device, NULL), text)

static void
assert_refused (GBytes  *bytes,
                GError **error)
{
  g_assert_null (bytes);
  g_assert_error (*error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (error);
}

static void
finish (LsockIODevice *device)
{
  g_assert_finalize_object (G_OBJECT (device));
}


static void
test_closed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      LsockIODevice *device = makers[i] ("abc", LSOCK_OPEN_MODE_READ_WRITE);
      GError *error = NULL;
      char buffer[4];

      lsock_io_device_close (device);
      g_assert_false (lsock_io_device_is_open (device));
      assert_refused (lsock_io_device_read_bytes (device, 1, &error), &error);
      assert_refused (lsock_io_device_read_bytes (device, 0, &error), &error);
      assert_refused (lsock_io_device_read_all (device, &error), &error);
      assert_refused (lsock_io_device_read_line (device, 0, &error), &error);
      assert_refused (lsock_io_device_peek (device, 1, &error), &error);
      g_assert_cmpint (lsock_io_device_read (device, buffer, 1, &error), ==, -1);
      assert_refused (NULL, &error);
      g_assert_cmpint (lsock_io_device_skip (device, 1, &error), ==, -1);
      assert_refused (NULL, &error);
      g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, &error), ==, -1);
      assert_refused (NULL, &error);
      g_assert_false (lsock_io_device_put_char (device, 'x', &error));
      assert_refused (NULL, &error);
      g_assert_false (lsock_io_device_seek (device, 0, &error));
      assert_refused (NULL, &error);
      g_assert_false (lsock_io_device_get_char (device, NULL));
      lsock_io_device_unget_char (device, 'x');
      g_assert_true (lsock_io_device_at_end (device));
      g_assert_false (lsock_io_device_can_read_line (device));
      g_assert_false (lsock_io_device_wait_for_ready_read (device, 0));
      g_assert_false (lsock_io_device_wait_for_bytes_written (device, 0));
      g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);
      g_assert_null (lsock_io_device_get_error_string (device));
      finish (device);
    }
}

static void
test_wrong_mode (void)
{
  LsockIODevice *device = new_pipe ("abc", LSOCK_OPEN_MODE_READ_ONLY);
  GError *error = NULL;

  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, &error), ==, -1);
  assert_refused (NULL, &error);
  g_assert_null (lsock_io_device_get_error_string (device));
  assert_all (device, "abc");
  finish (device);

  device = new_pipe ("abc", LSOCK_OPEN_MODE_WRITE_ONLY);
  assert_refused (lsock_io_device_read_bytes (device, 1, &error), &error);
  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, NULL), ==, 1);
  g_assert_null (lsock_io_device_get_error_string (device));
  finish (device);
}

static void
test_negative (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      LsockIODevice *device = makers[i] ("abc", LSOCK_OPEN_MODE_READ_WRITE);
      GError *error = NULL;

      assert_refused (lsock_io_device_read_bytes (device, -1, &error), &error);
      assert_refused (lsock_io_device_read_line (device, -1, &error), &error);
      assert_refused (lsock_io_device_peek (device, -1, &error), &error);
      g_assert_cmpint (lsock_io_device_skip (device, -1, &error), ==, -1);
      assert_refused (NULL, &error);
      g_assert_cmpint (lsock_io_device_write (device, NULL, -1, &error), ==, -1);
      assert_refused (NULL, &error);
      g_assert_null (lsock_io_device_get_error_string (device));
      assert_all (device, "abc");
      finish (device);
    }
}

static void
test_read_mixed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      LsockIODevice *device = makers[i] ("0123456789", LSOCK_OPEN_MODE_READ_ONLY);
      guint8 c;
      char buffer[8];

      g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 10);
      assert_peek (device, 3, "012");
      assert_peek (device, 0, "");
      assert_peek (device, 100, "0123456789");
      g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 10);
      assert_read (device, 2, "01");
      g_assert_true (lsock_io_device_get_char (device, &c));
      g_assert_cmpint (c, ==, '2');
      lsock_io_device_unget_char (device, 'X');
      lsock_io_device_unget_char (device, 'Y');
      g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 9);
      assert_peek (device, 3, "YX3");
      g_assert_cmpint (lsock_io_device_skip (device, 3, NULL), ==, 3);
      g_assert_cmpint (lsock_io_device_read (device, buffer, 2, NULL), ==, 2);
      g_assert_cmpmem (buffer, 2, "45", 2);
      g_assert_cmpint (lsock_io_device_peek_into (device, buffer, 8, NULL), ==, 4);
      g_assert_cmpmem (buffer, 4, "6789", 4);
      g_assert_false (lsock_io_device_at_end (device));
      assert_all (device, "6789");
      g_assert_true (lsock_io_device_at_end (device));
      assert_read (device, 5, "");
      assert_all (device, "");
      assert_line (device, 0, "");
      assert_peek (device, 1, "");
      g_assert_cmpint (lsock_io_device_skip (device, 1, NULL), ==, 0);
      g_assert_false (lsock_io_device_get_char (device, &c));
      finish (device);
    }
}

static void
test_read_large (void)
{
  g_autofree char *text = g_strnfill (300 * 1024, 'a');

  for (gsize i = 0; i < 300 * 1024; i++)
    text[i] = 'a' + i % 26;

  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      LsockIODevice *device = makers[i] (text, LSOCK_OPEN_MODE_READ_ONLY);
      g_autofree char *start = g_strndup (text, 100 * 1024);

      assert_peek (device, 100 * 1024, start);
      assert_read (device, 100 * 1024, start);
      assert_all (device, text + 100 * 1024);
      finish (device);

      device = makers[i] (text, LSOCK_OPEN_MODE_READ_ONLY);
      assert_read (device, G_MAXSSIZE, text);
      finish (device);
    }
}

static void
test_read_line (void)
{
  static const guint8 zeros[] = "a\0b\n\0";

  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    for (guint j = 0; j < 2; j++)
      {
        LsockOpenMode mode = LSOCK_OPEN_MODE_READ_ONLY | (j == 0 ? 0 : LSOCK_OPEN_MODE_UNBUFFERED);
        LsockIODevice *device = makers[i] ("one\ntwo\r\n\nabcdef\nlast", mode);
        g_autoptr (GBytes) line = NULL;
        char buffer[6];

        assert_peek (device, 1, "o");
        assert_line (device, 0, "one\n");
        assert_line (device, 100, "two\r\n");
        assert_line (device, 0, "\n");
        assert_line (device, 3, "abc");
        g_assert_cmpint (lsock_io_device_read_line_into (device, buffer, sizeof buffer, NULL), ==,
                         4);
        g_assert_cmpstr (buffer, ==, "def\n");
        g_assert_cmpint (lsock_io_device_read_line_into (device, buffer, 3, NULL), ==, 2);
        g_assert_cmpstr (buffer, ==, "la");
        assert_line (device, 0, "st");
        assert_line (device, 0, "");
        finish (device);

        device = makers[i] ("", mode);
        g_byte_array_append (TEST_IS_PIPE (device) ? TEST_PIPE (device)->memory.input
                             : TEST_IS_BYTES (device) ? TEST_BYTES (device)->memory.input
                             : TEST_DISK (device)->memory.input, zeros, 5);
        line = lsock_io_device_read_line (device, 0, NULL);
        g_assert_cmpmem (g_bytes_get_data (line, NULL), g_bytes_get_size (line), "a\0b\n", 4);
        finish (device);
      }
}

static void
test_text (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      LsockIODevice *device = makers[i] ("a\r\nb\r\nc\rd\r\ne\r\n",
                                         LSOCK_OPEN_MODE_READ_ONLY | LSOCK_OPEN_MODE_TEXT);
      guint8 c;

      assert_peek (device, 3, "a\nb");
      g_assert_true (lsock_io_device_get_char (device, &c));
      g_assert_cmpint (c, ==, 'a');
      assert_read (device, 2, "\nb");
      g_assert_cmpint (lsock_io_device_skip (device, 1, NULL), ==, 1);
      assert_read (device, 3, "cd\n");
      assert_line (device, 0, "e\n");
      g_assert_true (lsock_io_device_at_end (device));
      g_assert_true (lsock_io_device_get_text_mode (device));
      lsock_io_device_set_text_mode (device, FALSE);
      g_assert_false (lsock_io_device_get_text_mode (device));
      finish (device);
    }
}

static void
test_transaction (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      LsockIODevice *device = makers[i] ("line\nmore", LSOCK_OPEN_MODE_READ_ONLY);

      lsock_io_device_commit_transaction (device);
      lsock_io_device_rollback_transaction (device);
      g_assert_false (lsock_io_device_is_transaction_started (device));

      lsock_io_device_start_transaction (device);
      lsock_io_device_start_transaction (device);
      g_assert_true (lsock_io_device_is_transaction_started (device));
      assert_line (device, 0, "line\n");
      assert_peek (device, 2, "mo");
      g_assert_true (lsock_io_device_get_char (device, NULL));
      lsock_io_device_unget_char (device, 'X');
      g_assert_cmpint (lsock_io_device_skip (device, 1, NULL), ==, 1);
      g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 2);
      assert_all (device, "re");
      g_assert_true (lsock_io_device_at_end (device));
      lsock_io_device_rollback_transaction (device);

      g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 9);
      lsock_io_device_start_transaction (device);
      assert_read (device, 5, "line\n");
      lsock_io_device_commit_transaction (device);
      g_assert_false (lsock_io_device_is_transaction_started (device));
      assert_all (device, "more");

      lsock_io_device_start_transaction (device);
      lsock_io_device_close (device);
      g_assert_false (lsock_io_device_is_transaction_started (device));
      finish (device);
    }
}

static void
test_random_access (void)
{
  LsockIODevice *device = new_disk ("0123456789", LSOCK_OPEN_MODE_READ_WRITE);
  TestDisk *disk = TEST_DISK (device);

  g_assert_false (lsock_io_device_is_sequential (device));
  g_assert_cmpint (lsock_io_device_size (device), ==, 10);
  assert_read (device, 2, "01");
  g_assert_cmpint (disk->memory.asked, ==, 16384);
  assert_read (device, 2, "23");
  g_assert_cmpint (lsock_io_device_pos (device), ==, 4);
  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "XX", 2, NULL), ==, 2);
  assert_read (device, 2, "67");
  g_assert_true (lsock_io_device_seek (device, 3, NULL));
  assert_all (device, "3XX6789");
  g_assert_true (lsock_io_device_reset (device, NULL));
  assert_read (device, 1, "0");
  g_assert_cmpint (lsock_io_device_skip (device, 8, NULL), ==, 8);
  g_assert_cmpint (lsock_io_device_pos (device), ==, 9);
  g_assert_cmpint (lsock_io_device_skip (device, 8, NULL), ==, 1);
  g_assert_true (lsock_io_device_at_end (device));
  g_assert_false (lsock_io_device_seek (device, -1, NULL));
  g_assert_cmpint (lsock_io_device_pos (device), ==, 10);
  finish (device);

  device = new_disk ("0123", LSOCK_OPEN_MODE_READ_WRITE | LSOCK_OPEN_MODE_APPEND);
  g_assert_cmpint (lsock_io_device_pos (device), ==, 4);
  g_assert_true (lsock_io_device_put_char (device, '4', NULL));
  g_assert_true (lsock_io_device_reset (device, NULL));
  assert_all (device, "01234");
  finish (device);
}

static void
test_sequential (void)
{
  LsockIODevice *device = new_pipe ("ab", LSOCK_OPEN_MODE_READ_WRITE);
  TestPipe *pipe = TEST_PIPE (device);
  GError *error = NULL;
  char buffer[10];

  g_assert_true (lsock_io_device_is_sequential (device));
  g_assert_cmpint (lsock_io_device_pos (device), ==, 0);
  g_assert_false (lsock_io_device_seek (device, 0, &error));
  assert_refused (NULL, &error);

  g_test_message ("a plain read goes straight to the device");
  g_assert_cmpint (lsock_io_device_read (device, buffer, 10, NULL), ==, 2);
  g_assert_cmpint (pipe->memory.asked, ==, 10);
  g_assert_cmpint (pipe->memory.calls, ==, 1);

  g_test_message ("a line that is not complete, and its rest");
  memory_feed (&pipe->memory, "half");
  g_assert_false (lsock_io_device_can_read_line (device));
  lsock_io_device_start_transaction (device);
  assert_line (device, 0, "half");
  lsock_io_device_rollback_transaction (device);
  memory_feed (&pipe->memory, " done\n");
  assert_line (device, 0, "half done\n");

  g_test_message ("the end is an error once nothing is left");
  memory_feed (&pipe->memory, "z");
  pipe->memory.ended = TRUE;
  assert_read (device, 5, "z");
  assert_refused (lsock_io_device_read_bytes (device, 5, &error), &error);
  assert_refused (lsock_io_device_read_line (device, 0, &error), &error);
  assert_all (device, "");
  g_assert_null (lsock_io_device_get_error_string (device));
  finish (device);
}

static void
test_bytes (void)
{
  LsockIODevice *device = new_bytes ("0123456789", LSOCK_OPEN_MODE_READ_WRITE);
  TestBytes *self = TEST_BYTES (device);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("kept", 4);
  char buffer[4];

  g_assert_cmpint (lsock_io_device_write_bytes (device, bytes, NULL), ==, 4);
  g_assert_true (self->last == bytes);
  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, NULL), ==, 1);
  g_assert_cmpmem (self->memory.output->data, self->memory.output->len, "keptx", 5);

  g_assert_cmpint (lsock_io_device_read (device, buffer, 4, NULL), ==, 4);
  g_assert_cmpmem (buffer, 4, "0123", 4);

  g_test_message ("more than was asked for is not lost");
  self->too_much = TRUE;
  assert_read (device, 2, "45");
  assert_read (device, 2, "67");
  g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 2);
  assert_all (device, "89");
  finish (device);
}

static void
test_failures (void)
{
  LsockIODevice *device = new_pipe ("", LSOCK_OPEN_MODE_READ_WRITE);
  Memory *memory = &TEST_PIPE (device)->memory;
  GError *error = NULL;

  memory->fail = TRUE;
  g_assert_null (lsock_io_device_read_bytes (device, 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_assert_cmpstr (lsock_io_device_get_error_string (device), ==, error->message);
  g_clear_error (&error);
  g_assert_null (lsock_io_device_read_all (device, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_clear_error (&error);
  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_clear_error (&error);
  lsock_io_device_close (device);
  g_assert_null (lsock_io_device_get_error_string (device));

  g_test_message ("failures that do not say why");
  memory->fail = FALSE;
  memory->silent_fail = TRUE;
  g_assert_false (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_cmpstr (lsock_io_device_get_error_string (device), ==, error->message);
  assert_refused (NULL, &error);
  memory->silent_fail = FALSE;
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  memory->silent_fail = TRUE;
  assert_refused (lsock_io_device_read_bytes (device, 1, &error), &error);
  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, &error), ==, -1);
  g_assert_cmpstr (lsock_io_device_get_error_string (device), ==, error->message);
  assert_refused (NULL, &error);
  finish (device);

  device = g_object_new (TEST_TYPE_DUMB, NULL);
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  assert_refused (lsock_io_device_read_bytes (device, 1, &error), &error);
  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, &error), ==, -1);
  assert_refused (NULL, &error);
  assert_refused (LSOCK_IO_DEVICE_GET_CLASS (device)->read_data (device, 1, &error), &error);
  finish (device);
}

static void
on_ready_read (LsockIODevice *device,
               guint         *depth)
{
  g_assert_cmpuint (*depth % 2, ==, 0);
  *depth += 1;
  g_signal_emit_by_name (device, "bytes-written", G_GINT64_CONSTANT (1));
  *depth += 1;
}

static void
on_about_to_close (LsockIODevice *device,
                   guint         *count)
{
  *count += 1;
  g_assert_true (lsock_io_device_is_open (device));
  lsock_io_device_close (device);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           GString    *log)
{
  g_string_append_printf (log, "%s ", pspec->name);
}

static void
test_signals (void)
{
  LsockIODevice *device = new_pipe ("abc", LSOCK_OPEN_MODE_READ_ONLY);
  g_autoptr (GString) log = g_string_new (NULL);
  guint closed = 0;
  guint depth = 0;

  g_signal_connect (device, "about-to-close", G_CALLBACK (on_about_to_close), &closed);
  g_signal_connect (device, "ready-read", G_CALLBACK (on_ready_read), &depth);
  g_signal_connect (device, "notify", G_CALLBACK (on_notify), log);

  g_signal_emit_by_name (device, "ready-read");
  g_assert_cmpuint (depth, ==, 2);

  lsock_io_device_close (device);
  lsock_io_device_close (device);
  g_assert_cmpuint (closed, ==, 1);
  g_assert_cmpstr (log->str, ==, "open-mode is-open is-readable ");

  g_string_truncate (log, 0);
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  g_assert_cmpstr (log->str, ==, "open-mode is-open is-readable is-writable ");
  g_string_truncate (log, 0);
  lsock_io_device_set_open_mode (device, LSOCK_OPEN_MODE_WRITE_ONLY);
  lsock_io_device_set_error_string (device, "broken");
  lsock_io_device_set_error_string (device, "broken");
  g_assert_cmpstr (log->str, ==, "open-mode is-readable error-string ");

  g_test_message ("blocked signals are not emitted");
  lsock_object_block_signals (LSOCK_OBJECT (device), TRUE);
  lsock_io_device_close (device);
  g_assert_cmpuint (closed, ==, 1);
  lsock_object_block_signals (LSOCK_OBJECT (device), FALSE);

  g_test_message ("the end closes an open device");
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  g_object_run_dispose (G_OBJECT (device));
  g_assert_false (lsock_io_device_is_open (device));
  finish (device);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/io-device/closed", test_closed);
  g_test_add_func ("/io-device/wrong-mode", test_wrong_mode);
  g_test_add_func ("/io-device/negative", test_negative);
  g_test_add_func ("/io-device/read/mixed", test_read_mixed);
  g_test_add_func ("/io-device/read/large", test_read_large);
  g_test_add_func ("/io-device/read/line", test_read_line);
  g_test_add_func ("/io-device/read/text", test_text);
  g_test_add_func ("/io-device/transaction", test_transaction);
  g_test_add_func ("/io-device/random-access", test_random_access);
  g_test_add_func ("/io-device/sequential", test_sequential);
  g_test_add_func ("/io-device/bytes", test_bytes);
  g_test_add_func ("/io-device/failures", test_failures);
  g_test_add_func ("/io-device/signals", test_signals);

  return g_test_run ();
}
