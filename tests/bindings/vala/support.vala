// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests in Vala share.

delegate bool Condition ();

void await (Condition condition) {
  var deadline = Timeout.add_seconds (10, () => {
    error ("what the test waits for did not happen");
  });
  while (!condition ())
    MainContext.default ().iteration (true);
  Source.remove (deadline);
}

string fresh_name () {
  try {
    return Path.build_filename (DirUtils.make_tmp ("lsXXXXXX"), "s");
  } catch (FileError e) {
    error ("%s", e.message);
  }
}

string text_of (Bytes bytes) {
  unowned uint8[] data = bytes.get_data ();
  return data.length == 0 ? "" : ((string) data).substring (0, data.length);
}

void forget (string name) {
  FileUtils.unlink (name);
  DirUtils.remove (Path.get_dirname (name));
}

// A server, a client that is connected to it, and the server's end of the connection.
class Pair {
  public string name = fresh_name ();
  public Lsock.Server server = new Lsock.Server ();
  public Lsock.Socket client = new Lsock.Socket ();
  public Lsock.Socket peer;

  public Pair (Lsock.OpenMode mode = Lsock.OpenMode.READ_WRITE) throws Error {
    server.listen (name);
    client.connect_to_server (name, mode);
    await (() => server.has_pending_connections ());
    peer = server.next_pending_connection ();
  }

  ~Pair () {
    client.abort ();
    server.close ();
    forget (name);
  }
}

class Counter : Lsock.Object {
  public uint total { get; set; }
  public signal void counted (uint number, string text);
}

// A test that throws has failed.
delegate void Body () throws Error;

void add_case (string path, owned Body body) {
  Test.add_data_func (path, () => {
    try {
      body ();
    } catch (Error e) {
      error ("%s", e.message);
    }
  });
}
