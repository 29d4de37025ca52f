package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// environment is everything outside the provider block that decides about the
// configuration.
type environment struct {
	getenv   func(name string) string
	readFile func(name string) ([]byte, error)
	fileMode func(name string) (fs.FileMode, error)
	home     func() (string, error)
	goos     string
}

// processEnvironment is the environment this process runs in.
func processEnvironment() environment {
	return environment{
		getenv:   os.Getenv,
		readFile: os.ReadFile,
		fileMode: func(name string) (fs.FileMode, error) {
			info, err := os.Stat(name)
			if err != nil {
				return 0, err
			}
			return info.Mode(), nil
		},
		home: os.UserHomeDir,
		goos: runtime.GOOS,
	}
}

// cliFiles is what the Coder CLI left behind after `coder login`: the files
// "url" and "session" in its directory.
type cliFiles struct {
	env environment
	dir string // "" where the platform names none
}

func newCLI(env environment) cliFiles {
	return cliFiles{env: env, dir: cliDirectory(env)}
}

// cliDirectory is the CLI's own choice of a directory.
func cliDirectory(env environment) string {
	if dir := env.getenv(envConfigDir); dir != "" {
		return dir
	}
	base, sub := "", ""
	switch env.goos {
	case "windows":
		base = env.getenv("APPDATA")
	case "darwin":
		sub = filepath.Join("Library", "Application Support")
	default:
		base, sub = env.getenv("XDG_CONFIG_HOME"), ".config"
	}
	if base == "" && sub != "" {
		if home, err := env.home(); err == nil && home != "" {
			base = filepath.Join(home, sub)
		}
	}
	if base == "" {
		return ""
	}
	return filepath.Join(base, "coderv2")
}

// path is the name of one of the CLI's files.
func (c cliFiles) path(file string) string {
	return filepath.Join(c.dir, file)
}

// read returns the trimmed content of a file, "" when there is none.
func (c cliFiles) read(file string) (string, error) {
	if c.dir == "" {
		return "", nil
	}
	content, err := c.env.readFile(c.path(file))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(content)), err
}

// url is the address the CLI is logged in to, "" when it is not.
func (c cliFiles) url() (string, error) {
	return c.read("url")
}

// describe names a file of the CLI in an explanation.
func (c cliFiles) describe(file string) string {
	if c.dir == "" {
		return fmt.Sprintf("the file %q in its directory, which is not known here; set %s", file, envConfigDir)
	}
	return fmt.Sprintf("the file %q", c.path(file))
}

// unreadable explains a file that exists but cannot be read.
func (c cliFiles) unreadable(file string, err error) string {
	return fmt.Sprintf("The Coder CLI's file %q cannot be read: %v.\n\nCorrect its permissions, or set the provider's `url` and `token` attributes or the environment variables %s and %s instead.",
		c.path(file), err, envURL, envToken)
}

// tokenFor returns the CLI's token if, and only if, the CLI is logged in to
// the same scheme, host and port as the target: a token must never reach
// another server than the one that issued it.
func (c cliFiles) tokenFor(target *url.URL, diags *diag.Diagnostics) string {
	at := path.Root("token")
	token, err := c.read("session")
	if err != nil {
		diags.AddAttributeError(at, "Unreadable Coder CLI session", c.unreadable("session", err))
		return ""
	}
	if token == "" {
		diags.AddAttributeError(at, "Missing Coder session token", c.missingToken())
		return ""
	}
	if target == nil {
		return ""
	}

	loggedIn, err := c.url()
	if err != nil {
		diags.AddAttributeError(at, "Unknown origin of the Coder CLI session", c.unreadable("url", err))
		return ""
	}
	origin, problem := coder.ParseURL(loggedIn)
	if problem != "" || !sameOrigin(origin, target) {
		where := "no valid address"
		if problem == "" {
			where = origin.String()
		}
		diags.AddAttributeError(at, "Coder CLI session belongs to another deployment",
			fmt.Sprintf("The provider is to use %s, but the only session token found is the Coder CLI's, which belongs to %s (file %q). It is not sent to another server.\n\n", target, where, c.path("url"))+
				fmt.Sprintf("Set the attribute `token` or the environment variable %s to a token of %s, or log in there with `coder login %[2]s`.", envToken, target))
		return ""
	}

	if mode, err := c.env.fileMode(c.path("session")); err == nil && c.env.goos != "windows" && mode.Perm()&0o077 != 0 {
		diags.AddAttributeWarning(at, "Coder CLI session readable by others",
			fmt.Sprintf("The file %q holds a session token, and its permissions (%04o) give access to other users of this machine. Run `chmod 600` on it.", c.path("session"), mode.Perm()))
	}
	return checkToken(token, diags)
}

// missingToken lists the ways to give the provider a token.
func (c cliFiles) missingToken() string {
	text := "The provider has no session token for Coder. Do one of these:\n\n" +
		"  - set the attribute `token` in the provider block to a token, best from a sensitive variable;\n" +
		"  - set the environment variable " + envToken + ";\n" +
		"  - log in with the Coder CLI, `coder login <url>`; its token is read from " + c.describe("session") + ".\n\n" +
		"A token is made by `coder tokens create`, or in the dashboard under Account, Tokens (/settings/tokens)."
	if c.env.goos == "darwin" || c.env.goos == "windows" {
		text += "\n\nOn macOS and Windows the Coder CLI ≥2.29 keeps the token in the system's keyring, where the provider cannot read it. " +
			"Log in with CODER_USE_KEYRING=false to have it written to the file."
	}
	return text
}

// sameOrigin compares scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	default:
		return "443"
	}
}
