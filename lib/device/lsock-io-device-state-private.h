/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "io/lsock-byte-queue-private.h"
#include "lsock-io-device.h"
#include "object/lsock-object-private.h"
#include "object/lsock-operation-private.h"

G_BEGIN_DECLS

/* The state of a device, for the files of LsockIODevice and for its subclasses in this library.
 * Storey: device */

typedef enum
{
  LSOCK_ACCESS_UNKNOWN,      /* not asked for since the device was opened */
  LSOCK_ACCESS_SEQUENTIAL,
  LSOCK_ACCESS_RANDOM,
} LsockAccess;

/* Which virtual functions to call: of a pair that does the same, the one that the most derived
 * class has overridden. */
typedef struct
{
  guint read_data : 1;
  guint read_buffer : 1;
  guint read_line_data : 1;
  guint skip_data : 1;
  guint write_data : 1;
  guint write_buffer : 1;
} LsockIODeviceFunctions;

typedef struct
{
  /* Read ahead, peeked, put back, or kept by a transaction. */
  LsockByteQueue         held;

  /* Where the user is, and where the device itself is; both 0 for a sequential device. */
  gint64                 pos;
  gint64                 device_pos;

  /* How far into `held` the transaction of a sequential device has read. */
  gsize                  transaction_pos;
  /* Where the transaction of a random-access device began. */
  gint64                 transaction_begin;

  char                  *error_string;
  LsockOpenMode          mode;
  LsockAccess            access;
  LsockIODeviceFunctions use;

  guint                  transaction : 1;
  guint                  in_ready_read : 1;
  guint                  ready_read_missed : 1;
  guint                  closing : 1;
  guint                  in_step : 1;         /* in a public call that opens or closes */
  guint                  step_mode : 8;       /* the mode before that call, if it has changed it */
  guint                  step_changed : 1;
  guint                  step_text : 1;       /* it has changed the error text */
  guint                  notify_held : 1;     /* has a reference, and notifications are frozen */
  guint                  filling_held : 1;    /* what the device gives goes to `held` */
  guint                  read_finished : 1;   /* nothing more comes in this session */
  guint                  has_operations : 1;  /* what the object's flag says */
  guint                  session : 11;        /* changes when the device is opened or closed */
} LsockIODevicePrivate;

/* The class's answers to asynchronous calls. */
typedef struct _LsockIODeviceFlow LsockIODeviceFlow;

typedef enum
{
  LSOCK_IO_DEVICE_PROP_OPEN_MODE = 1,
  LSOCK_IO_DEVICE_PROP_IS_OPEN,
  LSOCK_IO_DEVICE_PROP_IS_READABLE,
  LSOCK_IO_DEVICE_PROP_IS_WRITABLE,
  LSOCK_IO_DEVICE_PROP_TEXT_MODE,
  LSOCK_IO_DEVICE_PROP_ERROR_STRING,
  LSOCK_IO_DEVICE_N_PROPS
} LsockIODeviceProperty;

extern GParamSpec *_lsock_io_device_pspecs[];
extern int         _lsock_io_device_private_offset;

/* The class of the device that was made last: a program has devices of few classes, and to walk
 * through their ancestors would be a good part of a short read. */
extern gpointer    _lsock_io_device_known_class;

static inline gboolean
_lsock_io_device_is_known (LsockIODevice *self)
{
  return self != NULL &&
         ((GTypeInstance *) self)->g_class == g_atomic_pointer_get (&_lsock_io_device_known_class);
}

static inline LsockIODevicePrivate *
_lsock_io_device_get_private (LsockIODevice *self)
{
  return G_STRUCT_MEMBER_P (self, _lsock_io_device_private_offset);
}

/* The open mode, without a check of the type. */
static inline LsockOpenMode
_lsock_io_device_peek_mode (LsockIODevice *self)
{
  return _lsock_io_device_get_private (self)->mode;
}

static inline gsize
_lsock_io_device_get_unread (LsockIODevicePrivate *priv)
{
  return priv->held.length - priv->transaction_pos;
}

/* Bytes that the device itself holds. */
static inline gsize
_lsock_io_device_get_held (LsockIODevice *self)
{
  return _lsock_io_device_get_private (self)->held.length;
}

/* Asked once while the device is open: the answer cannot change, and the question is asked by every
 * read. */
gboolean      _lsock_io_device_is_sequential              (LsockIODevice         *self,
                                                           LsockIODevicePrivate  *priv);
void          _lsock_io_device_seek_held                  (LsockIODevicePrivate  *priv,
                                                           gint64                 pos);
/* Whether what a virtual function gives is not the reader's yet, and takes the same room as
 * before. */
static inline gboolean
_lsock_io_device_is_filling_held (LsockIODevice *self)
{
  return _lsock_io_device_get_private (self)->filling_held;
}

/* Forgets what is held, and ends a transaction. */
void          _lsock_io_device_drop_held                  (LsockIODevice         *self);

/* Sets @error to OPERATION and @message. */
void          _lsock_io_device_refuse                     (GError               **error,
                                                           const char            *message);
/* For calls that read or write: hands @local to @error after keeping its message; without @local,
 * @fallback is refused. */
void          _lsock_io_device_fail                       (LsockIODevice         *self,
                                                           GError                *local,
                                                           const char            *fallback,
                                                           GError               **error);
/* For a step that changes more than the device: these change it silently, and the caller notifies
 * when the step is complete.
 *
 * The first begins a session with @mode, or ends one with NOT_OPEN: what is held, the transaction
 * and the positions of the session before are forgotten.  It returns the mode before. */
LsockOpenMode _lsock_io_device_switch_mode                (LsockIODevice         *self,
                                                           LsockOpenMode          mode);
/* Whether the text is another one now. */
gboolean      _lsock_io_device_store_error_string         (LsockIODevice         *self,
                                                           const char            *message);

/* Notifies the properties that differ between the mode @before and the one that the device has,
 * until a handler changes the mode once more or moves the device.  The caller has a reference. */
void          _lsock_io_device_notify_mode                (LsockIODevice         *self,
                                                           LsockOpenMode          before);
void          _lsock_io_device_notify_error_string        (LsockIODevice         *self);

/* Changes the mode within a session, and notifies. */
void          _lsock_io_device_set_mode                   (LsockIODevice         *self,
                                                           LsockOpenMode          mode);

/* A call that reads or writes is complete when it returns.  What a virtual function notifies in the
 * middle of it follows then: a handler might read, close, or drop the last reference. */
void          _lsock_io_device_hold_notify                (LsockIODevice         *self);
void          _lsock_io_device_release_notify             (LsockIODevice         *self);

/* Each public call that reads or writes has one of these. */
typedef LsockIODevice LsockIODeviceCall;

static inline void
_lsock_io_device_end_call (LsockIODeviceCall *self)
{
  if (G_UNLIKELY (_lsock_io_device_get_private (self)->notify_held))
    _lsock_io_device_release_notify (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockIODeviceCall, _lsock_io_device_end_call)

/* Opening and closing are steps of several classes: what the base class changes is notified when
 * the public call is about to return, and the derived classes have done their part.  begin_step()
 * returns FALSE inside another step, which notifies. */
gboolean      _lsock_io_device_begin_step                 (LsockIODevice         *self);
void          _lsock_io_device_end_step                   (LsockIODevice         *self);

/* Opens in @mode as the base class does. */
void          _lsock_io_device_start_session              (LsockIODevice         *self,
                                                           LsockOpenMode          mode);

/* A close in three parts: emit `about-to-close`; let go of what the class has; forget the session.
 * begin_close() returns FALSE if there is nothing to close, or a close is going on already. */
gboolean      _lsock_io_device_begin_close                (LsockIODevice         *self);
void          _lsock_io_device_finish_close               (LsockIODevice         *self);

/* Emissions: the caller holds a reference.  They do nothing while signals are suppressed.
 * `ready-read` is never emitted from inside itself. */
void          _lsock_io_device_emit_ready_read            (LsockIODevice         *self);
void          _lsock_io_device_emit_bytes_written         (LsockIODevice         *self,
                                                           gint64                 count);
void          _lsock_io_device_emit_about_to_close        (LsockIODevice         *self);
void          _lsock_io_device_emit_read_channel_finished (LsockIODevice         *self);
void          _lsock_io_device_install_signals            (GType                  type);
/* The class handlers that derived classes chain up to. */
void          _lsock_io_device_fill_slots                 (gpointer               klass);

/* Whether `ready-read` should have been emitted during its own emission since this was asked
 * last. */
static inline gboolean
_lsock_io_device_take_missed_ready_read (LsockIODevice *self)
{
  LsockIODevicePrivate *priv = _lsock_io_device_get_private (self);
  gboolean missed = priv->ready_read_missed;

  priv->ready_read_missed = FALSE;
  return missed;
}

G_END_DECLS
