package provider

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ConfigModel is the decoded provider block.
type ConfigModel = configModel

// ResolveConfig is the pure resolution of the configuration.
var ResolveConfig = resolveConfig

// LogExchange is the hook that logs the API's traffic.
var LogExchange = logExchange

// FrameworkServer has all calls of the protocol.
type FrameworkServer = frameworkServer

// NewDoor is the way out of a server.
func NewDoor(inside FrameworkServer) FrameworkServer { return &door{inside} }

// TLSAttributes are the types of the tls block.
var TLSAttributes = map[string]attr.Type{
	"ca_file": types.StringType, "cert_file": types.StringType, "key_file": types.StringType,
	"insecure_skip_verify": types.BoolType,
}

// File is a file of a [Machine].
type File struct {
	Content string
	Mode    fs.FileMode // 0600 when zero
	Err     error
}

// Machine is a made-up environment. Files are named with slashes.
type Machine struct {
	OS     string // linux when ""
	Vars   map[string]string
	Files  map[string]File
	NoHome bool
}

// Environment is the machine as the provider sees it.
func (m Machine) Environment() environment {
	find := func(name string) (File, error) {
		file, ok := m.Files[filepath.ToSlash(name)]
		if !ok {
			return File{}, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		if file.Mode == 0 {
			file.Mode = 0o600
		}
		return file, file.Err
	}
	goos := m.OS
	if goos == "" {
		goos = "linux"
	}
	return environment{
		getenv: func(name string) string { return m.Vars[name] },
		readFile: func(name string) ([]byte, error) {
			file, err := find(name)
			return []byte(file.Content), err
		},
		fileMode: func(name string) (fs.FileMode, error) {
			file, err := find(name)
			return file.Mode, err
		},
		home: func() (string, error) {
			if m.NoHome {
				return "", errors.New("$HOME is not defined")
			}
			return "/home/ada", nil
		},
		goos: goos,
	}
}

// NewOn is New on a made-up machine.
func NewOn(version string, machine Machine) func() provider.Provider {
	return newWithEnvironment(version, machine.Environment())
}

// UserAgent is what the provider sends as its name.
func UserAgent(version, terraform string) string {
	return (&coderwsProvider{version: version}).userAgent(terraform)
}

// During makes a call as the server does.
func During(ctx context.Context, req int, call func(context.Context, int) (int, error)) (int, error) {
	return during(ctx, req, call)
}
