// Package codertest is a Coder deployment in memory: users, organizations, templates with versions and parameters,
// workspaces whose builds run asynchronously on the deployment's own clock, schedules and deadlines, build logs, watch
// streams, Coder's search language, paging, rate limits, permissions, and hooks for faults.
//
// It behaves as one of the two ends of the range of servers that the provider supports (the API document's own commit of
// June 2023, here called the seed, and v2.35.1) and, where the difference is known, as the releases in between. What it
// answers is kept honest by a test that replays exchanges recorded from running servers (testdata/recordings).
//
// The wire format is written here a second time on purpose: sharing types with the client would hide the client's mistakes.
//
// Left out: WebSockets (watch-ws, logs?follow), the parsing of uploaded template archives (see Options.Import), and
// everything that needs a licence except the policies a Template can be given.
package codertest
