// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Streams files to the digest server, one after the other, and prints what it answers.

const size_t PIECE = 64 * 1024;
const int64 MAX_QUEUED = 4 * 64 * 1024; // more is never queued: the rest waits in the file

class Sender : Object {
  public int status = 0;

  private MainLoop loop = new MainLoop ();
  private Lsock.Socket socket = new Lsock.Socket ();
  private string[] files;
  private int current = 0;
  private FileInputStream? stream = null;

  public Sender (string[] files) {
    this.files = files;
  }

  public void run (string name) {
    socket.connected.connect (() => {
      say ("connected", socket.get_full_server_name ());
      begin_file ();
    });
    socket.bytes_written.connect ((count) => {
      say ("bytes-written", count.to_string ());
      send_more ();
    });
    socket.ready_read.connect (on_ready_read);
    socket.error.connect (() => {
      say ("error", socket.get_error_string ());
      finish (1, socket.get_error_string ());
    });
    socket.disconnected.connect (() => {
      say ("disconnected");
      finish (current < files.length ? 1 : 0);
    });

    socket.connect_to_server (name);
    if (socket.get_state () != Lsock.SocketState.UNCONNECTED)
      loop.run ();
  }

  private static void say (string signal, string detail = "") {
    print ("signal\tclient\t%s\t%s\n", signal, detail);
  }

  private void finish (int status, string? message = null) {
    if (message != null)
      printerr ("%s\n", message);
    this.status = status;
    loop.quit ();
  }

  private void begin_file () {
    try {
      stream = File.new_for_path (files[current]).read ();
      var info = stream.query_info (FileAttribute.STANDARD_SIZE);
      socket.write ("%s\n".printf (info.get_size ().to_string ()).data);
      send_more ();
    } catch (Error error) {
      finish (1, "Cannot read “%s”: %s".printf (files[current], error.message));
    }
  }

  private void send_more () {
    try {
      while (stream != null && socket.bytes_to_write () < MAX_QUEUED) {
        var piece = stream.read_bytes (PIECE);
        if (piece.get_size () > 0)
          socket.write_bytes (piece);
        else
          stream = null;
      }
    } catch (Error error) {
      finish (1, error.message);
    }
  }

  private void on_ready_read () {
    say ("ready-read");
    try {
      foreach (var line in socket) {
        var text = ((string) line.get_data ()).substring (0, (long) line.get_size ());
        print ("result\t%s\t%s\n", files[current], text.chomp ());
        current++;
        if (current < files.length)
          begin_file ();
        else
          socket.close ();
      }
    } catch (Error error) {
      finish (1, error.message);
    }
  }
}

int main (string[] args) {
  if (args.length < 3) {
    printerr ("usage: %s NAME FILE…\n", args[0]);
    return 1;
  }

  var sender = new Sender (args[2:args.length]);
  sender.run (args[1]);
  return sender.status;
}
