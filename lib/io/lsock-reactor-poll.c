/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reactor with poll(2): one source for each descriptor that is watched. */

#include "config.h"

#include "io/lsock-reactor-poll-private.h"

typedef struct
{
  GSource     source;
  LsockWatch *watch;
  gpointer    tag;
} PollSource;


static gboolean
poll_source_dispatch (GSource     *source,
                      GSourceFunc  callback,
                      gpointer     user_data)
{
  PollSource *self = (PollSource *) source;
  GIOCondition condition = g_source_query_unix_fd (source, self->tag);
  LsockWatch *watch = self->watch;

  if (watch == NULL || condition == 0)
    return G_SOURCE_CONTINUE;

  watch->ready |= _lsock_ready_of (condition);
  return callback (watch);
}

static GSourceFuncs poll_source_funcs = {
  .dispatch = poll_source_dispatch,
};


void
_lsock_reactor_poll_arm (LsockWatch   *watch,
                         GMainContext *context,
                         int           priority,
                         LsockReady    interest,
                         GSourceFunc   dispatch)
{
  PollSource *source = watch->poll_source;

  if (watch->armed == interest)
    return;

  watch->armed = (guint8) interest;

  if (interest == LSOCK_READY_NONE)
    {
      source->watch = NULL;
      g_source_destroy (&source->source);
      g_source_unref (&source->source);
      watch->poll_source = NULL;
    }
  else if (source != NULL)
    {
      g_source_modify_unix_fd (&source->source, source->tag, _lsock_condition_of (interest));
    }
  else
    {
      source = (PollSource *) g_source_new (&poll_source_funcs, sizeof (PollSource));
      source->watch = watch;
      source->tag = g_source_add_unix_fd (&source->source, watch->fd,
                                          _lsock_condition_of (interest));
      g_source_set_callback (&source->source, dispatch, watch, NULL);
      g_source_set_static_name (&source->source, "lsock descriptor");
      g_source_set_can_recurse (&source->source, TRUE);
      g_source_set_priority (&source->source, priority);
      g_source_attach (&source->source, context);
      watch->poll_source = source;
    }
}

void
_lsock_reactor_poll_release (LsockWatch *watch)
{
  PollSource *source = watch->poll_source;

  if (source == NULL)
    return;

  source->watch = NULL;
  g_source_unref (&source->source);
  watch->poll_source = NULL;
}
