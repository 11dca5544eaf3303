// Package objectstest has storage that speaks the protocol of S3, for tests: gofakes3, behind what checks every
// signature as the protocol's own page says.
package objectstest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"liverecon/cmd/liverecon/config"
)

// The keys that the storage takes.
const (
	AccessKey = "AKIA-OF-THE-TEST"
	SecretKey = "s3cret/Of+the=Test"
)

// Server represents running storage.
type Server struct {
	*httptest.Server
	backend gofakes3.Backend

	mu sync.Mutex
	// Before is asked about each request, and has answered it when it returns true.
	before func(http.ResponseWriter, *http.Request) bool
	agents []string
}

// Start starts storage with buckets, by TLS or without.
func Start(secured bool, buckets ...string) (*Server, error) {
	s := &Server{backend: s3mem.New()}
	for _, name := range buckets {
		if err := s.backend.CreateBucket(name); err != nil {
			return nil, err
		}
	}
	s.Server = httptest.NewUnstartedServer(s.checked(gofakes3.New(s.backend).Server()))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // connections that a test breaks
	if secured {
		s.StartTLS()
	} else {
		s.Start()
	}
	return s, nil
}

// Answer lets a function answer requests before the storage does; it returns whether it has.
func (s *Server) Answer(by func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = by
}

// Objects returns what is in a bucket, by name.
func (s *Server) Objects(bucket string) (map[string]string, error) {
	list, err := s.backend.ListBucket(bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, o := range list.Contents {
		object, err := s.backend.GetObject(bucket, o.Key, nil)
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(object.Contents)
		if err != nil {
			return nil, err
		}
		all[o.Key] = string(content)
	}
	return all, nil
}

// ContentType returns what storage says of an object.
func (s *Server) ContentType(bucket, name string) string {
	object, err := s.backend.HeadObject(bucket, name)
	if err != nil {
		return err.Error()
	}
	return object.Metadata["Content-Type"]
}

// Agents returns who asked.
func (s *Server) Agents() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agents
}

// Place returns a bucket of the storage as a configuration has it, with its keys in files of a directory.
func (s *Server) Place(dir, bucket string) (*config.Bucket, error) {
	p := &config.Bucket{Endpoint: s.URL, Name: bucket, AccessKeyFile: filepath.Join(dir, "access"),
		SecretKeyFile: filepath.Join(dir, "secret")}
	return p, errors.Join(os.WriteFile(p.AccessKeyFile, []byte(AccessKey+"\n"), 0o600),
		os.WriteFile(p.SecretKeyFile, []byte(SecretKey+"\n"), 0o600))
}

// checked lets requests through that are signed.
func (s *Server) checked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.agents = append(s.agents, r.UserAgent())
		before := s.before
		s.mu.Unlock()
		if before != nil && before(w, r) {
			return
		}
		if why := Unsigned(r, AccessKey, SecretKey); why != "" {
			refuse(w, http.StatusForbidden, "SignatureDoesNotMatch", why)
			return
		}
		body, why := signedBody(r, SecretKey)
		if why != "" {
			refuse(w, http.StatusBadRequest, "XAmzContentSHA256Mismatch", why)
			return
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Length", fmt.Sprint(len(body)))
		r.Header.Del("X-Amz-Content-Sha256") // the chunks are taken apart
		next.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, status int, code, why string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>", code, why)
}

// signedBody reads a body, out of its signed chunks, and says what is wrong with their signatures or with its sum.
func signedBody(r *http.Request, secret string) (body []byte, why string) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, "the body breaks off"
	}
	switch sum := r.Header.Get("X-Amz-Content-Sha256"); sum {
	case "UNSIGNED-PAYLOAD":
		return raw, ""
	case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD":
		return fromChunks(raw, r.Header, secret)
	default:
		if hashed(raw) != sum {
			return nil, "the body is not what is signed"
		}
		return raw, ""
	}
}

// fromChunks puts together a body that was sent in chunks, each signed behind the one before it.
func fromChunks(raw []byte, header http.Header, secret string) (body []byte, why string) {
	fields, scope := authorization(header)
	before := fields["Signature"]
	for {
		line, rest, found := bytes.Cut(raw, []byte("\r\n"))
		sizeText, signature, signed := strings.Cut(string(line), ";chunk-signature=")
		size, err := strconv.ParseInt(sizeText, 16, 64)
		if !found || !signed || err != nil || int64(len(rest)) < size+2 {
			return nil, "no signed chunk"
		}
		chunk := rest[:size]
		if before = sign(secret, scope, strings.Join([]string{"AWS4-HMAC-SHA256-PAYLOAD", header.Get("X-Amz-Date"),
			strings.Join(scope[1:], "/"), before, hashed(nil), hashed(chunk)}, "\n")); before != signature {
			return nil, "the signature of a chunk is another one"
		}
		if size == 0 {
			return body, ""
		}
		body, raw = append(body, chunk...), rest[size+2:]
	}
}

func hashed(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// authorization returns the fields of a signature, and its credential: key, day, region, service, aws4_request.
func authorization(header http.Header) (fields map[string]string, scope []string) {
	fields = map[string]string{}
	text, _ := strings.CutPrefix(header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	for pair := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		fields[name] = value
	}
	return fields, strings.Split(fields["Credential"], "/")
}

// sign signs a text with the key of a day, a region and a service.
func sign(secret string, scope []string, text string) string {
	key := []byte("AWS4" + secret)
	for _, part := range append(slices.Clone(scope[1:]), text) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

// Unsigned returns what is wrong with the signature of a request (AWS Signature Version 4, in the header), "" for
// nothing.
func Unsigned(r *http.Request, access, secret string) string {
	fields, scope := authorization(r.Header)
	if len(scope) != 5 || scope[0] != access || scope[3] != "s3" || scope[4] != "aws4_request" {
		return "no signature of a key that is known"
	}
	signed := strings.Split(fields["SignedHeaders"], ";")
	for _, must := range []string{"host", "x-amz-content-sha256", "x-amz-date"} {
		if !slices.Contains(signed, must) {
			return must + " is not signed"
		}
	}
	var headers strings.Builder
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.Join(strings.Fields(value), " "))
	}
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), canonicalQuery(r.URL.Query()), headers.String(),
		fields["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"),
		hashed([]byte(canonical))}, "\n")
	if sign(secret, scope, toSign) != fields["Signature"] {
		return "the signature is another one"
	}
	return ""
}

func canonicalQuery(q url.Values) string {
	var all []string
	for name, values := range q {
		for _, v := range values {
			all = append(all, url.QueryEscape(name)+"="+strings.ReplaceAll(url.QueryEscape(v), "+", "%20"))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "&")
}
