// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The C interface as a C++17 program uses it.

#include <lsock.h>

#include <glib/gstdio.h>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace
{

constexpr int limit_ms = 10000;

struct Unref
{
  void operator() (gpointer object) const { g_object_unref (object); }
};

template<typename T>
using Ref = std::unique_ptr<T, Unref>;

// A GError that a call fills in.
class Failure
{
public:
  Failure () = default;
  Failure (const Failure &) = delete;
  Failure &operator= (const Failure &) = delete;
  ~Failure () { g_clear_error (&error); }

  GError **out () { return &error; }
  const GError *get () const { return error; }

private:
  GError *error = nullptr;
};

// A socket name in a directory of its own.
class Name
{
public:
  Name ()
  {
    char *made = g_dir_make_tmp ("lsXXXXXX", nullptr);

    g_assert_nonnull (made);
    directory = made;
    path = directory + "/s";
    g_free (made);
  }

  Name (const Name &) = delete;
  Name &operator= (const Name &) = delete;

  ~Name ()
  {
    g_unlink (path.c_str ());
    g_rmdir (directory.c_str ());
  }

  const char *get () const { return path.c_str (); }

private:
  std::string directory;
  std::string path;
};

template<typename Condition>
void
await (Condition condition)
{
  bool expired = false;
  guint source = g_timeout_add (limit_ms, [] (gpointer data) -> gboolean {
    *static_cast<bool *> (data) = true;
    return G_SOURCE_CONTINUE;
  }, &expired);

  while (!condition ())
    {
      g_main_context_iteration (nullptr, TRUE);
      g_assert_false (expired);
    }
  g_source_remove (source);
}

// Connects a lambda that captures: the closure owns a copy of it.
template<typename Instance, typename... Args, typename Function>
gulong
connect (Instance *instance, const char *signal, Function function)
{
  using Handler = void (*) (Instance *, Args..., gpointer);
  Handler handler = [] (Instance *self, Args... args, gpointer data) {
    (*static_cast<Function *> (data)) (self, args...);
  };

  return g_signal_connect_data (instance, signal, G_CALLBACK (handler),
                                new Function (std::move (function)),
                                [] (gpointer data, GClosure *) {
                                  delete static_cast<Function *> (data);
                                },
                                GConnectFlags (0));
}

gssize
write_text (gpointer device, std::string_view text, GError **error = nullptr)
{
  return lsock_io_device_write (LSOCK_IO_DEVICE (device),
                                reinterpret_cast<const guint8 *> (text.data ()),
                                static_cast<gssize> (text.size ()), error);
}

std::string
text_of (GBytes *bytes)
{
  gsize length = 0;
  auto data = static_cast<const char *> (g_bytes_get_data (bytes, &length));
  std::string text (data != nullptr ? data : "", length);

  g_bytes_unref (bytes);
  return text;
}

// A server, a client that is connected to it, and the server's end of the connection.
struct Pair
{
  Name name;
  Ref<LsockServer> server { lsock_server_new () };
  Ref<LsockSocket> client { lsock_socket_new () };
  LsockSocket *peer = nullptr;

  explicit Pair (LsockOpenMode mode = LSOCK_OPEN_MODE_READ_WRITE)
  {
    Failure failure;

    g_assert_true (lsock_server_listen (server.get (), name.get (), failure.out ()));
    g_assert_no_error (failure.get ());
    lsock_socket_connect_to_server (client.get (), name.get (), mode);
    g_assert_true (lsock_socket_wait_for_connected (client.get (), limit_ms));
    await ([this] {
      peer = lsock_server_next_pending_connection (server.get ());
      return peer != nullptr;
    });
  }
};


// Flags

template<typename Flags>
void
check_operators (Flags a, Flags b)
{
  static_assert (std::is_same_v<decltype (a | b), Flags>);
  static_assert (std::is_same_v<decltype (a & b), Flags>);
  static_assert (std::is_same_v<decltype (a ^ b), Flags>);
  static_assert (std::is_same_v<decltype (~a), Flags>);

  Flags value = a;

  value |= b;
  g_assert_cmpint (value, ==, int (a) | int (b));
  g_assert_true (value == (a | b));
  value &= ~a;
  g_assert_true (value == b);
  value ^= a;
  g_assert_true (value == (a ^ b));
  g_assert_true ((value & a) == a);
  g_assert_true ((a & b) == Flags (0));
}

// The complement has every flag that the type has, and no other bit.
template<typename Flags>
void
check_complement (GType type)
{
  auto klass = static_cast<GFlagsClass *> (g_type_class_ref (type));

  g_assert_cmpuint (static_cast<guint> (~Flags (0)), ==, klass->mask);
  g_assert_true (~~Flags (1) == Flags (1));
  g_type_class_unref (klass);
}

void
test_flags_open_mode ()
{
  constexpr LsockOpenMode mode = LSOCK_OPEN_MODE_READ_ONLY | LSOCK_OPEN_MODE_TEXT;

  static_assert (mode == 0x11);
  static_assert ((LSOCK_OPEN_MODE_READ_WRITE & ~LSOCK_OPEN_MODE_WRITE_ONLY)
                 == LSOCK_OPEN_MODE_READ_ONLY);
  check_operators (LSOCK_OPEN_MODE_READ_ONLY, LSOCK_OPEN_MODE_TEXT);
  check_complement<LsockOpenMode> (LSOCK_TYPE_OPEN_MODE);
}

void
test_flags_socket_options ()
{
  check_operators (LSOCK_SOCKET_OPTIONS_USER_ACCESS, LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE);
  check_complement<LsockSocketOptions> (LSOCK_TYPE_SOCKET_OPTIONS);
}

void
test_flags_connection_type ()
{
  check_operators (LSOCK_CONNECTION_TYPE_QUEUED, LSOCK_CONNECTION_TYPE_UNIQUE);
  check_complement<LsockConnectionType> (LSOCK_TYPE_CONNECTION_TYPE);
}

void
test_flags_as_arguments ()
{
  Ref<LsockBuffer> buffer (lsock_buffer_new ());
  auto device = LSOCK_IO_DEVICE (buffer.get ());
  Failure failure;

  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE | LSOCK_OPEN_MODE_APPEND,
                                       failure.out ()));
  g_assert_true ((lsock_io_device_get_open_mode (device) & LSOCK_OPEN_MODE_APPEND) != 0);
  lsock_io_device_set_open_mode (device, lsock_io_device_get_open_mode (device)
                                         & ~LSOCK_OPEN_MODE_APPEND);
  g_assert_true ((lsock_io_device_get_open_mode (device) & LSOCK_OPEN_MODE_APPEND) == 0);
  g_assert_true ((lsock_io_device_get_open_mode (device) & LSOCK_OPEN_MODE_READ_WRITE)
                 == LSOCK_OPEN_MODE_READ_WRITE);
}


// Client and server

void
test_conversation ()
{
  Pair pair;
  std::string answer;

  connect<LsockSocket> (pair.peer, "ready-read", [] (LsockSocket *self) {
    write_text (self, text_of (lsock_io_device_read_all (LSOCK_IO_DEVICE (self), nullptr)));
  });
  connect<LsockSocket> (pair.client.get (), "ready-read", [&answer] (LsockSocket *self) {
    answer += text_of (lsock_io_device_read_all (LSOCK_IO_DEVICE (self), nullptr));
  });

  g_assert_cmpint (write_text (pair.client.get (), "grüße"), ==, 7);
  await ([&answer] { return answer.size () >= 7; });
  g_assert_cmpstr (answer.c_str (), ==, "grüße");
}

void
test_text_mode ()
{
  Pair pair (LSOCK_OPEN_MODE_READ_WRITE | LSOCK_OPEN_MODE_TEXT);
  auto device = LSOCK_IO_DEVICE (pair.client.get ());

  write_text (pair.peer, "one\r\n");
  await ([device] { return lsock_io_device_can_read_line (device) != FALSE; });
  g_assert_true (text_of (lsock_io_device_read_line (device, 0, nullptr)) == "one\n");
}

void
test_without_loop ()
{
  Pair pair;
  auto device = LSOCK_IO_DEVICE (pair.client.get ());
  char buffer[16] = "";

  write_text (pair.peer, "ping");
  g_assert_true (lsock_io_device_wait_for_bytes_written (LSOCK_IO_DEVICE (pair.peer), limit_ms) ||
                 lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (pair.peer)) == 0);
  g_assert_true (lsock_io_device_wait_for_ready_read (device, limit_ms));
  g_assert_cmpint (lsock_io_device_read (device, buffer, sizeof buffer, nullptr), ==, 4);
  g_assert_cmpstr (buffer, ==, "ping");
}


// Signals

void
test_signal_order ()
{
  Pair pair;
  std::vector<std::string> story;
  LsockSocket *client = pair.client.get ();

  connect<LsockSocket, int> (client, "state-changed", [&story] (LsockSocket *, int state) {
    story.push_back ("state " + std::to_string (state));
  });
  connect<LsockSocket, int> (client, "error", [&story] (LsockSocket *, int code) {
    g_assert_cmpint (code, ==, LSOCK_SOCKET_ERROR_PEER_CLOSED);
    story.push_back ("error");
  });
  connect<LsockSocket> (client, "disconnected", [&story] (LsockSocket *) {
    story.push_back ("disconnected");
  });

  lsock_socket_disconnect_from_server (pair.peer);
  await ([client] { return lsock_socket_get_state (client) == LSOCK_SOCKET_STATE_UNCONNECTED; });
  g_assert_true ((story == std::vector<std::string> { "error", "state 6", "state 0",
                                                      "disconnected" }));
}

void
test_signal_closure_is_freed ()
{
  auto token = std::make_shared<int> (0);

  {
    Ref<LsockSocket> socket (lsock_socket_new ());

    connect<LsockSocket> (socket.get (), "connected", [token] (LsockSocket *) { ++*token; });
    g_assert_cmpint (token.use_count (), ==, 2);
  }
  g_assert_cmpint (token.use_count (), ==, 1);
}

void
test_signal_queued ()
{
  Pair pair;
  Failure failure;
  unsigned count = 0;
  auto slot = +[] (const GValue *args, guint n_args, gpointer data) {
    g_assert_cmpuint (n_args, ==, 2);
    g_assert_true (LSOCK_IS_SOCKET (g_value_get_object (&args[0])));
    ++*static_cast<unsigned *> (data);
  };
  auto connection = lsock_connect_full (G_OBJECT (pair.client.get ()), "bytes-written",
                                        LSOCK_CONNECTION_TYPE_QUEUED
                                        | LSOCK_CONNECTION_TYPE_SINGLE_SHOT,
                                        nullptr, slot, &count, nullptr, failure.out ());

  g_assert_no_error (failure.get ());
  write_text (pair.client.get (), "once");
  await ([&count] { return count == 1; });
  g_assert_false (lsock_connection_is_connected (connection));
  lsock_connection_unref (connection);
}


// Errors

void
test_error_listen ()
{
  Ref<LsockServer> server (lsock_server_new ());
  Failure failure;

  g_assert_false (lsock_server_listen (server.get (), "", failure.out ()));
  g_assert_error (failure.get (), LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND);
  g_assert_cmpstr (failure.get ()->message, ==, lsock_server_get_error_string (server.get ()));
}

void
test_error_write ()
{
  Ref<LsockSocket> socket (lsock_socket_new ());
  Failure failure;

  g_assert_cmpint (write_text (socket.get (), "x", failure.out ()), ==, -1);
  g_assert_error (failure.get (), LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
}

void
test_error_connect ()
{
  Name name;
  Ref<LsockSocket> socket (lsock_socket_new ());
  LsockSocketError seen = LSOCK_SOCKET_ERROR_UNKNOWN;

  connect<LsockSocket, LsockSocketError> (socket.get (), "error",
    [&seen] (LsockSocket *, LsockSocketError code) { seen = code; });
  lsock_socket_connect_to_server (socket.get (), name.get (), LSOCK_OPEN_MODE_READ_WRITE);
  await ([&seen] { return seen != LSOCK_SOCKET_ERROR_UNKNOWN; });
  g_assert_cmpint (seen, ==, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND);
}

} // namespace


// Subclasses: the macros of GObject declare functions outside of a namespace.

G_BEGIN_DECLS
#define TEST_TYPE_DEVICE (test_device_get_type ())
G_DECLARE_FINAL_TYPE (TestDevice, test_device, TEST, DEVICE, LsockIODevice)
#define TEST_TYPE_SERVER (test_server_get_type ())
G_DECLARE_FINAL_TYPE (TestServer, test_server, TEST, SERVER, LsockServer)
G_END_DECLS

// A device that gives back what was written to it.
struct _TestDevice
{
  LsockIODevice parent_instance;
  std::string *held;
};

G_DEFINE_TYPE (TestDevice, test_device, LSOCK_TYPE_IO_DEVICE)

static void
test_device_init (TestDevice *self)
{
  self->held = new std::string;
}

static void
test_device_class_init (TestDeviceClass *klass)
{
  auto device_class = LSOCK_IO_DEVICE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = [] (GObject *object) {
    delete TEST_DEVICE (object)->held;
    G_OBJECT_CLASS (test_device_parent_class)->finalize (object);
  };
  device_class->is_sequential = [] (LsockIODevice *) -> gboolean { return TRUE; };
  device_class->bytes_available = [] (LsockIODevice *device) {
    return gint64 (TEST_DEVICE (device)->held->size ())
           + LSOCK_IO_DEVICE_CLASS (test_device_parent_class)->bytes_available (device);
  };
  device_class->read_buffer = [] (LsockIODevice *device, void *buffer, gsize count, GError **) {
    std::string &held = *TEST_DEVICE (device)->held;
    gsize length = held.copy (static_cast<char *> (buffer), count);

    held.erase (0, length);
    return gssize (length);
  };
  device_class->write_buffer = [] (LsockIODevice *device, const void *data, gsize length,
                                   GError **) {
    TEST_DEVICE (device)->held->append (static_cast<const char *> (data), length);
    return gssize (length);
  };
}

// A server that wraps the descriptors of its clients by itself.
struct _TestServer
{
  LsockServer parent_instance;
  LsockSocket *taken;
};

G_DEFINE_TYPE (TestServer, test_server, LSOCK_TYPE_SERVER)

static void
test_server_init (TestServer *self)
{
  self->taken = nullptr;
}

static void
test_server_class_init (TestServerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = [] (GObject *object) {
    g_clear_object (&TEST_SERVER (object)->taken);
    G_OBJECT_CLASS (test_server_parent_class)->dispose (object);
  };
  LSOCK_SERVER_CLASS (klass)->incoming_connection = [] (LsockServer *server, int fd) {
    auto self = TEST_SERVER (server);

    self->taken = lsock_socket_new ();
    lsock_socket_set_socket_descriptor (self->taken, fd, LSOCK_SOCKET_STATE_CONNECTED,
                                        LSOCK_OPEN_MODE_READ_WRITE | LSOCK_OPEN_MODE_UNBUFFERED,
                                        nullptr);
  };
}

namespace
{

void
test_subclass_device ()
{
  Ref<GObject> object (G_OBJECT (g_object_new (TEST_TYPE_DEVICE, nullptr)));
  auto device = LSOCK_IO_DEVICE (object.get ());

  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, nullptr));
  g_assert_cmpint (write_text (device, "one\ntwo"), ==, 7);
  g_assert_true (text_of (lsock_io_device_read_line (device, 0, nullptr)) == "one\n");
  g_assert_cmpint (lsock_io_device_bytes_available (device), ==, 3);
  g_assert_true (text_of (lsock_io_device_read_all (device, nullptr)) == "two");
}

void
test_subclass_server ()
{
  Name name;
  Ref<TestServer> server (TEST_SERVER (g_object_new (TEST_TYPE_SERVER, nullptr)));
  Ref<LsockSocket> client (lsock_socket_new ());

  g_assert_true (lsock_server_listen (LSOCK_SERVER (server.get ()), name.get (), nullptr));
  lsock_socket_connect_to_server (client.get (), name.get (), LSOCK_OPEN_MODE_WRITE_ONLY);
  write_text (client.get (), "x");
  await ([&server] {
    return server->taken != nullptr
           && lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (server->taken), 0);
  });
  g_assert_false (lsock_server_has_pending_connections (LSOCK_SERVER (server.get ())));
}

} // namespace

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, nullptr);

  g_test_add_func ("/cpp/flags/open-mode", test_flags_open_mode);
  g_test_add_func ("/cpp/flags/socket-options", test_flags_socket_options);
  g_test_add_func ("/cpp/flags/connection-type", test_flags_connection_type);
  g_test_add_func ("/cpp/flags/as-arguments", test_flags_as_arguments);
  g_test_add_func ("/cpp/conversation", test_conversation);
  g_test_add_func ("/cpp/text-mode", test_text_mode);
  g_test_add_func ("/cpp/without-loop", test_without_loop);
  g_test_add_func ("/cpp/signal/order", test_signal_order);
  g_test_add_func ("/cpp/signal/closure-is-freed", test_signal_closure_is_freed);
  g_test_add_func ("/cpp/signal/queued", test_signal_queued);
  g_test_add_func ("/cpp/error/listen", test_error_listen);
  g_test_add_func ("/cpp/error/write", test_error_write);
  g_test_add_func ("/cpp/error/connect", test_error_connect);
  g_test_add_func ("/cpp/subclass/device", test_subclass_device);
  g_test_add_func ("/cpp/subclass/server", test_subclass_server);

  return g_test_run ();
}
