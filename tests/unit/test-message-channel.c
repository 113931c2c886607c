/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whole messages over devices: each framing, ends, limits, and peers that mean harm. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "memory-devices.h"

#define MUCH (1024 * 1024)

typedef struct
{
  int                  peer;
  LsockSocket         *socket;
  LsockMessageChannel *channel;
  GString             *log;      /* "(message)" and "closed", with the error */
} Pair;

static void
on_message (LsockMessageChannel *channel,
            GBytes              *message,
            GString             *log)
{
  gsize length;
  const char *data = g_bytes_get_data (message, &length);

  if (lsock_message_channel_is_null (message))
    g_string_append (log, "null ");
  else if (length > 100)
    g_string_append_printf (log, "[%zu] ", length);
  else
    g_string_append_printf (log, "(%.*s) ", (int) length, data);
}

static void
append_error (GString      *log,
              const GError *error)
{
  if (error == NULL)
    g_string_append (log, "closed");
  else if (error->domain == LSOCK_SOCKET_ERROR)
    g_string_append_printf (log, "closed lsock %d", error->code);
  else
    g_string_append_printf (log, "closed %s",
                            error->code == G_IO_ERROR_PARTIAL_INPUT ? "partial"
                            : error->code == G_IO_ERROR_INVALID_DATA ? "invalid"
                            : error->code == G_IO_ERROR_PENDING ? "pending" : error->message);
}

static void
on_closed (LsockMessageChannel *channel,
           const GError        *error,
           GString             *log)
{
  append_error (log, error);
}

static void
pair_listen (Pair *pair)
{
  g_signal_connect (pair->channel, "message", G_CALLBACK (on_message), pair->log);
  g_signal_connect (pair->channel, "closed", G_CALLBACK (on_closed), pair->log);
}

static LsockSocket *
new_socket (int *peer)
{
  LsockSocket *socket = lsock_socket_new ();
  g_autoptr (GError) error = NULL;
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_true (lsock_socket_set_socket_descriptor (socket, pair[0], LSOCK_SOCKET_STATE_CONNECTED,
                                                     LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_no_error (error);
  *peer = pair[1];
  return socket;
}

static void
pair_init (Pair                *pair,
           LsockMessageFraming  framing)
{
  pair->socket = new_socket (&pair->peer);
  pair->channel = lsock_message_channel_new (LSOCK_IO_DEVICE (pair->socket), framing);
  pair->log = g_string_new (NULL);
}

static void
pair_clear (Pair *pair)
{
  g_assert_finalize_object (pair->channel);
  lsock_socket_abort (pair->socket);
  settle ();
  g_assert_finalize_object (pair->socket);
  if (pair->peer >= 0)
    close (pair->peer);
  g_string_free (pair->log, TRUE);
}

static void
write_raw (int         fd,
           const void *data,
           gsize       length)
{
  g_assert_cmpint (send (fd, data, length, MSG_NOSIGNAL), ==, length);
}

static void
pair_end (Pair *pair)
{
  close (pair->peer);
  pair->peer = -1;
}


/* Framings */

typedef struct
{
  const char          *name;
  LsockMessageFraming  framing;
  const char          *bytes;
  gsize                length;
  const char          *log;
} Case;

#define BYTES(text) text, sizeof (text) - 1

static const Case cases[] = {
  { "lines", LSOCK_MESSAGE_FRAMING_LINES, BYTES ("one\ntwo\r\n\n\r\nthr\ree\n"),
    "(one) (two) () () (thr\ree) closed" },
  { "lines-half", LSOCK_MESSAGE_FRAMING_LINES, BYTES ("one\nhalf"), "(one) closed partial" },
  { "nul", LSOCK_MESSAGE_FRAMING_NUL, BYTES ("one\0two\n\0\0"), "(one) (two\n) () closed" },
  { "nul-half", LSOCK_MESSAGE_FRAMING_NUL, BYTES ("one\0t"), "(one) closed partial" },
  { "length16", LSOCK_MESSAGE_FRAMING_LENGTH16_BE, BYTES ("\0\3one\0\0\0\1x"),
    "(one) () (x) closed" },
  { "length16-half-length", LSOCK_MESSAGE_FRAMING_LENGTH16_BE, BYTES ("\0\3one\0"),
    "(one) closed partial" },
  { "length32-be", LSOCK_MESSAGE_FRAMING_LENGTH32_BE,
    BYTES ("\0\0\0\3one\0\0\0\0\xff\xff\xff\xff\0\0\0\1x"), "(one) () null (x) closed" },
  { "length32-be-half", LSOCK_MESSAGE_FRAMING_LENGTH32_BE, BYTES ("\0\0\0\3on"),
    "closed partial" },
  { "length32-le", LSOCK_MESSAGE_FRAMING_LENGTH32_LE, BYTES ("\3\0\0\0one\0\0\0\0"),
    "(one) () closed" },
  { "length32-le-4g", LSOCK_MESSAGE_FRAMING_LENGTH32_LE, BYTES ("\xff\xff\xff\xff" "body"),
    "closed lsock 6" },
  { "length32-be-4g", LSOCK_MESSAGE_FRAMING_LENGTH32_BE, BYTES ("\xff\xff\xff\xfe" "body"),
    "closed lsock 6" },
  { "netstring", LSOCK_MESSAGE_FRAMING_NETSTRING, BYTES ("3:one,0:,4:a,b:,"),
    "(one) () (a,b:) closed" },
  { "netstring-half", LSOCK_MESSAGE_FRAMING_NETSTRING, BYTES ("3:one"), "closed partial" },
  { "netstring-4g", LSOCK_MESSAGE_FRAMING_NETSTRING, BYTES ("4294967296:x"), "closed lsock 6" },
  { "netstring-no-comma", LSOCK_MESSAGE_FRAMING_NETSTRING, BYTES ("3:one;"), "closed invalid" },
  { "netstring-no-number", LSOCK_MESSAGE_FRAMING_NETSTRING, BYTES ("-3:one,"), "closed invalid" },
  { "netstring-zero-in-front", LSOCK_MESSAGE_FRAMING_NETSTRING, BYTES ("03:one,"),
    "closed invalid" },
  { "netstring-no-length", LSOCK_MESSAGE_FRAMING_NETSTRING, BYTES (":one,"), "closed invalid" },
  { "netstring-digits", LSOCK_MESSAGE_FRAMING_NETSTRING, BYTES ("99999999999999999999999999:"),
    "closed invalid" },
  { "headers", LSOCK_MESSAGE_FRAMING_HEADERS,
    BYTES ("Content-Length: 3\r\n\r\none"
           "content-type: x; y=z\r\nCONTENT-LENGTH:0 \r\n\r\n"
           "Content-Length: 4\n\n\r\n\r\n"), "(one) () (\r\n\r\n) closed" },
  { "headers-half", LSOCK_MESSAGE_FRAMING_HEADERS, BYTES ("Content-Length: 3\r\n"),
    "closed partial" },
  { "headers-none", LSOCK_MESSAGE_FRAMING_HEADERS, BYTES ("Other: 1\r\n\r\n"), "closed invalid" },
  { "headers-twice", LSOCK_MESSAGE_FRAMING_HEADERS,
    BYTES ("Content-Length: 3\r\nContent-Length: 3\r\n\r\none"), "closed invalid" },
  { "headers-no-number", LSOCK_MESSAGE_FRAMING_HEADERS, BYTES ("Content-Length: 3x\r\n\r\n"),
    "closed invalid" },
  { "headers-no-colon", LSOCK_MESSAGE_FRAMING_HEADERS, BYTES ("GET / HTTP/1.1\r\n\r\n"),
    "closed invalid" },
  { "headers-4g", LSOCK_MESSAGE_FRAMING_HEADERS, BYTES ("Content-Length: 4294967296\r\n\r\n"),
    "closed lsock 6" },
};

static void
test_received (gconstpointer data)
{
  const Case *test = data;
  Pair pair;

  pair_init (&pair, test->framing);
  pair_listen (&pair);
  write_raw (pair.peer, test->bytes, test->length);
  pair_end (&pair);
  await_text (pair.log, test->log);
  g_assert_true (lsock_message_channel_is_closed (pair.channel));
  pair_clear (&pair);
}

/* The same, a byte at a time, and with a read buffer of one byte. */
static void
test_received_slowly (gconstpointer data)
{
  const Case *test = data;
  Pair pair;

  pair_init (&pair, test->framing);
  lsock_socket_set_read_buffer_size (pair.socket, 1);
  pair_listen (&pair);
  for (gsize i = 0; i < test->length && lsock_socket_is_valid (pair.socket); i++)
    {
      write_raw (pair.peer, test->bytes + i, 1);
      settle ();
    }
  pair_end (&pair);
  await_text (pair.log, test->log);
  pair_clear (&pair);
}

/* Without a loop. */
static void
test_received_by_calls (gconstpointer data)
{
  const Case *test = data;
  Pair pair;

  pair_init (&pair, test->framing);
  write_raw (pair.peer, test->bytes, test->length);
  pair_end (&pair);
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) message = lsock_message_channel_receive (pair.channel, 10000, &error);

      if (message == NULL)
        {
          if (g_error_matches (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_PEER_CLOSED))
            g_clear_error (&error);
          append_error (pair.log, error);
          break;
        }
      on_message (pair.channel, message, pair.log);
    }
  g_assert_cmpstr (pair.log->str, ==, test->log);
  pair_clear (&pair);
}

static void
on_received (GObject      *channel,
             GAsyncResult *result,
             gpointer      data)
{
  Pair *pair = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) message =
    lsock_message_channel_receive_finish (LSOCK_MESSAGE_CHANNEL (channel), result, &error);

  if (message == NULL)
    {
      if (g_error_matches (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_PEER_CLOSED))
        g_clear_error (&error);
      append_error (pair->log, error);
      return;
    }

  on_message (pair->channel, message, pair->log);
  lsock_message_channel_receive_async (pair->channel, G_PRIORITY_DEFAULT, NULL, on_received, pair);
}

static void
test_received_asynchronously (gconstpointer data)
{
  const Case *test = data;
  Pair pair;

  pair_init (&pair, test->framing);
  lsock_message_channel_receive_async (pair.channel, G_PRIORITY_DEFAULT, NULL, on_received, &pair);
  write_raw (pair.peer, test->bytes, test->length);
  pair_end (&pair);
  await_text (pair.log, test->log);
  settle ();
  pair_clear (&pair);
}

/* What is sent comes back as it was. */
static void
test_sent (gconstpointer data)
{
  LsockMessageFraming framing = (LsockMessageFraming) GPOINTER_TO_INT (data);
  const char *texts[] = { "one", "", "a longer one, with : and ,", "two" };
  g_autofree char *large = g_strnfill (60000, 'x');
  g_autoptr (GBytes) message = NULL;
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (LsockSocket) socket = NULL;
  g_autoptr (LsockMessageChannel) sender = NULL;
  Pair pair;

  pair_init (&pair, framing);
  pair_listen (&pair);
  socket = lsock_socket_new ();
  g_assert_true (lsock_socket_set_socket_descriptor (socket, pair.peer, LSOCK_SOCKET_STATE_CONNECTED,
                                                     LSOCK_OPEN_MODE_READ_WRITE, NULL));
  pair.peer = -1;
  sender = lsock_message_channel_new (LSOCK_IO_DEVICE (socket), framing);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_true (lsock_message_channel_send_text (sender, texts[i], NULL));
      g_string_append_printf (expected, "(%s) ", texts[i]);
    }
  g_assert_true (lsock_message_channel_send_text (sender, large, NULL));
  g_string_append (expected, "[60000] ");
  await_text (pair.log, expected->str);

  if (framing == LSOCK_MESSAGE_FRAMING_LENGTH32_BE)
    {
      g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);

      g_assert_true (lsock_message_channel_send (sender, NULL, NULL));
      g_assert_true (lsock_message_channel_send (sender, empty, NULL));
      g_string_append (expected, "null () ");
      await_text (pair.log, expected->str);
    }
  lsock_socket_disconnect_from_server (socket);
  g_string_append (expected, "closed");
  await_text (pair.log, expected->str);
  pair_clear (&pair);
}

static void
assert_refused (Pair       *pair,
                const char *data,
                gsize       length,
                int         code)
{
  g_autoptr (GBytes) message = data != NULL ? g_bytes_new (data, length) : NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (lsock_message_channel_send (pair->channel, message, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, code);
  g_assert_cmpint (lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (pair->socket)), ==, 0);
}

static void
test_refused (void)
{
  g_autofree char *large = g_malloc0 (70000);
  const struct
  {
    LsockMessageFraming  framing;
    const char          *data;
    gsize                length;
    LsockSocketError     code;
  } tests[] = {
    { LSOCK_MESSAGE_FRAMING_LINES, "a\nb", 3, LSOCK_SOCKET_ERROR_OPERATION },
    { LSOCK_MESSAGE_FRAMING_LINES, "a\r", 2, LSOCK_SOCKET_ERROR_OPERATION },
    { LSOCK_MESSAGE_FRAMING_LINES, NULL, 0, LSOCK_SOCKET_ERROR_OPERATION },
    { LSOCK_MESSAGE_FRAMING_NUL, "a\0b", 3, LSOCK_SOCKET_ERROR_OPERATION },
    { LSOCK_MESSAGE_FRAMING_LENGTH16_BE, large, 65536, LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE },
    { LSOCK_MESSAGE_FRAMING_LENGTH32_LE, NULL, 0, LSOCK_SOCKET_ERROR_OPERATION },
    { LSOCK_MESSAGE_FRAMING_HEADERS, large, 69001, LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      Pair pair;

      pair_init (&pair, tests[i].framing);
      lsock_message_channel_set_max_message_size (pair.channel, 69000);
      assert_refused (&pair, tests[i].data, tests[i].length, tests[i].code);
      pair_clear (&pair);
    }
}


/* Limits */

/* A peer whose message or header never ends: it is stopped at the limit, and not buffered beyond. */
static void
test_endless (gconstpointer data)
{
  LsockMessageFraming framing = (LsockMessageFraming) GPOINTER_TO_INT (data);
  g_autofree char *piece = g_strnfill (1000, framing == LSOCK_MESSAGE_FRAMING_NETSTRING ? '9' : 'x');
  guint pieces = 0;
  Pair pair;

  pair_init (&pair, framing);
  pair_listen (&pair);
  lsock_message_channel_set_max_message_size (pair.channel, 20000);
  while (!lsock_message_channel_is_closed (pair.channel))
    {
      write_raw (pair.peer, piece, 1000);
      g_assert_cmpuint (++pieces, <=, 23);
      settle ();
    }
  g_assert_cmpstr (pair.log->str, ==, framing == LSOCK_MESSAGE_FRAMING_LINES ||
                                      framing == LSOCK_MESSAGE_FRAMING_NUL ? "closed lsock 6"
                                                                           : "closed invalid");
  pair_clear (&pair);
}

static void
test_largest (gconstpointer data)
{
  LsockMessageFraming framing = (LsockMessageFraming) GPOINTER_TO_INT (data);
  g_autofree char *text = g_strnfill (501, 'x');
  g_autoptr (LsockSocket) socket = NULL;
  g_autoptr (LsockMessageChannel) sender = NULL;
  Pair pair;

  pair_init (&pair, framing);
  pair_listen (&pair);
  lsock_message_channel_set_max_message_size (pair.channel, 500);
  socket = lsock_socket_new ();
  g_assert_true (lsock_socket_set_socket_descriptor (socket, pair.peer, LSOCK_SOCKET_STATE_CONNECTED,
                                                     LSOCK_OPEN_MODE_READ_WRITE, NULL));
  pair.peer = -1;
  sender = lsock_message_channel_new (LSOCK_IO_DEVICE (socket), framing);
  g_assert_true (lsock_message_channel_send_text (sender, text + 1, NULL));
  await_text (pair.log, "[500] ");
  g_assert_true (lsock_message_channel_send_text (sender, text, NULL));
  await_text (pair.log, "[500] closed lsock 6");
  lsock_socket_abort (socket);
  pair_clear (&pair);
}

/* Nothing is received while no message is taken. */
static void
test_pushes_back (void)
{
  g_autofree char *line = g_strnfill (1000, 'x');
  gsize sent = 0;
  Pair pair;

  pair_init (&pair, LSOCK_MESSAGE_FRAMING_LINES);
  line[999] = '\n';
  for (;;)
    {
      gssize n = send (pair.peer, line, 1000, MSG_NOSIGNAL | MSG_DONTWAIT);

      settle ();
      if (n < 1000 && send (pair.peer, line, 1000, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        break;
      sent += 1000;
      g_assert_cmpuint (sent, <, 4 * 1024 * 1024);
    }
  g_assert_cmpint (lsock_io_device_bytes_available (LSOCK_IO_DEVICE (pair.socket)), <=,
                   lsock_socket_get_read_buffer_size (pair.socket));

  /* They come when there is a handler, which no event announces. */
  pair_listen (&pair);
  await_true (pair.log->len > sent / 1000 * strlen ("[999] ") / 2);
  pair_clear (&pair);
}


/* Calls and handlers */

typedef struct
{
  const char *name;
  void      (*act) (LsockMessageChannel *channel);
  const char *log;
} Act;

static void
act_nothing (LsockMessageChannel *channel)
{
}

static void
act_close (LsockMessageChannel *channel)
{
  lsock_io_device_close (lsock_message_channel_get_device (channel));
}

static void
act_dispose (LsockMessageChannel *channel)
{
  g_object_run_dispose (G_OBJECT (channel));
}

static void
act_dispose_device (LsockMessageChannel *channel)
{
  g_object_run_dispose (G_OBJECT (lsock_message_channel_get_device (channel)));
}

static void
act_loop (LsockMessageChannel *channel)
{
  settle ();
}

static void
act_receive (LsockMessageChannel *channel)
{
  g_autoptr (GBytes) message = lsock_message_channel_receive (channel, 0, NULL);

  g_assert_nonnull (message);
}

/* The peer has gone: what it had sent before comes all the same. */
static void
act_send (LsockMessageChannel *channel)
{
  lsock_message_channel_send_text (channel, "answer", NULL);
}

static void on_first_message (LsockMessageChannel *channel,
                              GBytes              *message,
                              const Act           *act);

static void
act_disconnect (LsockMessageChannel *channel)
{
  g_signal_handlers_disconnect_matched (channel, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, on_message, NULL);
  g_signal_handlers_disconnect_matched (channel, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, on_first_message,
                                        NULL);
}

static void
act_block (LsockMessageChannel *channel)
{
  lsock_object_block_signals (LSOCK_OBJECT (channel), TRUE);
}

static const Act acts[] = {
  { "nothing", act_nothing, "(1) (2) (3) closed" },
  { "close", act_close, "(1) closed lsock 19" },
  { "dispose", act_dispose, "(1) " },
  { "dispose-device", act_dispose_device, "(1) closed lsock 19" },
  { "loop", act_loop, "(1) (2) (3) closed" },
  { "receive", act_receive, "(1) (3) closed" },
  { "send", act_send, "(1) (2) (3) closed" },
  { "disconnect", act_disconnect, "(1) " },
  { "block", act_block, "(1) " },
};

static void
on_first_message (LsockMessageChannel *channel,
                  GBytes              *message,
                  const Act           *act)
{
  gsize length;

  if (*(const char *) g_bytes_get_data (message, &length) == '1')
    act->act (channel);
}

static void
test_act (gconstpointer data)
{
  const Act *act = data;
  Pair pair;

  pair_init (&pair, LSOCK_MESSAGE_FRAMING_LINES);
  pair_listen (&pair);
  g_signal_connect (pair.channel, "message", G_CALLBACK (on_first_message), (gpointer) act);
  raw_write (pair.peer, "1\n2\n3\n");
  pair_end (&pair);
  await_text (pair.log, act->log);
  settle ();
  g_assert_cmpstr (pair.log->str, ==, act->log);
  pair_clear (&pair);
}

static void
drop_channel (LsockMessageChannel *channel,
              GBytes              *message,
              Pair                *pair)
{
  g_clear_object (&pair->channel);
}

/* What the channel has not taken is the device's: whole messages, and a half one. */
static void
test_rest (void)
{
  Pair pair;

  pair_init (&pair, LSOCK_MESSAGE_FRAMING_LINES);
  g_signal_connect (pair.channel, "message", G_CALLBACK (on_message), pair.log);
  g_signal_connect (pair.channel, "message", G_CALLBACK (drop_channel), &pair);
  raw_write (pair.peer, "switch\nraw bytes");
  await_text (pair.log, "(switch) ");
  settle ();
  assert_read (pair.socket, "raw bytes");

  pair.channel = lsock_message_channel_new (LSOCK_IO_DEVICE (pair.socket),
                                            LSOCK_MESSAGE_FRAMING_LENGTH16_BE);
  pair_listen (&pair);
  write_raw (pair.peer, "\0\4ha", 4);
  settle ();
  g_assert_cmpint (lsock_io_device_bytes_available (LSOCK_IO_DEVICE (pair.socket)), ==, 0);
  g_object_run_dispose (G_OBJECT (pair.channel));
  g_assert_cmpint (lsock_io_device_bytes_available (LSOCK_IO_DEVICE (pair.socket)), ==, 4);
  pair_clear (&pair);
}

static void
test_second_channel (void)
{
  g_autoptr (LsockMessageChannel) second = NULL;
  Pair pair;

  pair_init (&pair, LSOCK_MESSAGE_FRAMING_LINES);
  second = lsock_message_channel_new (LSOCK_IO_DEVICE (pair.socket), LSOCK_MESSAGE_FRAMING_LINES);
  g_signal_connect (second, "closed", G_CALLBACK (on_closed), pair.log);
  await_text (pair.log, "closed pending");

  /* The first one goes on, and gives the device back with its end. */
  pair_listen (&pair);
  g_string_truncate (pair.log, 0);
  raw_write (pair.peer, "one\n");
  await_text (pair.log, "(one) ");
  g_object_run_dispose (G_OBJECT (pair.channel));
  g_clear_object (&second);
  second = lsock_message_channel_new (LSOCK_IO_DEVICE (pair.socket), LSOCK_MESSAGE_FRAMING_LINES);
  g_signal_connect (second, "message", G_CALLBACK (on_message), pair.log);
  raw_write (pair.peer, "two\n");
  await_text (pair.log, "(one) (two) ");
  g_clear_object (&second);
  pair_clear (&pair);
}

/* A channel on a socket that connects later, and one whose attempt fails. */
static void
test_connects_later (Fixture       *fixture,
                     gconstpointer  data)
{
  const char *names[] = { "raw", "missing" };
  int listener = raw_listen (fixture, "raw", 5);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GString) log = g_string_new (NULL);
      g_autoptr (LsockSocket) socket = lsock_socket_new ();
      g_autoptr (LsockMessageChannel) channel =
        lsock_message_channel_new (LSOCK_IO_DEVICE (socket), LSOCK_MESSAGE_FRAMING_LINES);
      g_autoptr (GError) error = NULL;

      g_signal_connect (channel, "message", G_CALLBACK (on_message), log);
      g_signal_connect (channel, "closed", G_CALLBACK (on_closed), log);
      settle ();
      g_assert_null (lsock_message_channel_receive (channel, 0, &error));
      g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT);
      g_assert_cmpstr (log->str, ==, "");

      lsock_socket_connect_to_server (socket, names[i], LSOCK_OPEN_MODE_READ_WRITE);
      if (i == 0)
        {
          int peer = raw_accept (listener);

          raw_write (peer, "hello\n");
          await_text (log, "(hello) ");
          close (peer);
          await_text (log, "(hello) closed");
        }
      else
        {
          await_text (log, "closed lsock 2");
        }
    }
  close (listener);
}

static void
test_receive_time (void)
{
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();
  Pair pair;

  pair_init (&pair, LSOCK_MESSAGE_FRAMING_LINES);
  raw_write (pair.peer, "half");
  g_assert_null (lsock_message_channel_receive (pair.channel, 20, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 20000);
  pair_clear (&pair);
}

static void
keep_result (GObject      *channel,
             GAsyncResult *result,
             gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
test_wait (void)
{
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LsockMessageChannel) closed = NULL;
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  GAsyncResult *result = NULL;
  Pair pair;

  pair_init (&pair, LSOCK_MESSAGE_FRAMING_LINES);
  g_assert_false (lsock_message_channel_wait_for_message (pair.channel, 0));
  raw_write (pair.peer, "ha");
  g_assert_false (lsock_message_channel_wait_for_message (pair.channel, 20));
  raw_write (pair.peer, "lf\nnext\nlast\n");
  for (int i = 0; i < 3; i++)
    g_assert_true (lsock_message_channel_wait_for_message (pair.channel, 10000));

  /* The caller comes first, and the order stays; a handler gets what is left. */
  pair_listen (&pair);
  first = lsock_message_channel_receive (pair.channel, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (first, NULL), g_bytes_get_size (first), "half", 4);
  g_assert_true (lsock_message_channel_wait_for_message (pair.channel, 0));
  await_text (pair.log, "(next) (last) ");

  /* Without a loop the end counts as well. */
  g_signal_handlers_disconnect_by_data (pair.channel, pair.log);
  lsock_message_channel_receive_async (pair.channel, G_PRIORITY_DEFAULT, NULL, keep_result, &result);
  g_assert_false (lsock_message_channel_wait_for_message (pair.channel, 0));
  raw_write (pair.peer, "mine\n");
  await_true (result != NULL);
  g_clear_object (&result);
  g_assert_true (lsock_message_channel_wait_for_message (pair.channel, 0));
  g_clear_pointer (&first, g_bytes_unref);
  first = lsock_message_channel_receive (pair.channel, 0, &error);
  g_assert_no_error (error);
  pair_end (&pair);
  g_assert_true (lsock_message_channel_wait_for_message (pair.channel, 10000));
  g_assert_true (lsock_message_channel_wait_for_message (pair.channel, 0));
  g_assert_null (lsock_message_channel_receive (pair.channel, 0, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_PEER_CLOSED);
  settle ();
  pair_clear (&pair);

  closed = lsock_message_channel_new (LSOCK_IO_DEVICE (buffer), LSOCK_MESSAGE_FRAMING_LINES);
  g_assert_false (lsock_message_channel_wait_for_message (closed, -1));
  settle ();
}

static void
test_receive_given_up (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;
  GAsyncResult *second = NULL;
  g_autoptr (GError) error = NULL;
  Pair pair;

  pair_init (&pair, LSOCK_MESSAGE_FRAMING_LINES);
  lsock_message_channel_receive_async (pair.channel, G_PRIORITY_DEFAULT, cancellable, keep_result,
                                       &result);
  lsock_message_channel_receive_async (pair.channel, G_PRIORITY_DEFAULT, NULL, keep_result, &second);
  await_true (second != NULL);
  g_assert_null (lsock_message_channel_receive_finish (pair.channel, second, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  g_assert_null (lsock_message_channel_receive (pair.channel, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  g_clear_object (&second);

  g_cancellable_cancel (cancellable);
  await_true (result != NULL);
  g_assert_null (lsock_message_channel_receive_finish (pair.channel, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&result);

  /* A result that is not fetched, and then the handler. */
  lsock_message_channel_receive_async (pair.channel, G_PRIORITY_DEFAULT, NULL, keep_result, &result);
  raw_write (pair.peer, "1\n2\n");
  await_true (result != NULL);
  g_clear_object (&result);
  pair_listen (&pair);
  await_text (pair.log, "(1) (2) ");
  pair_clear (&pair);
}

static void
test_send_async (void)
{
  g_autofree char *text = g_strnfill (MUCH, 'x');
  g_autoptr (GBytes) message = g_bytes_new_static (text, MUCH);
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;
  Pair pair;

  pair_init (&pair, LSOCK_MESSAGE_FRAMING_LENGTH32_LE);
  lsock_message_channel_send_async (pair.channel, message, G_PRIORITY_DEFAULT, NULL, keep_result,
                                    &result);
  settle ();
  g_assert_null (result);
  for (gsize left = MUCH + 4; left > 0; left -= MIN (left, 4096))
    {
      g_autoptr (GBytes) bytes = raw_read (pair.peer, MIN (left, 4096));

      g_assert_cmpuint (g_bytes_get_size (bytes), ==, MIN (left, 4096));
      settle ();
    }
  await_true (result != NULL);
  g_assert_true (lsock_message_channel_send_finish (pair.channel, result, NULL));
  g_clear_object (&result);

  lsock_message_channel_send_async (pair.channel, message, G_PRIORITY_DEFAULT, NULL, keep_result,
                                    &result);
  pair_end (&pair);
  await_true (result != NULL);
  g_assert_false (lsock_message_channel_send_finish (pair.channel, result, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_PEER_CLOSED);
  g_clear_object (&result);
  pair_clear (&pair);
}

static void
test_variant (void)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new ("(sai)", "text", NULL));
  g_autoptr (GVariant) received = NULL;
  g_autoptr (GBytes) message = NULL;
  g_autoptr (GBytes) garbage = g_bytes_new_static ("x", 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (LsockBuffer) buffer = lsock_buffer_new ();
  g_autoptr (LsockMessageChannel) channel = NULL;

  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (buffer), LSOCK_OPEN_MODE_READ_WRITE, NULL));
  channel = lsock_message_channel_new (LSOCK_IO_DEVICE (buffer), LSOCK_MESSAGE_FRAMING_LENGTH32_HOST);
  g_assert_true (lsock_message_channel_send_variant (channel, value, NULL));
  g_assert_true (lsock_io_device_reset (LSOCK_IO_DEVICE (buffer), NULL));
  message = lsock_message_channel_receive (channel, 0, &error);
  g_assert_no_error (error);
  received = lsock_message_channel_get_variant (message, G_VARIANT_TYPE ("(sai)"), NULL);
  g_assert_true (g_variant_equal (value, received));
  g_assert_null (lsock_message_channel_get_variant (garbage, G_VARIANT_TYPE ("(sai)"), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

int
main (int   argc,
      char *argv[])
{
  static const struct
  {
    const char    *name;
    GTestDataFunc  func;
  } ways[] = {
    { "received", test_received }, { "received-slowly", test_received_slowly },
    { "received-by-calls", test_received_by_calls },
    { "received-asynchronously", test_received_asynchronously },
  };
  static const LsockMessageFraming endless[] = {
    LSOCK_MESSAGE_FRAMING_LINES, LSOCK_MESSAGE_FRAMING_NUL, LSOCK_MESSAGE_FRAMING_NETSTRING,
    LSOCK_MESSAGE_FRAMING_HEADERS,
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    for (guint j = 0; j < G_N_ELEMENTS (cases); j++)
      {
        g_autofree char *path = g_strconcat ("/message-channel/", ways[i].name, "/",
                                             cases[j].name, NULL);

        g_test_add_data_func (path, &cases[j], ways[i].func);
      }
  for (int i = LSOCK_MESSAGE_FRAMING_LINES; i <= (int) LSOCK_MESSAGE_FRAMING_HEADERS; i++)
    {
      g_autofree char *sent = g_strdup_printf ("/message-channel/sent/%d", i);
      g_autofree char *largest = g_strdup_printf ("/message-channel/largest/%d", i);

      g_test_add_data_func (sent, GINT_TO_POINTER (i), test_sent);
      g_test_add_data_func (largest, GINT_TO_POINTER (i), test_largest);
    }
  for (guint i = 0; i < G_N_ELEMENTS (endless); i++)
    {
      g_autofree char *path = g_strdup_printf ("/message-channel/endless/%d", (int) endless[i]);

      g_test_add_data_func (path, GINT_TO_POINTER (endless[i]), test_endless);
    }
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      g_autofree char *path = g_strconcat ("/message-channel/in-handler/", acts[i].name, NULL);

      g_test_add_data_func (path, &acts[i], test_act);
    }
  g_test_add_func ("/message-channel/refused", test_refused);
  g_test_add_func ("/message-channel/pushes-back", test_pushes_back);
  g_test_add_func ("/message-channel/rest", test_rest);
  g_test_add_func ("/message-channel/second-channel", test_second_channel);
  g_test_add ("/message-channel/connects-later", Fixture, NULL, fixture_set_up, test_connects_later,
              fixture_tear_down);
  g_test_add_func ("/message-channel/receive/time", test_receive_time);
  g_test_add_func ("/message-channel/wait", test_wait);
  g_test_add_func ("/message-channel/receive/given-up", test_receive_given_up);
  g_test_add_func ("/message-channel/send-async", test_send_async);
  g_test_add_func ("/message-channel/variant", test_variant);

  return g_test_run ();
}
