/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends commands to a Redis server on a Unix socket, and prints the replies as redis-cli does:
 *
 *   printf 'SET greeting "hello world"\nGET greeting\n' | redis-client /run/redis/redis.sock
 *
 * A command is sent as soon as its line is there, without waiting for the replies before it.  The
 * exit status is 1 if the connection fails, and 2 if the command line or a command is malformed. */

#include <locale.h>
#include <lsock.h>
#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXIT_CONNECTION 1
#define EXIT_USAGE      2

/* What a peer may make this program keep: a server sends no string larger than 512 MiB, no longer
 * line than an error text, and no deeper arrays than its scripts can make. */
#define MAX_STRING (512 * 1024 * 1024)
#define MAX_LINE   (64 * 1024)
#define MAX_DEPTH  128

/* An array whose elements are being read. */
typedef struct
{
  gint64 count;
  gint64 done;
  int    digits;            /* of the count; the numbers of the elements are aligned to it */
} Level;

typedef struct
{
  GMainLoop     *loop;
  LsockIODevice *socket;
  LsockIODevice *input;
  guint          line;      /* the number of the last line of the input */
  gboolean       input_ended;
  guint64        missing;   /* commands that were sent and have no reply yet */
  GArray        *levels;    /* of Level: the arrays that the next item is in, the outer one first */
  GString       *text;      /* the numbers of the next item, and the item, as they are printed */
  int            status;
} Client;

typedef enum
{
  ITEM_COMPLETE,
  ITEM_INCOMPLETE,
  ITEM_MALFORMED,
} ItemResult;


static void
fail (Client     *client,
      const char *message)
{
  g_printerr ("%s\n", message);
  client->status = EXIT_CONNECTION;
  g_main_loop_quit (client->loop);
}

static void
quit_if_done (Client *client)
{
  if (client->input_ended && client->missing == 0)
    g_main_loop_quit (client->loop);
}


/* Printing */

static void
append_quoted (GString    *text,
               const char *data,
               gsize       length)
{
  static const char escapes[] = "\"\"\\\\\nn\rr\tt\aa\bb";

  g_string_append_c (text, '"');
  for (gsize i = 0; i < length; i++)
    {
      const char *escape = data[i] != '\0' ? strchr (escapes, data[i]) : NULL;

      /* Letters stand in the list too, behind the character that they are written for. */
      if (escape != NULL && (escape - escapes) % 2 == 0)
        g_string_append_printf (text, "\\%c", escape[1]);
      else if (g_ascii_isprint (data[i]))
        g_string_append_c (text, data[i]);
      else
        g_string_append_printf (text, "\\x%02x", (guchar) data[i]);
    }
  g_string_append (text, "\"\n");
}

/* The number of an element.  The first one stands behind the number of its array, on one line. */
static void
append_number (Client *client)
{
  int indent = 0;

  for (guint i = 0; i < client->levels->len; i++)
    {
      const Level *level = &g_array_index (client->levels, Level, i);

      if (i + 1 < client->levels->len)
        indent += level->digits + 2;
      else
        g_string_append_printf (client->text, "%*s%*" G_GINT64_FORMAT ") ",
                                level->done > 0 ? indent : 0, "", level->digits, level->done + 1);
    }
}


/* Reading replies */

static ItemResult
read_line (LsockIODevice  *socket,
           char          **line)
{
  g_autoptr (GBytes) bytes = NULL;
  const char *data;
  gsize length;

  if (!lsock_io_device_can_read_line (socket))
    return lsock_io_device_bytes_available (socket) > MAX_LINE ? ITEM_MALFORMED : ITEM_INCOMPLETE;

  bytes = lsock_io_device_read_line (socket, 0, NULL);
  if (bytes == NULL)
    return ITEM_INCOMPLETE;

  data = g_bytes_get_data (bytes, &length);
  if (length < 3 || data[length - 2] != '\r' || memchr (data, '\0', length) != NULL)
    return ITEM_MALFORMED;

  *line = g_strndup (data, length - 2);
  return ITEM_COMPLETE;
}

static ItemResult
read_string (Client *client,
             gint64  length)
{
  g_autoptr (GBytes) bytes = NULL;
  const char *data;

  if (lsock_io_device_bytes_available (client->socket) < length + 2)
    return ITEM_INCOMPLETE;

  bytes = lsock_io_device_read_bytes (client->socket, (gssize) length + 2, NULL);
  if (bytes == NULL)
    return ITEM_INCOMPLETE;

  data = g_bytes_get_data (bytes, NULL);
  if (memcmp (data + length, "\r\n", 2) != 0)
    return ITEM_MALFORMED;

  append_number (client);
  append_quoted (client->text, data, (gsize) length);
  return ITEM_COMPLETE;
}

static void
begin_array (Client *client,
             gint64  count)
{
  Level level = { .count = count, .digits = 1 };

  append_number (client);
  for (gint64 n = count; n >= 10; n /= 10)
    level.digits++;
  g_array_append_val (client->levels, level);
}

/* After an item that is no array: the arrays that it was the last element of are complete, too. */
static void
end_item (Client *client)
{
  fwrite (client->text->str, 1, client->text->len, stdout);
  g_string_truncate (client->text, 0);

  while (client->levels->len > 0)
    {
      Level *level = &g_array_index (client->levels, Level, client->levels->len - 1);

      if (++level->done < level->count)
        return;
      g_array_set_size (client->levels, client->levels->len - 1);
    }

  if (client->missing > 0)
    client->missing--;
}

/* Reads a line, and the string that it announces.  The start of an array is an item, and so is each
 * of its elements: what is complete is not read again when more of a large reply arrives. */
static ItemResult
read_item (Client *client)
{
  g_autofree char *line = NULL;
  gint64 number = 0;
  ItemResult result = read_line (client->socket, &line);

  if (result != ITEM_COMPLETE)
    return result;

  switch (line[0])
    {
    case '+':
      append_number (client);
      g_string_append_printf (client->text, "%s\n", line + 1);
      break;

    case '-':
      append_number (client);
      g_string_append_printf (client->text, "(error) %s\n", line + 1);
      break;

    case ':':
      if (!g_ascii_string_to_signed (line + 1, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return ITEM_MALFORMED;
      append_number (client);
      g_string_append_printf (client->text, "(integer) %" G_GINT64_FORMAT "\n", number);
      break;

    case '$':
    case '*':
      if (!g_ascii_string_to_signed (line + 1, 10, -1, MAX_STRING, &number, NULL))
        return ITEM_MALFORMED;

      if (line[0] == '*' && number > 0)
        {
          if (client->levels->len == MAX_DEPTH)
            return ITEM_MALFORMED;
          begin_array (client, number);
          return ITEM_COMPLETE;
        }

      if (line[0] == '$' && number >= 0)
        {
          result = read_string (client, number);
          if (result != ITEM_COMPLETE)
            return result;
          break;
        }

      append_number (client);
      g_string_append (client->text, number < 0 ? "(nil)\n" : "(empty array)\n");
      break;

    default:
      return ITEM_MALFORMED;
    }

  end_item (client);
  return ITEM_COMPLETE;
}

static void
on_ready_read (LsockIODevice *socket,
               Client        *client)
{
  ItemResult result;

  do
    {
      lsock_io_device_start_transaction (socket);
      result = read_item (client);
      if (result == ITEM_INCOMPLETE)
        lsock_io_device_rollback_transaction (socket);
      else
        lsock_io_device_commit_transaction (socket);
    }
  while (result == ITEM_COMPLETE);
  fflush (stdout);

  if (result == ITEM_MALFORMED)
    {
      fail (client, "What the server sent is not a reply of Redis");
      lsock_socket_abort (LSOCK_SOCKET (socket));
    }
  else
    {
      quit_if_done (client);
    }
}

static void
on_error (LsockIODevice    *socket,
          LsockSocketError  error,
          Client           *client)
{
  /* A server may close when it has answered all: it does so after QUIT. */
  if (error != LSOCK_SOCKET_ERROR_PEER_CLOSED || client->missing > 0 || client->levels->len > 0 ||
      lsock_io_device_bytes_available (socket) > 0)
    fail (client, lsock_io_device_get_error_string (socket));
}


/* Sending commands */

/* A command is an array of strings. */
static gboolean
send_command (Client      *client,
              char       **words,
              GError     **error)
{
  g_autoptr (GString) command = g_string_new (NULL);

  g_string_printf (command, "*%u\r\n", g_strv_length (words));
  for (char **word = words; *word != NULL; word++)
    g_string_append_printf (command, "$%zu\r\n%s\r\n", strlen (*word), *word);

  if (lsock_io_device_write (client->socket, (const guint8 *) command->str, (gssize) command->len,
                             error) < 0)
    return FALSE;

  client->missing++;
  return TRUE;
}

static void
on_line (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Client *client = data;
  g_auto (GStrv) words = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) line = lsock_io_device_read_line_finish (client->input, result, &error);

  if (line == NULL)
    {
      fail (client, error->message);
      return;
    }

  if (g_bytes_get_size (line) == 0)
    {
      client->input_ended = TRUE;
      quit_if_done (client);
      return;
    }

  client->line++;
  text = g_strndup (g_bytes_get_data (line, NULL), g_bytes_get_size (line));
  if (g_shell_parse_argv (text, NULL, &words, &error))
    {
      if (!send_command (client, words, &error))
        {
          fail (client, error->message);
          return;
        }
    }
  else if (!g_error_matches (error, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
    {
      g_printerr ("line %u: %s\n", client->line, error->message);
      client->status = EXIT_USAGE;
    }

  lsock_io_device_read_line_async (client->input, 0, G_PRIORITY_DEFAULT, NULL, on_line, client);
}

static void
on_connected (LsockSocket *socket,
              Client      *client)
{
  lsock_io_device_read_line_async (client->input, 0, G_PRIORITY_DEFAULT, NULL, on_line, client);
}

static int
run (const char *name)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (LsockStreamDevice) input = lsock_stream_device_new (stream, NULL);
  g_autoptr (GArray) levels = g_array_new (FALSE, FALSE, sizeof (Level));
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Client client = {
    .loop = loop,
    .socket = LSOCK_IO_DEVICE (socket),
    .input = LSOCK_IO_DEVICE (input),
    .levels = levels,
    .text = text,
  };

  if (!lsock_io_device_open (client.input, LSOCK_OPEN_MODE_READ_ONLY, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_CONNECTION;
    }

  g_signal_connect (socket, "connected", G_CALLBACK (on_connected), &client);
  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), &client);
  g_signal_connect (socket, "error", G_CALLBACK (on_error), &client);

  /* Without a server, the error is emitted before the call returns. */
  lsock_socket_connect_to_server (socket, name, LSOCK_OPEN_MODE_READ_WRITE);
  if (client.status == 0)
    g_main_loop_run (loop);

  g_signal_handlers_disconnect_by_data (socket, &client);
  return client.status;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new ("SOCKET");
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_set_summary (context, "Sends the commands on the standard input, one a line, to "
                                         "a Redis server, and prints the replies.");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_USAGE;
    }

  if (argc != 2)
    {
      g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

      g_printerr ("%s", help);
      return EXIT_USAGE;
    }

  return run (argv[1]);
}
