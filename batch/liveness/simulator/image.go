package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"liverecon/batch/liveness/simulator/internal/dice"
	"liverecon/batch/liveness/simulator/internal/picture"
)

// imageLife sets how long an image's link stays good.
const imageLife = 24 * time.Hour

// imageHost serves the images in process. Behind a listener its own address does, under imageRoot.
const (
	imageHost = "images.example.invalid" // does not exist (RFC 2606)
	imageRoot = "/images"
)

// Faults of images. Of the others HTML200, HTML502, Redirect (to an address of a private network), ResetAfter, Timeout,
// Truncated, Empty200, Oversize, GzipBomb and SlowBody can befall an image as well.
const (
	LinkPrivate Fault = "link_private" // the answer's link names a private address, this machine or a cloud's metadata
	ImageGone   Fault = "image_gone"   // HTTP 403 that says expired, before its time
	ImageBusy   Fault = "image_busy"   // HTTP 503
	ImageText   Fault = "image_text"   // HTTP 200, image/jpeg by its header, text by its content
)

// AllImageFaults lists the faults of images in alphabetical order.
func AllImageFaults() []Fault {
	all := []Fault{LinkPrivate, ImageGone, ImageBusy, ImageText, HTML200, HTML502, Redirect, ResetAfter, Timeout,
		Truncated, Empty200, Oversize, GzipBomb, SlowBody}
	slices.Sort(all)
	return all
}

// images holds what the links of answers lead to.
type images struct {
	seed   uint64
	faults atomic.Pointer[[]odds]

	mu       sync.Mutex
	requests map[string]int // for each
}

func (im *images) setFaults(probability map[Fault]float64) error {
	known := AllImageFaults()
	sum := 0.0
	for fault, p := range probability {
		if !slices.Contains(known, fault) {
			return fmt.Errorf("no fault of images: %q", fault)
		}
		if sum += p; !(p >= 0 && sum <= 1+1e-9) {
			return fmt.Errorf("fault %s: probabilities outside 0..1", fault)
		}
	}
	table := cumulate(probability)
	im.faults.Store(&table)
	return nil
}

func (im *images) counts() map[string]int {
	im.mu.Lock()
	defer im.mu.Unlock()
	return maps.Clone(im.requests)
}

// count counts a request for an image, and returns its number.
func (im *images) count(path string) int {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.requests[path]++
	return im.requests[path]
}

func (im *images) fault(key string, n int) Fault {
	table := im.faults.Load()
	if table == nil || len(*table) == 0 {
		return ""
	}
	number := key[strings.LastIndexByte(key, '_')+1:] // without the time of day, which would make every run another one
	d := dice.Throw(im.seed, "image-fault", number, n)
	u := d.Unit()
	for _, o := range *table {
		if u < o.upTo {
			return o.fault
		}
	}
	return ""
}

// link makes a fresh link in the shape of the page's examples, with an expiry and a signature.
func (im *images) link(d *dice.Dice, base, folder, extension string, now time.Time) string {
	b := make([]byte, 0, 192)
	b = append(b, base...)
	b = append(b, '/')
	b = append(b, folder...)
	b = append(b, "/random_"...)
	b = now.AppendFormat(b, "20060102150405.000")
	b = append(b[:len(b)-4], b[len(b)-3:]...) // the vendor writes milliseconds without a point
	b = append(b, '_')
	b = strconv.AppendInt(b, int64(1e9)+int64(d.Below(9e9)), 10)
	b = append(b, extension...)
	name := string(b[len(base):])
	if im.fault(name, 0) == LinkPrivate {
		return privateLink(d)
	}
	b = append(b, "?Expires="...)
	from := len(b)
	b = strconv.AppendInt(b, now.Add(imageLife).Unix(), 10)
	signature := im.signature(name, string(b[from:]))
	b = append(b, "&Signature="...)
	return string(append(b, signature...))
}

func (im *images) signature(name, expires string) string {
	d := dice.Throw(im.seed, "signature", name+"?"+expires, 0)
	return d.Hex16()
}

// privateLink returns a link that a client must not follow.
func privateLink(d *dice.Dice) string {
	links := []string{
		"http://127.0.0.1:9/i.jpg", "https://127.0.0.1/i.jpg", "https://169.254.169.254/latest/meta-data/",
		"https://10.0.0.1/i.jpg",
		"https://100.64.0.1/i.jpg", "https://[::ffff:192.168.0.1]/i.jpg", "https://[::1]/i.jpg",
		"http://images.example.com/i.jpg",
	}
	return links[d.Below(len(links))]
}

// answerImage answers the request for an image.
func answerImage(v *Vendor, x *exchange) reply {
	expires := x.query.Get("Expires")
	at, err := strconv.ParseInt(expires, 10, 64)
	n := v.images.count(x.image)
	fault := v.images.fault(x.image, n)
	switch {
	case err != nil || x.query.Get("Signature") != v.images.signature(x.image, expires):
		return denied(v.now(), "SignatureDoesNotMatch", "The request signature does not match.")
	case !v.now().Before(time.Unix(at, 0)) || fault == ImageGone:
		return denied(v.now(), "AccessDenied", "Request has expired.")
	}
	d := dice.Throw(v.cfg.Seed, "picture", x.image, 0)
	rep := reply{status: http.StatusOK, header: header(v.now(), "image/jpeg"), body: picture.JPEG(d)}
	if strings.HasSuffix(x.image, ".zip") {
		rep.header.Set("Content-Type", "application/zip")
		rep.body = append([]byte("PK\x03\x04"), rep.body...)
	}
	switch fault {
	case ImageBusy:
		return plain(v.now(), http.StatusServiceUnavailable, "please slow down")
	case ImageText:
		rep.body = []byte("<script>alert(1)</script>")
	case Redirect:
		rep = page(v.now(), http.StatusFound)
		rep.header.Set("Location", privateLink(&d))
	default:
		if effects[fault].mangles {
			v.mangle(&exchange{ask: ask{id: x.image}, try: n, fault: fault}, &rep)
		}
	}
	return rep
}

// denied returns how an object store refuses a link.
func denied(now time.Time, code, message string) reply {
	rep := plain(now, http.StatusForbidden, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>`+code+
		"</Code><Message>"+message+"</Message></Error>")
	rep.header.Set("Content-Type", "application/xml")
	return rep
}
