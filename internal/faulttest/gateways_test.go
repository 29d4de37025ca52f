package faulttest_test

import (
	"maps"
	"net/http"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const (
	loginPage = `<!DOCTYPE html><html><head><title>Sign In</title></head><body><form action="/oauth2/start"><button>Sign in with OpenID Connect</button></form></body></html>`
	loginURL  = "https://login.example.com/?rd=https%3A%2F%2Fcoder.example.com"
)

func nginx(status int, title string) codertest.Fault {
	return page(status, html, "<html>\r\n<head><title>"+title+"</title></head>\r\n<body>\r\n<center><h1>"+title+"</h1></center>\r\n<hr><center>nginx/1.27.2</center>\r\n</body>\r\n</html>\r\n")
}

// beforeCoder makes an answer that of somebody who stands before Coder and has
// not asked it: without the headers that Coder gives every answer of its own.
func beforeCoder(fault codertest.Fault) codertest.Fault {
	header := http.Header{}
	maps.Copy(header, fault.Header)
	header["X-Coder-Request-Id"], header["X-Coder-Build-Version"] = nil, nil
	fault.Header = header
	return fault
}

// gateways are the answers of what stands before Coder, as each of them words
// them. They say nothing about a workspace.
var gateways = map[string]codertest.Fault{
	"Kong 404":              refusal(http.StatusNotFound, `{"message":"no Route matched with those values"}`),
	"Kong 410":              refusal(http.StatusGone, `{"message":"Gone"}`),
	"Kong 500":              refusal(http.StatusInternalServerError, `{"message":"An unexpected error occurred"}`),
	"API gateway 401":       refusal(http.StatusUnauthorized, `{"message":"Unauthorized"}`),
	"API gateway 403":       refusal(http.StatusForbidden, `{"message":"Missing Authentication Token"}`),
	"API gateway 404":       refusal(http.StatusNotFound, `{"message":"Not Found","detail":"nothing here"}`),
	"API gateway 410":       refusal(http.StatusGone, `{"message":"Gone","detail":"moved out"}`),
	"nginx 404":             nginx(http.StatusNotFound, "404 Not Found"),
	"nginx 405":             nginx(http.StatusMethodNotAllowed, "405 Not Allowed"),
	"nginx 410":             nginx(http.StatusGone, "410 Gone"),
	"nginx 502":             nginx(http.StatusBadGateway, "502 Bad Gateway"),
	"nginx 503":             nginx(http.StatusServiceUnavailable, "503 Service Temporarily Unavailable"),
	"nginx 504":             nginx(http.StatusGatewayTimeout, "504 Gateway Time-out"),
	"Envoy 404":             page(http.StatusNotFound, plain, ""),
	"Envoy connect error":   page(http.StatusServiceUnavailable, plain, "upstream connect error or disconnect/reset before headers. reset reason: connection failure"),
	"Envoy no upstream":     page(http.StatusServiceUnavailable, plain, "no healthy upstream"),
	"login page 200":        page(http.StatusOK, html, loginPage),
	"login page 401":        page(http.StatusUnauthorized, html, loginPage),
	"redirect to login":     with(page(http.StatusFound, html, `<a href="`+loginURL+`">Found</a>.`), "Location", loginURL),
	"redirect 303 to login": with(page(http.StatusSeeOther, html, ""), "Location", loginURL),
}
