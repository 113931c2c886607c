/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A window that shows the lines that clients send: lines NAME.
 *
 * A worker thread with a main context of its own serves the sockets, and the window shows what
 * they say: each line is a signal of an object that lives in the worker, connected to a slot that
 * runs where the window lives. */

#include <gtk/gtk.h>
#include <lsock.h>

#define LINES_TYPE_SERVER (lines_server_get_type ())
G_DECLARE_FINAL_TYPE (LinesServer, lines_server, LINES, SERVER, LsockServer)

struct _LinesServer
{
  LsockServer parent_instance;
};

G_DEFINE_FINAL_TYPE (LinesServer, lines_server, LSOCK_TYPE_SERVER)

typedef struct
{
  const char   *name;
  GMainContext *context;     /* the worker's */
  GThread      *thread;
  LinesServer  *server;
  LsockObject  *receiver;    /* says where the slots run: in the main thread */
  GtkWidget    *view;
  int           quit;        /* atomic */
} App;

static void
on_client_ready_read (LsockIODevice *client,
                      LinesServer   *server)
{
  while (lsock_io_device_can_read_line (client))
    {
      g_autoptr (GBytes) line = lsock_io_device_read_line (client, 0, NULL);
      g_autofree char *text = g_strndup (g_bytes_get_data (line, NULL), g_bytes_get_size (line));
      g_autofree char *valid = g_utf8_make_valid (text, -1);

      g_signal_emit_by_name (server, "line", g_strchomp (valid));
    }
}

static void
on_client_disconnected (LsockObject *client)
{
  lsock_object_delete_later (client);
}

static void
lines_server_new_connection (LsockServer *server)
{
  LsockSocket *client = lsock_server_next_pending_connection (server);

  if (client == NULL)
    return;

  lsock_socket_set_read_buffer_size (client, 64 * 1024);
  g_signal_connect (client, "ready-read", G_CALLBACK (on_client_ready_read), server);
  g_signal_connect (client, "disconnected", G_CALLBACK (on_client_disconnected), NULL);
}

static void
lines_server_class_init (LinesServerClass *klass)
{
  LSOCK_SERVER_CLASS (klass)->new_connection = lines_server_new_connection;

  g_signal_new ("line", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lines_server_init (LinesServer *self)
{
}

/* In the main thread, whoever emits. */
static void
on_line (LinesServer *server,
         const char  *line,
         App         *app)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (app->view));
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_insert (buffer, &end, line, -1);
  gtk_text_buffer_insert (buffer, &end, "\n", -1);
}

static gpointer
serve (gpointer user_data)
{
  App *app = user_data;
  g_autoptr (LsockConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (app->context);
  app->server = g_object_new (LINES_TYPE_SERVER, NULL);
  connection = lsock_connect (app->server, "line", LSOCK_CONNECTION_TYPE_AUTO, app->receiver,
                              G_CALLBACK (on_line), app, &error);
  if (connection == NULL || !lsock_server_listen (LSOCK_SERVER (app->server), app->name, &error))
    g_printerr ("%s\n", error->message);

  while (!g_atomic_int_get (&app->quit))
    g_main_context_iteration (app->context, TRUE);

  lsock_server_close (LSOCK_SERVER (app->server));
  g_clear_object (&app->server);
  g_main_context_pop_thread_default (app->context);
  return NULL;
}

/* gtk_window_destroy() does not dispose a window that somebody holds, so what ends with it is
 * ended by hand. */
static gboolean
on_close_request (GtkWindow *window,
                  App       *app)
{
  lsock_object_delete_later (app->receiver);
  return FALSE;
}

static void
on_activate (GtkApplication *application,
             App            *app)
{
  GtkWidget *window = gtk_application_window_new (application);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  gtk_window_set_title (GTK_WINDOW (window), app->name);
  gtk_window_set_default_size (GTK_WINDOW (window), 480, 320);
  app->view = gtk_text_view_new ();
  gtk_text_view_set_editable (GTK_TEXT_VIEW (app->view), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (app->view), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), app->view);
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  g_signal_connect (window, "close-request", G_CALLBACK (on_close_request), app);

  app->receiver = lsock_object_new ();
  app->thread = g_thread_new ("sockets", serve, app);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GtkApplication) application = NULL;
  g_autoptr (GMainContext) context = g_main_context_new ();
  App app = { .name = argc > 1 ? argv[1] : "lines", .context = context };
  int status;

  application = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &app);
  status = g_application_run (G_APPLICATION (application), 1, argv);

  if (app.thread != NULL)
    {
      g_atomic_int_set (&app.quit, 1);
      g_main_context_wakeup (context);
      g_thread_join (app.thread);
    }
  g_clear_object (&app.receiver);
  return status;
}
