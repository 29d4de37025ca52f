// Package diagnose turns what went wrong in a call to Coder into Terraform
// diagnostics. It is the only place that words API failures.
package diagnose

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/printable"
)

// Error explains a failed call. Summary is a fixed sentence that occurs once in
// the repository, such as "Unable to rename the workspace". Doing says what was
// tried, with values, so that it continues "Could not …", such as
// `rename workspace "dev" to "prod"`.
//
// The detail adds the server's words and what the user can do. A refusal that
// is about fields of the request gives one diagnostic for each attribute in
// fields, at its path, and one for the rest. A nil error gives none.
func Error(summary, doing string, err error, fields Fields) diag.Diagnostics {
	if err == nil {
		return nil
	}
	var refusal *coder.Error
	if !errors.As(err, &refusal) {
		return diag.Diagnostics{diag.NewErrorDiagnostic(summary, Detail(doing, err))}
	}

	groups := fields.group(refusal)
	diags := make(diag.Diagnostics, 0, len(groups))
	for _, group := range groups {
		detail := refusalDetail(doing, err, refusal, group.validations)
		if isEmpty(group.at) {
			diags.AddError(summary, detail)
		} else {
			diags.AddAttributeError(group.at, summary, detail)
		}
	}
	return diags
}

// Detail is the text of [Error] alone, for callers that build their own
// diagnostic around it.
func Detail(doing string, err error) string {
	var refusal *coder.Error
	if errors.As(err, &refusal) {
		return refusalDetail(doing, err, refusal, refusal.Validations)
	}
	what, remedy := explainFailure(err)
	return paragraphs(fmt.Sprintf("Could not %s: %s", printable.Line(doing), what), remedy, unanswered(err))
}

// unanswered names the request that had no usable answer, "" where err is about
// none: its address shows which deployment was really asked.
func unanswered(err error) string {
	var request *coder.RequestError
	var content *coder.ContentError
	var redirect *coder.RedirectError
	switch {
	case errors.As(err, &request):
		return requestLine(request.Method, request.Server, request.Path, "")
	case errors.As(err, &content):
		return requestLine(content.Method, content.Server, content.Path, "")
	case errors.As(err, &redirect):
		return requestLine(redirect.Method, redirect.Server, redirect.Path, "")
	default:
		return ""
	}
}

func requestLine(method, server, path, id string) string {
	text := fmt.Sprintf("Request: %s %s%s", method, printable.Line(server), printable.Line(path))
	if id != "" {
		text += ", id " + printable.Line(id)
	}
	return text
}

// refusalDetail words an error answer of the server: what was tried, the
// server's own words, the remedy, and what an administrator needs to find the
// request in the server's log.
func refusalDetail(doing string, err error, refusal *coder.Error, validations []coder.Validation) string {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", refusal.Status, http.StatusText(refusal.Status)))
	who := "Coder"
	if kind := refusal.Kind(); kind == coder.Foreign || kind == coder.TLSExpected {
		who = refusal.Server + ", which is not Coder or stands in front of it,"
	}
	opening := fmt.Sprintf("Could not %s: %s answered %s.", printable.Line(doing), printable.Line(who), status)

	words := []string{refusal.Message}
	// Coder ≤2.1 often says the same in message and detail.
	if refusal.Detail != refusal.Message {
		words = append(words, refusal.Detail)
	}
	for i, validation := range validations {
		if i == maxValidations {
			words = append(words, fmt.Sprintf("  - … and %d more", len(validations)-i))
			break
		}
		words = append(words, fmt.Sprintf("  - %s: %s", cmp.Or(printable.Line(validation.Field), "(request)"), validation.Detail))
	}
	return paragraphs(opening, joinLines(words), remedyFor(err, refusal),
		requestLine(refusal.Method, refusal.Server, refusal.Path, refusal.RequestID))
}

// maxValidations bounds the list of field errors in one diagnostic.
const maxValidations = 20

func paragraphs(texts ...string) string { return joinNonEmpty(texts, "\n\n") }

func joinLines(texts []string) string { return joinNonEmpty(texts, "\n") }

func joinNonEmpty(texts []string, separator string) string {
	kept := make([]string, 0, len(texts))
	for _, text := range texts {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, separator)
}

func isEmpty(at path.Path) bool { return len(at.Steps()) == 0 }
