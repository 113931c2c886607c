/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "channel/lsock-framing-private.h"
#include "device/lsock-io-device-async-private.h"
#include "lsock-message-channel.h"

G_BEGIN_DECLS

/* What a channel consists of.
 * Storey: channel */

struct _LsockMessageChannel
{
  LsockObject       parent_instance;

  LsockIODevice    *device;
  LsockFrameReader  reader;
  GQueue            returned;        /* of GBytes: messages whose result was not fetched */
  LsockByteQueue    outgoing;        /* what the device has not taken yet */
  gulong            written_handler; /* connected while there is some */

  LsockOperation   *watch;           /* on the device: hears of its changes; NULL once closed */
  GSource          *resume_source;   /* while messages wait for a handler */
  guint             serial;          /* of the device's connection */
  guint             session;
  GError           *end_error;

  guint             ready : 1;       /* handlers had the time to be connected */
  guint             begun : 1;       /* the device has been open */
  guint             ended : 1;       /* no message follows those in `returned` */
  guint             closed : 1;      /* `closed` has been emitted */
  guint             emitting : 1;
  guint             waiting : 1;     /* inside receive() */
};


/* Begins to hear of the device, and delivers once handlers had the time to be connected. */
void _lsock_message_channel_start           (LsockMessageChannel *self);
/* Stops, and gives the device what belongs to no whole message. */
void _lsock_message_channel_stop            (LsockMessageChannel *self);
void _lsock_message_channel_install_signals (GType                type);
/* `bytes-written` of a device that does not take all at once. */
void _lsock_message_channel_stop_sending    (LsockMessageChannel *self);

G_END_DECLS
