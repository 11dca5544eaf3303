package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// path returns the called path below the endpoint's name.
func (x *exchange) path() string {
	if x.route == routeToken {
		return tokenPath
	}
	return x.ep.path
}

// otherName returns another name for a loopback listener, or a host that does not exist.
func otherName(hostport string) string {
	host, port, err := net.SplitHostPort(hostport)
	ip := net.ParseIP(host)
	switch {
	case err != nil:
		return elsewhere
	case host == "localhost":
		return net.JoinHostPort("127.0.0.1", port)
	case ip != nil && ip.IsLoopback():
		return net.JoinHostPort("localhost", port)
	}
	return elsewhere
}

// send writes an answer whose bytes all leave, quickly or not. An error means that the client is gone: the ledger has
// already said all there is to say.
func send(ctx context.Context, w http.ResponseWriter, rep reply) {
	for key, values := range rep.header {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", fmt.Sprint(rep.length()))
	w.WriteHeader(rep.status)
	body := rep.open(ctx)
	defer func() { _ = body.Close() }() // bodies in memory: nothing to lose
	if rep.drip == 0 {
		_, _ = io.Copy(w, body)
		return
	}
	piece := make([]byte, 4096)
	for {
		n, err := body.Read(piece)
		if err != nil {
			return
		}
		if _, err := w.Write(piece[:n]); err != nil {
			return
		}
		if http.NewResponseController(w).Flush() != nil {
			return
		}
	}
}

// hangUp resets the connection instead of answering.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's own way to break a connection it will not hand over
	}
	defer func() { _ = conn.Close() }() // that it breaks is the purpose
	if tcp, err := tcpBelow(conn); err == nil {
		_ = tcp.SetLinger(0) // without it the client sees an orderly end, which is as fatal
	}
}

func tcpBelow(conn net.Conn) (*net.TCPConn, error) {
	if c, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
		conn = c.NetConn()
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil, errors.New("no TCP connection")
	}
	return tcp, nil
}

// breakOff writes the head of an answer and less of its body than announced.
func breakOff(w http.ResponseWriter, rep reply) {
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's own way to break a connection it will not hand over
	}
	defer func() { _ = conn.Close() }() // that it breaks is the purpose
	_, _ = fmt.Fprintf(buf, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n", rep.status, http.StatusText(rep.status),
		rep.length())
	_ = rep.header.Write(buf)
	_, _ = buf.WriteString("\r\n")
	_, _ = buf.Write(rep.body[:rep.cut])
	_ = buf.Flush() // a client that is gone already does not matter here
}
