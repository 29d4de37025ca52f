package codertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// object is one JSON object on the wire. Maps make it plain which release has which field.
type object = map[string]any

// reply is what a route answers. Without body and text the answer is empty.
type reply struct {
	status int
	body   any
	text   string // plain text instead of JSON
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

func created(body any) reply { return reply{status: http.StatusCreated, body: body} }

func noContent() reply { return reply{status: http.StatusNoContent} }

// problem is the body of every error, and of some confirmations.
type problem struct {
	Message     string       `json:"message"`
	Detail      string       `json:"detail,omitempty"`
	Validations []validation `json:"validations,omitempty"`
}

type validation struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func refuse(status int, message string, validations ...validation) reply {
	return reply{status: status, body: problem{Message: message, Validations: validations}}
}

func refuseWith(status int, message, detail string) reply {
	return reply{status: status, body: problem{Message: message, Detail: detail}}
}

// notFound is also the answer to what the caller may not read.
func notFound() reply {
	return refuse(http.StatusNotFound, "Resource not found or you do not have access to this resource")
}

const forbiddenDetail = "You don't have permission to view this content. If you believe this is a mistake, please contact your administrator or try signing in with different credentials."

func forbidden() reply {
	return refuseWith(http.StatusForbidden, "Forbidden.", forbiddenDetail)
}

// unauthorizedWrite is the 500 of servers when somebody may read but not change a workspace.
func unauthorizedWrite(message string) reply {
	return refuseWith(http.StatusInternalServerError, message, "unauthorized: rbac: forbidden")
}

const taken = "This value is already in use and should be unique."

func validationFailed(v ...validation) reply {
	return refuse(http.StatusBadRequest, "Validation failed.", v...)
}

func failedTag(field, tag, value string) validation {
	return validation{field, `Validation failed for tag "` + tag + `" with value: "` + value + `"`}
}

func (d *Deployment) write(w http.ResponseWriter, rep reply) {
	switch {
	case rep.text != "":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(rep.status)
		_, _ = io.WriteString(w, rep.text)
	case rep.body == nil:
		w.WriteHeader(rep.status)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		var buf bytes.Buffer
		if err := json.NewEncoder(&buf).Encode(rep.body); err != nil { // escapes HTML, as Coder does
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(rep.status)
		_, _ = w.Write(buf.Bytes())
	}
}

// call is one request on its way through a route.
type call struct {
	d      *Deployment
	r      *http.Request
	user   *user
	params map[string]string
	// arrival is when the request came, in terms of Deployment.tickSequence.
	arrival int64
}

// body reads the request's body and leaves it in place for the handler.
func body(r *http.Request) string {
	if r.Body == nil {
		return ""
	}
	content, _ := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	r.Body = io.NopCloser(bytes.NewReader(content))
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-tar") {
		return "<tar>"
	}
	return string(content)
}

// decode reads a JSON body; the texts are those of encoding/json, which Coder passes on.
func (c *call) decode(into any) (reply, bool) {
	err := json.NewDecoder(c.r.Body).Decode(into)
	if err == nil {
		return reply{}, true
	}
	detail := err.Error()
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && strings.HasPrefix(wrong.Field, "rich_parameter_values.") {
		// The field's own struct is named, whatever release of Go this package is built with.
		detail = "json: cannot unmarshal " + wrong.Value + " into Go struct field WorkspaceBuildParameter." + wrong.Field +
			" of type " + wrong.Type.String()
	}
	return refuseWith(http.StatusBadRequest, "Request body must be valid JSON.", detail), false
}

// id reads a path parameter that must be a UUID.
func (c *call) id(name string) (uuid.UUID, reply, bool) {
	raw := c.params[name]
	id, err := uuid.Parse(raw)
	if err != nil {
		return uuid.Nil, refuseWith(http.StatusBadRequest, `Invalid UUID "`+raw+`".`, err.Error()), false
	}
	return id, reply{}, true
}
