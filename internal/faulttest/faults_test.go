package faulttest_test

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// misfortune is one way in which an exchange goes wrong.
type misfortune struct {
	name  string
	fault codertest.Fault
	// reset makes the end of the connection a TCP reset.
	reset bool
	// word is set when the answer says, as Coder itself would, that the object
	// was deleted. A provider has to believe that.
	word bool
	// absent is set when it says that the object is not there, or not to be seen,
	// which is the end of a token and not of a workspace.
	absent bool
}

const (
	htmlPage = "<!doctype html><html><head><title>Sign in</title></head><body><h1>Welcome</h1></body></html>"
	html     = "text/html; charset=utf-8"
	plain    = "text/plain; charset=utf-8"
)

func refusal(status int, body string) codertest.Fault {
	return codertest.Fault{Status: status, Body: body}
}

func page(status int, contentType, body string) codertest.Fault {
	return codertest.Fault{Status: status, Body: body, ContentType: contentType}
}

func with(fault codertest.Fault, header, value string) codertest.Fault {
	fault.Header = http.Header{header: {value}}
	return fault
}

// never is longer than anybody waits.
const never = 100 * 24 * time.Hour

// misfortunes are the columns of the fault table.
var misfortunes = slices.Concat(oneByOne, ofGateways(), hostile())

func ofGateways() []misfortune {
	var all []misfortune
	for _, name := range slices.Sorted(maps.Keys(gateways)) {
		all = append(all, misfortune{name: name, fault: beforeCoder(gateways[name])})
	}
	return all
}

// oneByOne are Coder's own answers, those of proxies that pass Coder's headers
// on, and what happens on the way.
var oneByOne = []misfortune{
	{name: "no answer, not acted", fault: codertest.Fault{Delay: never}},
	{name: "no answer, acted", fault: codertest.Fault{Spoil: codertest.Silent}},
	{name: "reset before acting", fault: codertest.Fault{DropBefore: true}, reset: true},
	{name: "reset after acting", fault: codertest.Fault{DropAfter: true}, reset: true},
	{name: "closed before acting", fault: codertest.Fault{DropBefore: true}},
	{name: "closed after acting", fault: codertest.Fault{DropAfter: true}},
	{name: "401", fault: refusal(http.StatusUnauthorized, `{"message":"You are signed out or your session has expired. Please sign in again to continue.","detail":"API key is invalid."}`)},
	{name: "403", fault: refusal(http.StatusForbidden, `{"message":"Forbidden.","detail":"You don't have permission to view this content."}`)},
	{name: "404", fault: refusal(http.StatusNotFound, `{"message":"Resource not found or you do not have access to this resource"}`), absent: true},
	{name: "404 of a proxy", fault: page(http.StatusNotFound, plain, "404 page not found")},
	{name: "404 unknown route", fault: refusal(http.StatusNotFound, `{"message":"Route not found."}`)},
	{name: "409", fault: refusal(http.StatusConflict, `{"message":"Something else happens at the moment."}`)},
	{name: "409 active build", fault: refusal(http.StatusConflict, `{"message":"A workspace build is already active."}`)},
	{name: "410", fault: refusal(http.StatusGone, `{"message":"Workspace was deleted, you can view this workspace by specifying '?include_deleted=true' and trying again."}`), word: true},
	{name: "410 of a proxy", fault: page(http.StatusGone, html, htmlPage)},
	{name: "429 Retry-After", fault: with(refusal(http.StatusTooManyRequests, `{"message":"You've been rate limited for sending more than 512 requests in 1m0s."}`), "Retry-After", "60")},
	{name: "429", fault: refusal(http.StatusTooManyRequests, `{"message":"You've been rate limited for sending more than 512 requests in 1m0s."}`)},
	{name: "500", fault: refusal(http.StatusInternalServerError, `{"message":"An internal server error occurred."}`)},
	{name: "500 forbidden", fault: refusal(http.StatusInternalServerError, `{"message":"Internal error.","detail":"unauthorized: rbac: forbidden"}`)},
	{name: "500 plain text", fault: page(http.StatusInternalServerError, plain, "Internal Server Error\n")},
	{name: "502 HTML", fault: page(http.StatusBadGateway, html, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>")},
	{name: "503", fault: page(http.StatusServiceUnavailable, plain, "upstream connect error")},
	{name: "503 Retry-After", fault: with(page(http.StatusServiceUnavailable, plain, "starting"), "Retry-After", "5")},
	{name: "504", fault: page(http.StatusGatewayTimeout, html, htmlPage)},
	{name: "truncated body", fault: codertest.Fault{Spoil: codertest.Truncated}},
	{name: "endless body", fault: codertest.Fault{Spoil: codertest.Endless}},
	{name: "dripping body", fault: codertest.Fault{Spoil: codertest.Dripping}},
	{name: "invalid JSON", fault: refusal(http.StatusOK, `{"id": tru`)},
	{name: "JSON null", fault: refusal(http.StatusOK, `null`)},
	{name: "empty JSON object", fault: refusal(http.StatusOK, `{}`)},
	{name: "JSON of other types", fault: refusal(http.StatusOK, `{"id":17,"name":{},"latest_build":[],"workspaces":"none","count":"all"}`)},
	{name: "JSON array", fault: refusal(http.StatusOK, `["id"]`)},
	{name: "empty 200", fault: refusal(http.StatusOK, ``)},
	{name: "200 HTML", fault: page(http.StatusOK, html, htmlPage)},
	{name: "redirect", fault: with(codertest.Fault{Status: http.StatusTemporaryRedirect}, "Location", "https://login.example.com/sso?next=%2Fapi")},
}
