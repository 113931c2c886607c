/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <lsock.h>

G_BEGIN_DECLS

/* What the tests of sockets and servers share.  Each test has a fresh, short temporary directory
 * (a socket's path holds 107 bytes), which is where plain names live while it runs. */

typedef struct
{
  char *directory;
  char *previous;
} Fixture;

void         fixture_set_up         (Fixture       *fixture,
                                     gconstpointer  data);
void         fixture_tear_down      (Fixture       *fixture,
                                     gconstpointer  data);
char        *fixture_path           (Fixture       *fixture,
                                     const char    *name);

/* Waiting.  Whatever is awaited, the test fails after ten seconds and names it.  Each form runs a
 * main context and sleeps in between: what another thread brings about has to wake the context. */

#define await(condition, data) \
  await_loop (NULL, (condition) (data), #condition " (" #data ")")
#define await_true(expression) await_loop (NULL, expression, #expression)
#define await_true_in(context, expression) await_loop (context, expression, #expression)

/* Until @string is @text, which it is compared with when the time is over. */
#define await_text(string, text) await_text_at ((string), (text), G_STRLOC)

/* Runs what is ready, and nothing that has to be waited for. */
void         settle                 (void);
void         settle_in              (GMainContext  *context);

/* Sets what the thread of @context awaits with is_set(). */
void         set_flag               (int           *flag,
                                     GMainContext  *context);
gboolean     is_set                 (gpointer       flag);

/* Counts the emissions of a signal from here on, in whatever thread; armed before the act that they
 * follow from. */
typedef struct _SignalWatch SignalWatch;

SignalWatch *watch_signal           (gpointer       object,
                                     const char    *signal);
guint        signal_watch_count     (SignalWatch   *watch);
void         signal_watch_free      (SignalWatch   *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SignalWatch, signal_watch_free)

/* Until there has been one more emission, or @count more, than were awaited before. */
#define await_signal(watch) await_signals ((watch), 1)
#define await_signals(watch, count) await_signals_at ((watch), (count), G_STRLOC)

/* For the macros above. */
typedef struct _Deadline Deadline;

Deadline    *deadline_new           (GMainContext  *context,
                                     const char    *what,
                                     const char    *where);
void         deadline_free          (Deadline      *deadline);
/* Ten seconds, but for the test of the deadline itself. */
void         deadline_set_length    (guint          milliseconds);
void         await_text_at          (GString       *string,
                                     const char    *text,
                                     const char    *where);
void         await_signals_at       (SignalWatch   *watch,
                                     guint          count,
                                     const char    *where);

#define await_loop(context, expression, what) \
  G_STMT_START { \
    Deadline *deadline_ = deadline_new ((context), (what), G_STRLOC); \
    while (!(expression)) \
      g_main_context_iteration ((context), TRUE); \
    deadline_free (deadline_); \
  } G_STMT_END

gboolean     is_connected           (gpointer       socket);
gboolean     is_unconnected         (gpointer       socket);
gboolean     has_pending            (gpointer       server);
gboolean     has_data               (gpointer       device);
gboolean     has_written            (gpointer       device);

/* A listener and connected descriptors of the plain system calls: peers that share no code with
 * what is tested. */
int          raw_listen             (Fixture       *fixture,
                                     const char    *name,
                                     int            backlog);
int          raw_accept             (int            listener);
int          raw_connect            (Fixture       *fixture,
                                     const char    *name);
void         raw_write              (int            fd,
                                     const char    *text);
/* Reads to the end, or @count bytes. */
GBytes      *raw_read               (int            fd,
                                     gsize          count);

/* A socket that is connected to a descriptor of the plain system calls. */
LsockSocket *connect_to_raw         (Fixture       *fixture,
                                     int           *peer);

/* Writes down what @socket says, as one list that reads like the table of the order of signals. */
typedef struct _Story Story;

Story       *story_of               (gpointer       object);
void         story_note             (Story         *story,
                                     const char    *text);
const char  *story_text             (Story         *story);
void         story_clear            (Story         *story);
void         story_free             (Story         *story);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Story, story_free)

guint        count_descriptors      (void);

#define assert_read(device, text) \
  G_STMT_START { \
    g_autoptr (GError) read_error_ = NULL; \
    g_autoptr (GBytes) read_bytes_ = \
      lsock_io_device_read_all (LSOCK_IO_DEVICE (device), &read_error_); \
    g_assert_no_error (read_error_); \
    g_assert_cmpmem (g_bytes_get_data (read_bytes_, NULL), g_bytes_get_size (read_bytes_), \
                     text, strlen (text)); \
  } G_STMT_END

#define write_text(device, text) \
  G_STMT_START { \
    g_autoptr (GError) write_error_ = NULL; \
    g_assert_cmpint (lsock_io_device_write (LSOCK_IO_DEVICE (device), (const guint8 *) (text), \
                                            (gssize) strlen (text), &write_error_), \
                     ==, strlen (text)); \
    g_assert_no_error (write_error_); \
  } G_STMT_END

G_END_DECLS
