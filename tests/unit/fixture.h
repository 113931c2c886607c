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

/* Runs the default main context until @condition holds; fails the test after ten seconds. */
typedef gboolean (*Condition) (gpointer data);

void         await                  (Condition      condition,
                                     gpointer       data);
/* Runs what is ready, and nothing that has to be waited for. */
void         settle                 (void);

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
