package coder_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// drip is a body that gives a byte a second and ends when it is closed.
type drip struct {
	closed chan struct{}
}

// Read implements io.Reader.
func (d drip) Read(p []byte) (int, error) {
	select {
	case <-d.closed:
		return 0, errors.New("read of a closed body")
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	}
}

// Close implements io.Closer.
func (d drip) Close() error {
	select {
	case <-d.closed:
	default:
		close(d.closed)
	}
	return nil
}

// An answer that never ends holds nobody up for ever, whatever its status, and
// is not asked for again.
func TestBody_slow(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400, 503} {
		synctest.Test(t, func(t *testing.T) {
			attempts, begun := 0, time.Now()
			client := onWire(t, 1, func(req *http.Request) (*http.Response, error) {
				attempts++
				resp := answer(req, status, "")
				resp.ContentLength, resp.Body = -1, drip{make(chan struct{})}
				return resp, nil
			})
			_, err := client.Build(t.Context(), buildID)
			if err == nil || coder.IsUnreadable(err) {
				t.Errorf("%d: error %v", status, err)
			}
			var network net.Error
			if status == 200 && (attempts != 1 || !errors.As(err, &network) || !network.Timeout()) {
				t.Errorf("%d attempts, error %v", attempts, err)
			}
			if took := time.Since(begun); took > time.Duration(attempts)*6*time.Minute {
				t.Errorf("%d: %d attempts took %s", status, attempts, took)
			}
		})
	}
}

// A body that came whole is left alone afterwards.
func TestBody_closed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		closed := 0
		client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
			resp := answer(req, 200, `[]`)
			resp.Body = countedClose{resp.Body, &closed}
			return resp, nil
		})
		if _, err := client.BuildParameters(t.Context(), buildID); err != nil {
			t.Fatal(err)
		}
		before := closed
		<-time.After(time.Hour)
		synctest.Wait()
		if before == 0 || closed != before {
			t.Errorf("closed %d times, %d times an hour later", before, closed)
		}
	})
}

type countedClose struct {
	io.Reader

	count *int
}

// Close implements io.Closer.
func (c countedClose) Close() error {
	*c.count++
	return nil
}
