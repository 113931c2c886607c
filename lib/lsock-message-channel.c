/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The message channel: a device in whole messages. */

#include "config.h"

#include "lsock-message-channel.h"

#include "channel/lsock-device-stream-private.h"
#include "channel/lsock-message-channel-private.h"
#include "lsock-enum-types.h"
#include "lsock-error.h"

#define DEFAULT_MAX_MESSAGE_SIZE (16 * 1024 * 1024)

/**
 * LsockMessageChannel:
 *
 * Sends and receives whole messages over a device.
 *
 * A stream of bytes has no messages: what one side writes at once the other may read in parts, or
 * together with what follows.  A channel puts a frame around each message that it sends, and emits
 * [signal@Lsock.MessageChannel::message] for each that has come completely, in order.  Any
 * [class@Lsock.IODevice] will do: a socket, the pipes of a process, memory.
 *
 * The channel is the only reader of its device while it lives.  It takes no more than the messages:
 * what follows the last one stays the device's, and a part of a message goes back to it when the
 * channel ends.  Nothing is received while no message is taken, that is, while
 * [signal@Lsock.MessageChannel::message] has no handler and no
 * [method@Lsock.MessageChannel.receive_async] waits, so that the peer has to wait as well; a socket
 * with an unlimited [property@Lsock.Socket:read-buffer-size] is given one of 256 KiB for that.
 *
 * [signal@Lsock.MessageChannel::closed] is emitted once, after the last message.  The channel has
 * one connection: for another one, make another channel.
 *
 * Qt has no counterpart.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (LsockMessageChannel, lsock_message_channel, LSOCK_TYPE_OBJECT)

typedef enum
{
  PROP_DEVICE = 1,
  PROP_FRAMING,
  PROP_MAX_MESSAGE_SIZE,
} LsockMessageChannelProperty;

static GParamSpec *properties[PROP_MAX_MESSAGE_SIZE + 1];


/* LsockObject */

static void
lsock_message_channel_real_shutdown (LsockObject *object)
{
  LsockMessageChannel *self = LSOCK_MESSAGE_CHANNEL (object);

  _lsock_message_channel_stop_sending (self);
  _lsock_message_channel_stop (self);

  LSOCK_OBJECT_CLASS (lsock_message_channel_parent_class)->shutdown (object);
}


/* GObject */

static void
lsock_message_channel_constructed (GObject *object)
{
  LsockMessageChannel *self = LSOCK_MESSAGE_CHANNEL (object);

  G_OBJECT_CLASS (lsock_message_channel_parent_class)->constructed (object);

  g_return_if_fail (self->device != NULL);

  _lsock_device_limit_reading (self->device);
  _lsock_message_channel_start (self);
}

static void
lsock_message_channel_finalize (GObject *object)
{
  LsockMessageChannel *self = LSOCK_MESSAGE_CHANNEL (object);

  _lsock_frame_reader_clear (&self->reader);
  _lsock_byte_queue_clear (&self->outgoing);
  g_queue_clear_full (&self->returned, (GDestroyNotify) g_bytes_unref);
  g_clear_error (&self->end_error);
  g_clear_object (&self->device);

  G_OBJECT_CLASS (lsock_message_channel_parent_class)->finalize (object);
}

static void
lsock_message_channel_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  LsockMessageChannel *self = LSOCK_MESSAGE_CHANNEL (object);

  switch ((LsockMessageChannelProperty) prop_id)
    {
    case PROP_DEVICE:
      g_value_set_object (value, self->device);
      break;

    case PROP_FRAMING:
      g_value_set_enum (value, self->reader.framing);
      break;

    case PROP_MAX_MESSAGE_SIZE:
      g_value_set_int64 (value, (gint64) self->reader.max_size);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_message_channel_set_property (GObject      *object,
                                    guint         prop_id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  LsockMessageChannel *self = LSOCK_MESSAGE_CHANNEL (object);

  switch ((LsockMessageChannelProperty) prop_id)
    {
    case PROP_DEVICE:
      self->device = g_value_dup_object (value);
      break;

    case PROP_FRAMING:
      self->reader.framing = (LsockMessageFraming) g_value_get_enum (value);
      break;

    case PROP_MAX_MESSAGE_SIZE:
      lsock_message_channel_set_max_message_size (self, g_value_get_int64 (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags construct_only = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                     G_PARAM_STATIC_STRINGS;

  /**
   * LsockMessageChannel:device: (getter get_device)
   *
   * The device that the messages go over.
   *
   * Since: 1.0
   */
  properties[PROP_DEVICE] =
    g_param_spec_object ("device", NULL, NULL, LSOCK_TYPE_IO_DEVICE, construct_only);

  /**
   * LsockMessageChannel:framing: (getter get_framing)
   *
   * How the bytes of the device are divided into messages.
   *
   * Since: 1.0
   */
  properties[PROP_FRAMING] =
    g_param_spec_enum ("framing", NULL, NULL, LSOCK_TYPE_MESSAGE_FRAMING,
                       LSOCK_MESSAGE_FRAMING_LINES, construct_only);

  /**
   * LsockMessageChannel:max-message-size: (getter get_max_message_size) (setter set_max_message_size)
   *
   * The size of the largest message, in bytes, without its frame.
   *
   * A larger one that the peer sends ends the channel with %LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE,
   * before more of it is read than its length where the frame has one.  A larger one to be sent is
   * refused.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_MESSAGE_SIZE] =
    g_param_spec_int64 ("max-message-size", NULL, NULL, 1, G_MAXINT64 - 1,
                        DEFAULT_MAX_MESSAGE_SIZE,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
lsock_message_channel_class_init (LsockMessageChannelClass *klass)
{
  static LsockClassSlots slots;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  _lsock_object_class_set_slots (klass, &slots, NULL);

  object_class->constructed = lsock_message_channel_constructed;
  object_class->finalize = lsock_message_channel_finalize;
  object_class->get_property = lsock_message_channel_get_property;
  object_class->set_property = lsock_message_channel_set_property;

  LSOCK_OBJECT_CLASS (klass)->shutdown = lsock_message_channel_real_shutdown;

  install_properties (object_class);
  _lsock_message_channel_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
lsock_message_channel_init (LsockMessageChannel *self)
{
  g_queue_init (&self->returned);
}


/**
 * lsock_message_channel_new:
 * @device: the device that the messages go over
 * @framing: how its bytes are divided into messages
 *
 * Creates a channel on a device, which may be open, or be opened or connected later.
 *
 * One channel at a time can be on a device: another one is closed with %G_IO_ERROR_PENDING.
 *
 * Returns: (transfer full): a new channel
 *
 * Since: 1.0
 */
LsockMessageChannel *
lsock_message_channel_new (LsockIODevice       *device,
                           LsockMessageFraming  framing)
{
  g_return_val_if_fail (LSOCK_IS_IO_DEVICE (device), NULL);

  return g_object_new (LSOCK_TYPE_MESSAGE_CHANNEL,
                       "device", device,
                       "framing", framing,
                       NULL);
}

/**
 * lsock_message_channel_get_device: (get-property device)
 * @self: a channel
 *
 * Gets the device that the messages go over.
 *
 * Returns: (transfer none): the device
 *
 * Since: 1.0
 */
LsockIODevice *
lsock_message_channel_get_device (LsockMessageChannel *self)
{
  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), NULL);

  return self->device;
}

/**
 * lsock_message_channel_get_framing: (get-property framing)
 * @self: a channel
 *
 * Gets how the bytes of the device are divided into messages.
 *
 * Returns: the framing
 *
 * Since: 1.0
 */
LsockMessageFraming
lsock_message_channel_get_framing (LsockMessageChannel *self)
{
  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), LSOCK_MESSAGE_FRAMING_LINES);

  return self->reader.framing;
}

/**
 * lsock_message_channel_get_max_message_size: (get-property max-message-size)
 * @self: a channel
 *
 * Gets the size of the largest message.
 *
 * Returns: the size in bytes
 *
 * Since: 1.0
 */
gint64
lsock_message_channel_get_max_message_size (LsockMessageChannel *self)
{
  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), 0);

  return (gint64) self->reader.max_size;
}

/**
 * lsock_message_channel_set_max_message_size: (set-property max-message-size)
 * @self: a channel
 * @bytes: the size in bytes, at least 1
 *
 * Sets the size of the largest message; 16 MiB if it is not set.
 *
 * Since: 1.0
 */
void
lsock_message_channel_set_max_message_size (LsockMessageChannel *self,
                                            gint64               bytes)
{
  g_return_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self));
  g_return_if_fail (bytes >= 1 && bytes < G_MAXINT64);

  if (self->reader.max_size == (gsize) bytes)
    return;

  self->reader.max_size = (gsize) bytes;
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_MAX_MESSAGE_SIZE]);
}

/**
 * lsock_message_channel_is_closed:
 * @self: a channel
 *
 * Returns whether [signal@Lsock.MessageChannel::closed] has been emitted.
 *
 * Returns: %TRUE if no message can come
 *
 * Since: 1.0
 */
gboolean
lsock_message_channel_is_closed (LsockMessageChannel *self)
{
  g_return_val_if_fail (LSOCK_IS_MESSAGE_CHANNEL (self), TRUE);

  return self->closed;
}


/**
 * lsock_message_channel_get_variant:
 * @message: a message
 * @type: the type of the value
 * @error: return location for an error
 *
 * Reads a message that [method@Lsock.MessageChannel.send_variant] has sent on a machine of the same
 * byte order.
 *
 * Fails with %G_IO_ERROR_INVALID_DATA when @message is not the normal form of a value of @type.
 *
 * Returns: (transfer full): the value
 *
 * Since: 1.0
 */
GVariant *
lsock_message_channel_get_variant (GBytes              *message,
                                   const GVariantType  *type,
                                   GError             **error)
{
  g_autoptr (GVariant) value = NULL;

  g_return_val_if_fail (message != NULL, NULL);
  g_return_val_if_fail (type != NULL && g_variant_type_is_definite (type), NULL);

  value = g_variant_ref_sink (g_variant_new_from_bytes (type, message, FALSE));
  if (g_variant_is_normal_form (value))
    return g_steal_pointer (&value);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "The message is not a value of the type “%.*s”",
               (int) g_variant_type_get_string_length (type), g_variant_type_peek_string (type));
  return NULL;
}

/**
 * lsock_message_channel_is_null:
 * @message: a message that was received
 *
 * Returns whether @message is the null message of %LSOCK_MESSAGE_FRAMING_LENGTH32_BE, which is not
 *   the same as an empty one.
 *
 * Returns: %TRUE if it is
 *
 * Since: 1.0
 */
gboolean
lsock_message_channel_is_null (GBytes *message)
{
  g_return_val_if_fail (message != NULL, FALSE);

  return g_bytes_get_data (message, NULL) == NULL;
}
