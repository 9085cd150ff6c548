package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// browser is a headless Chromium that is spoken to in the Chrome DevTools Protocol over a pipe: messages of JSON, each ended by a zero byte.
type browser struct {
	t       *testing.T
	in      *os.File
	pipe    *os.File // that out reads
	out     *bufio.Reader
	last    int
	session string
	events  []message
}

type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// chromium finds the browser, or skips the test.
func chromium(t *testing.T) string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium found: install Debian's package chromium, or name one in the environment variable CHROMIUM")
	return ""
}

func startBrowser(t *testing.T) *browser {
	t.Helper()
	path := chromium(t)
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--user-data-dir="+profile, "--remote-debugging-pipe")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = theirIn.Close(), theirOut.Close()
	b := &browser{t: t, in: ourOut, pipe: ourIn, out: bufio.NewReaderSize(ourIn, 1<<20)}
	t.Cleanup(func() {
		_, _, _ = ourOut.Close(), cmd.Wait(), ourIn.Close() // it ends when nobody speaks to it any more
		for range 50 {                                      // its last processes may still write
			if os.RemoveAll(profile) == nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network", "Accessibility"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

func (b *browser) read() (m message) {
	b.t.Helper()
	if err := b.pipe.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		b.t.Fatal(err)
	}
	text, err := b.out.ReadBytes(0)
	if err == nil {
		err = json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m)
	}
	if err != nil {
		b.t.Fatalf("reading from the browser: %v", err)
	}
	return m
}

// call calls a method and waits for its result; events meanwhile are kept.
func (b *browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	if params == nil {
		params = map[string]any{}
	}
	b.last++
	raw, err := json.Marshal(params)
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := json.Marshal(message{ID: b.last, Session: b.session, Method: method, Params: raw})
	if err == nil {
		_, err = b.in.Write(append(text, 0))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	for {
		m := b.read()
		switch {
		case m.ID == 0:
			b.events = append(b.events, m)
		case m.ID != b.last:
		case m.Error != nil:
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		default:
			if result != nil {
				if err := json.Unmarshal(m.Result, result); err != nil {
					b.t.Fatalf("%s: %v", method, err)
				}
			}
			return
		}
	}
}

// open opens a page in a window of a size and a theme, and waits until it has loaded.
func (b *browser) open(url string, width, height int, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.media("screen", scheme)
	b.events = nil
	b.call("Page.navigate", map[string]any{"url": url}, nil)
	for !b.had("Page.loadEventFired") {
		if m := b.read(); m.ID == 0 {
			b.events = append(b.events, m)
		}
	}
}

func (b *browser) media(media, scheme string) {
	b.t.Helper()
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": media, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

func (b *browser) had(method string) bool {
	for _, m := range b.events {
		if m.Method == method {
			return true
		}
	}
	return false
}

// eval evaluates a JavaScript expression, which may be a promise.
func (b *browser) eval(expression string, value any) {
	b.t.Helper()
	var r struct {
		Result struct {
			Value json.RawMessage
		}
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	err := error(nil)
	if r.ExceptionDetails != nil {
		err = errors.New(r.ExceptionDetails.Text + " " + r.ExceptionDetails.Exception.Description)
	} else if value != nil {
		err = json.Unmarshal(r.Result.Value, value)
	}
	if err != nil {
		b.t.Fatalf("%.80s: %v", expression, err)
	}
}

// key presses a key.
func (b *browser) key(name string, code int) {
	b.t.Helper()
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		b.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code}, nil)
	}
}

// screenshots writes what the page looks like, in parts, as PNG.
func (b *browser) screenshots(dir, name string, width int) {
	b.t.Helper()
	const part = 2400
	var height int
	b.eval("document.documentElement.scrollHeight", &height)
	for y := 0; y < height; y += part {
		var shot struct{ Data []byte }
		clip := map[string]any{"x": 0, "y": y, "width": width, "height": min(part, height-y), "scale": 1}
		b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true, "clip": clip}, &shot)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%02d.png", name, y/part)), shot.Data, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
}

// failures are what the console, the log and uncaught exceptions say, and requests for anything but the page itself.
func (b *browser) failures(page string) (all []string) {
	for _, m := range b.events {
		switch m.Method {
		case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded":
			all = append(all, string(m.Params))
		case "Network.requestWillBeSent":
			var p struct{ Request struct{ URL string } }
			if err := json.Unmarshal(m.Params, &p); err != nil || p.Request.URL != page && !bytes.HasPrefix([]byte(p.Request.URL), []byte("data:")) {
				all = append(all, fmt.Sprintf("a request for %s", p.Request.URL))
			}
		}
	}
	return all
}
