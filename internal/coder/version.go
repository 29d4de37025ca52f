package coder

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// Version is the release of a server. The zero value is an unknown one.
type Version struct {
	text         string
	major, minor int
}

var versionPattern = regexp.MustCompile(`^v?(\d+)\.(\d+)\.\d+`)

// ParseVersion reads a version as Coder writes it: "v2.35.1+8b44bd6",
// "v0.24.1-devel+8dac0356e". A development build counts as the release it
// follows.
func ParseVersion(text string) Version {
	v := Version{text: text}
	match := versionPattern.FindStringSubmatch(text)
	if match == nil {
		return v
	}
	var err error
	if v.major, err = strconv.Atoi(match[1]); err != nil {
		return Version{text: text}
	}
	if v.minor, err = strconv.Atoi(match[2]); err != nil {
		return Version{text: text}
	}
	return v
}

// Known tells whether the release is known. A server built outside a release
// reports v0.0.0, which is not.
func (v Version) Known() bool { return v.major > 0 || v.minor > 0 }

// AtLeast tells whether the server is of the given release or a newer one;
// false when it is not known.
func (v Version) AtLeast(major, minor int) bool {
	return v.Known() && (v.major > major || v.major == major && v.minor >= minor)
}

// Before tells whether the server is of an older release than the given one;
// false when it is not known, as a build outside releases is taken for new.
func (v Version) Before(major, minor int) bool {
	return v.Known() && !v.AtLeast(major, minor)
}

// String is the version as the server wrote it.
func (v Version) String() string { return v.text }

// ServerVersion is the version in the newest answer, or the one that /buildinfo
// has told where a proxy drops the header. It is unknown before the first success.
func (c *Client) ServerVersion() Version {
	if v := c.version.Load(); v != nil {
		return *v
	}
	return Version{}
}

// versionLimit is how long an answer without the version is held up to learn it.
const versionLimit = 10 * time.Second

// learnVersion is the server's version, which /buildinfo is asked for while no
// answer has told it. A server that does not tell is not asked again, and its
// version stays unknown; the error is that it could not be reached.
func (c *Client) learnVersion(ctx context.Context) (Version, error) {
	if c.version.Load() == nil && !c.versionAsked.Load() {
		if _, err := c.lookup.BuildInfo(ctx); err != nil && refusal(err) == nil {
			return Version{}, err
		}
		c.versionAsked.Store(true)
	}
	return c.ServerVersion(), nil
}

// learnVersionOnce is for answers that do not tell the version, as behind a proxy
// that passes on no headers that it does not know. It fails nothing.
func (c *Client) learnVersionOnce(ctx context.Context) {
	if c.version.Load() != nil || c.versionAsked.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, versionLimit)
	defer cancel()
	_, _ = c.learnVersion(ctx)
	c.versionAsked.Store(true)
}

// ServerNow is the present time by the server's clock as the newest answer
// showed it, up to about a second early; our own clock before the first.
func (c *Client) ServerNow() time.Time {
	return time.Now().Add(time.Duration(c.clockOffset.Load()))
}

// KnowsClock tells whether [Client.ServerNow] goes by the server's clock.
func (c *Client) KnowsClock() bool { return c.clockKnown.Load() }

// LearnClock is [Client.ServerNow], for which /buildinfo is asked while no answer
// has shown the clock. The error is that the server could not be reached.
func (c *Client) LearnClock(ctx context.Context) (time.Time, error) {
	if !c.KnowsClock() {
		if _, err := c.lookup.BuildInfo(ctx); err != nil && refusal(err) == nil {
			return time.Time{}, err
		}
	}
	return c.ServerNow(), nil
}

// noteAnswer learns version and clock from an answer.
func (c *Client) noteAnswer(resp *http.Response) {
	if text := resp.Header.Get(buildVersionHeader); text != "" && text != c.ServerVersion().text {
		v := ParseVersion(text)
		c.version.Store(&v)
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		c.clockOffset.Store(int64(time.Until(at)))
		c.clockKnown.Store(true)
	}
}
