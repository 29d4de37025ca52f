// Package coder is a client for the part of Coder's HTTP API that manages
// workspaces: workspaces themselves, their builds, and the look-ups of
// templates, users and organizations a caller needs beside them.
//
// It follows what servers do from v0.24 (June 2023) to v2.35, which differs in
// many places from the generated API document; comments name the difference
// where it matters. It knows nothing of Terraform.
package coder
