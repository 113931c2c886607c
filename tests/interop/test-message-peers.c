/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Message channels with programs of others: a language server, a player, a program of Qt's. */

#include <gio/gio.h>
#include <lsock.h>
#include <string.h>

#include "fixture.h"

/* Starting such a program takes its time on a busy machine. */
#define LIMIT_MS 60000

static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  if (path == NULL)
    g_test_skip_printf ("%s is not installed", name);
  return path != NULL;
}

static GSubprocess *
start (GSubprocessFlags    flags,
       const char * const *command)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *process = g_subprocess_newv (command, flags, &error);

  g_assert_no_error (error);
  return process;
}

/* Receives until there is a message with @part. */
static char *
receive_with (LsockMessageChannel *channel,
              const char          *part)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) message = lsock_message_channel_receive (channel, LIMIT_MS, &error);
      g_autofree char *text = NULL;
      gsize length;

      g_assert_no_error (error);
      length = g_bytes_get_size (message);
      text = g_strndup (g_bytes_get_data (message, NULL), length);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_test_message ("%.200s", text);
      if (strstr (text, part) != NULL)
        return g_steal_pointer (&text);
    }
}

static void
send_text (LsockMessageChannel *channel,
           const char          *text)
{
  g_autoptr (GError) error = NULL;

  lsock_message_channel_send_text (channel, text, &error);
  g_assert_no_error (error);
}

/* Content-Length headers over the pipes of a process. */
static void
test_language_server (Fixture       *fixture,
                      gconstpointer  data)
{
  const char *command[] = { "clangd", "--log=error", NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (LsockStreamDevice) device = NULL;
  g_autoptr (LsockMessageChannel) channel = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *diagnostics = NULL;
  g_autofree char *end = NULL;

  if (!has_program ("clangd"))
    return;

  process = start (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                   G_SUBPROCESS_FLAGS_STDERR_SILENCE, command);
  device = lsock_stream_device_new (g_subprocess_get_stdout_pipe (process),
                                    g_subprocess_get_stdin_pipe (process));
  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (device), LSOCK_OPEN_MODE_READ_WRITE, NULL));
  channel = lsock_message_channel_new (LSOCK_IO_DEVICE (device), LSOCK_MESSAGE_FRAMING_HEADERS);

  send_text (channel, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
             "{\"processId\":null,\"rootUri\":null,\"capabilities\":{}}}");
  answer = receive_with (channel, "\"id\":1");
  g_assert_nonnull (strstr (answer, "capabilities"));

  send_text (channel, "{\"jsonrpc\":\"2.0\",\"method\":\"initialized\",\"params\":{}}");
  send_text (channel, "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":"
             "{\"textDocument\":{\"uri\":\"file:///none/x.c\",\"languageId\":\"c\",\"version\":1,"
             "\"text\":\"int f (void) { return missing; }\\n\"}}}");
  diagnostics = receive_with (channel, "publishDiagnostics");
  g_assert_nonnull (strstr (diagnostics, "missing"));

  send_text (channel, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"shutdown\"}");
  end = receive_with (channel, "\"id\":2");
  send_text (channel, "{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}");
  lsock_io_device_close (LSOCK_IO_DEVICE (device));
  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

static gboolean
try_again (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* JSON, a line each, over a socket. */
static void
test_player (Fixture       *fixture,
             gconstpointer  data)
{
  g_autofree char *path = fixture_path (fixture, "mpv");
  g_autofree char *option = g_strconcat ("--input-ipc-server=", path, NULL);
  const char *command[] = { "mpv", "--idle", "--no-config", "--no-terminal", "--vo=null",
                            "--ao=null", option, NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (LsockMessageChannel) channel = NULL;
  g_autofree char *version = NULL;
  g_autofree char *refusal = NULL;
  guint timer;

  if (!has_program ("mpv"))
    return;

  process = start (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, command);
  /* The program does not say when it listens. */
  timer = g_timeout_add (10, try_again, NULL);
  while (lsock_socket_get_state (socket) != LSOCK_SOCKET_STATE_CONNECTED)
    {
      lsock_socket_connect_to_server (socket, path, LSOCK_OPEN_MODE_READ_WRITE);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
  channel = lsock_message_channel_new (LSOCK_IO_DEVICE (socket), LSOCK_MESSAGE_FRAMING_LINES);

  send_text (channel, "{\"command\":[\"get_property\",\"mpv-version\"],\"request_id\":7}");
  version = receive_with (channel, "\"request_id\":7");
  g_assert_nonnull (strstr (version, "\"error\":\"success\""));
  send_text (channel, "{\"command\":[\"no-such-command\"],\"request_id\":8}");
  refusal = receive_with (channel, "\"request_id\":8");
  g_assert_null (strstr (refusal, "success"));
  send_text (channel, "{\"command\":[\"quit\"]}");
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) message = lsock_message_channel_receive (channel, LIMIT_MS, &error);

      if (message != NULL)
        continue;

      g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_PEER_CLOSED);
      break;
    }
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
}

/* QByteArray in a QDataStream, null and empty among them, each sent back. */
static void
test_data_stream (Fixture       *fixture,
                  gconstpointer  data)
{
  static const char program[] =
    "import sys\n"
    "from PyQt6.QtCore import QByteArray, QCoreApplication, QDataStream\n"
    "from PyQt6.QtNetwork import QLocalSocket\n"
    "app = QCoreApplication(sys.argv)\n"
    "socket = QLocalSocket()\n"
    "socket.connectToServer(sys.argv[1])\n"
    "assert socket.waitForConnected(30000)\n"
    "stream = QDataStream(socket)\n"
    "for _ in range(4):\n"
    "    while True:\n"
    "        stream.startTransaction()\n"
    "        value = QByteArray()\n"
    "        stream >> value\n"
    "        if stream.commitTransaction():\n"
    "            break\n"
    "        assert socket.waitForReadyRead(30000)\n"
    "    stream << value\n"
    "    socket.flush()\n"
    "while socket.bytesToWrite():\n"
    "    assert socket.waitForBytesWritten(30000)\n"
    "socket.disconnectFromServer()\n";
  g_autofree char *python = g_strdup (g_getenv ("PYTHON"));
  g_autofree char *path = fixture_path (fixture, "qt");
  const char *check[] = { python, "-c", "import PyQt6.QtNetwork", NULL };
  const char *command[] = { python, "-c", program, path, NULL };
  g_autofree char *large = g_strnfill (300000, 'q');
  const char *texts[] = { "one", "", NULL, large };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (LsockServer) server = lsock_server_new ();
  g_autoptr (LsockMessageChannel) channel = NULL;

  if (python == NULL)
    {
      g_test_skip ("no Python");
      return;
    }
  process = start (G_SUBPROCESS_FLAGS_STDERR_SILENCE, check);
  if (!g_subprocess_wait_check (process, NULL, NULL))
    {
      g_test_skip ("PyQt6 is not installed");
      return;
    }
  g_clear_object (&process);

  g_assert_true (lsock_server_listen (server, path, NULL));
  process = start (G_SUBPROCESS_FLAGS_NONE, command);
  g_assert_true (lsock_server_wait_for_new_connection (server, LIMIT_MS, NULL));
  channel = lsock_message_channel_new (
    LSOCK_IO_DEVICE (lsock_server_next_pending_connection (server)),
    LSOCK_MESSAGE_FRAMING_LENGTH32_BE);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) message = texts[i] != NULL ? g_bytes_new (texts[i], strlen (texts[i]))
                                                    : NULL;
      g_autoptr (GBytes) answer = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (lsock_message_channel_send (channel, message, &error));
      answer = lsock_message_channel_receive (channel, LIMIT_MS, &error);
      g_assert_no_error (error);
      g_assert_cmpint (lsock_message_channel_is_null (answer), ==, texts[i] == NULL);
      if (texts[i] != NULL)
        g_assert_cmpmem (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), texts[i],
                         strlen (texts[i]));
    }
  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/message-peers/language-server", Fixture, NULL, fixture_set_up,
              test_language_server, fixture_tear_down);
  g_test_add ("/message-peers/player", Fixture, NULL, fixture_set_up, test_player,
              fixture_tear_down);
  g_test_add ("/message-peers/data-stream", Fixture, NULL, fixture_set_up, test_data_stream,
              fixture_tear_down);

  return g_test_run ();
}
