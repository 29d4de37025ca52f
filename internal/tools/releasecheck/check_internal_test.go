package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	name     = "terraform-provider-coderws"
	version  = "0.1.0-SNAPSHOT-1234567"
	asset    = name + "_" + version + "_"
	manifest = `{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`
	goodCfg  = `
release:
  extra_files: [{glob: terraform-registry-manifest.json, name_template: "{{ .ProjectName }}_{{ .Version }}_manifest.json"}]
checksum:
  extra_files: [{glob: terraform-registry-manifest.json, name_template: "{{ .ProjectName }}_{{ .Version }}_manifest.json"}]
signs: [{artifacts: checksum}]
`
)

// archive zips one file.
func archive(t *testing.T, name, content string, mode fs.FileMode) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: name}
	header.SetMode(mode)
	file, err := w.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// good is a release of two platforms.
func good(t *testing.T) map[string][]byte {
	t.Helper()
	return map[string][]byte{
		"metadata.json":             []byte(fmt.Sprintf(`{"project_name": %q, "version": %q}`, name, version)),
		"config.yaml":               []byte(goodCfg),
		asset + "linux_amd64.zip":   archive(t, name+"_v"+version, "…"+version+"…", 0o755),
		asset + "windows_amd64.zip": archive(t, name+"_v"+version+".exe", "…"+version+"…", 0o755),
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(files map[string][]byte)
		want  string
	}{
		"good":           {func(map[string][]byte) {}, ""},
		"platform":       {func(f map[string][]byte) { delete(f, asset+"linux_amd64.zip") }, "linux_amd64.zip"},
		"too many":       {func(f map[string][]byte) { f[asset+"plan9_386.zip"] = f[asset+"linux_amd64.zip"] }, "plan9_386.zip is of no platform"},
		"name inside":    {func(f map[string][]byte) { f[asset+"linux_amd64.zip"] = archive(t, name, version, 0o755) }, "has to hold"},
		"exe":            {func(f map[string][]byte) { f[asset+"windows_amd64.zip"] = f[asset+"linux_amd64.zip"] }, ".exe"},
		"not executable": {func(f map[string][]byte) { f[asset+"linux_amd64.zip"] = archive(t, name+"_v"+version, version, 0) }, "not executable"},
		"version":        {func(f map[string][]byte) { f[asset+"linux_amd64.zip"] = archive(t, name+"_v"+version, "dev", 0o755) }, "does not know its version"},
		"manifest": {func(f map[string][]byte) {
			f["config.yaml"] = []byte(strings.Replace(goodCfg, "glob: t", "glob: x", 1))
		}, "the manifest is not among the extra files"},
		"manifest's name": {func(f map[string][]byte) {
			f["config.yaml"] = []byte(strings.Replace(goodCfg, "_manifest.json\"", ".json\"", 1))
		}, "the manifest is not among the extra files"},
		"draft": {func(f map[string][]byte) {
			f["config.yaml"] = []byte(strings.Replace(goodCfg, "release:", "release:\n  draft: true", 1))
		}, "draft"},
		"signature": {func(f map[string][]byte) {
			f["config.yaml"] = []byte(strings.Replace(goodCfg, "artifacts: checksum", "artifacts: all", 1))
		}, "signed"},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			files := good(t)
			tt.spoil(files)
			problems := check(t, files, "")
			if got := fmt.Sprint(problems); (tt.want == "") != (len(problems) == 0) || !strings.Contains(got, tt.want) {
				t.Errorf("problems are %q, want one with %q", got, tt.want)
			}
		})
	}
}

func TestCheck_checksums(t *testing.T) {
	t.Parallel()
	for title, spoil := range map[string]func(sums string) string{
		"wrong":   func(sums string) string { return "00" + sums[2:] },
		"missing": func(sums string) string { return sums[strings.Index(sums, "\n")+1:] },
		"more":    func(sums string) string { return sums + strings.Repeat("0", 64) + "  config.yaml\n" },
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			files := good(t)
			if problems := check(t, files, spoil(checksums(files))); len(problems) == 0 {
				t.Error("no problem was found")
			}
		})
	}
}

// check looks at a release of these files; their checksums are right unless
// given.
func check(t *testing.T, files map[string][]byte, sums string) []error {
	t.Helper()
	dist := fstest.MapFS{}
	for name, content := range maps.All(files) {
		dist[name] = &fstest.MapFile{Data: content}
	}
	if sums == "" {
		sums = checksums(files)
	}
	dist[asset+"SHA256SUMS"] = &fstest.MapFile{Data: []byte(sums)}
	r, err := readRelease(dist, []byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	return r.check([]string{"linux/amd64", "windows/amd64"})
}

func checksums(files map[string][]byte) string {
	text := fmt.Sprintf("%x  %smanifest.json\n", sha256.Sum256([]byte(manifest)), asset)
	for name, content := range files {
		if strings.HasSuffix(name, ".zip") {
			text += fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name)
		}
	}
	return text
}
