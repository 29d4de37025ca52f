package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// manifestFile is the file in the source that says which protocol the provider
// speaks.
const manifestFile = "terraform-registry-manifest.json"

// release is what goreleaser has made.
type release struct {
	name, version string
	dist          fs.FS
	files         []string
	checksums     map[string]string // hexadecimal, by name of the file
	config        config
	manifest      []byte // in the source: goreleaser uploads it from there
}

// config is the part of goreleaser's configuration that decides what is
// uploaded beside the archives.
type config struct {
	Release struct {
		Draft      bool        `yaml:"draft"`
		ExtraFiles []extraFile `yaml:"extra_files"`
	} `yaml:"release"`
	Checksum struct {
		ExtraFiles []extraFile `yaml:"extra_files"`
	} `yaml:"checksum"`
	Signs []struct {
		Artifacts string `yaml:"artifacts"`
	} `yaml:"signs"`
}

type extraFile struct {
	Glob         string `yaml:"glob"`
	NameTemplate string `yaml:"name_template"`
}

// readRelease reads what goreleaser says of its work: metadata.json,
// config.yaml and the file of checksums.
func readRelease(dist fs.FS, manifest []byte) (*release, error) {
	r := &release{dist: dist, checksums: map[string]string{}, manifest: manifest}
	content, err := fs.ReadFile(dist, "metadata.json")
	if err != nil {
		return nil, err
	}
	var metadata struct {
		Name    string `json:"project_name"`
		Version string `json:"version"`
	}
	if err := json.Unmarshal(content, &metadata); err != nil {
		return nil, fmt.Errorf("metadata.json: %w", err)
	}
	r.name, r.version = metadata.Name, metadata.Version

	if content, err = fs.ReadFile(dist, "config.yaml"); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(content, &r.config); err != nil {
		return nil, fmt.Errorf("config.yaml: %w", err)
	}

	if content, err = fs.ReadFile(dist, r.file("SHA256SUMS")); err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(content)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || len(sum) != 2*sha256.Size {
			return nil, fmt.Errorf("%s: no line of a checksum: %q", r.file("SHA256SUMS"), line)
		}
		r.checksums[name] = sum
	}

	entries, err := fs.ReadDir(dist, ".")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			r.files = append(r.files, entry.Name())
		}
	}
	return r, nil
}

// file is the name of an asset.
func (r *release) file(suffix string) string { return r.name + "_" + r.version + "_" + suffix }

// check lists everything that is not as it has to be.
func (r *release) check(platforms []string) []error {
	var problems []error
	problem := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	if !strings.HasPrefix(r.name, "terraform-provider-") || strings.HasPrefix(r.version, "v") || r.version == "" {
		problem(fmt.Errorf("%q and %q are no name and version of a provider", r.name, r.version))
	}

	wanted := map[string]bool{r.file("manifest.json"): true}
	for _, platform := range platforms {
		archive := r.file(strings.ReplaceAll(platform, "/", "_") + ".zip")
		wanted[archive] = true
		if err := r.checkArchive(archive); err != nil {
			problem(fmt.Errorf("%s: %w", archive, err))
		}
	}
	for _, name := range r.files {
		if strings.HasSuffix(name, ".zip") && !wanted[name] {
			problem(fmt.Errorf("%s is of no platform that was asked for", name))
		}
	}

	if got, want := slices.Sorted(maps.Keys(r.checksums)), slices.Sorted(maps.Keys(wanted)); !slices.Equal(got, want) {
		problem(fmt.Errorf("there are checksums of %q, want those of %q", got, want))
	}
	problem(r.checkManifest())
	for where, files := range map[string][]extraFile{"release": r.config.Release.ExtraFiles, "checksum": r.config.Checksum.ExtraFiles} {
		want := extraFile{manifestFile, "{{ .ProjectName }}_{{ .Version }}_manifest.json"}
		if !slices.Contains(files, want) {
			problem(fmt.Errorf("the manifest is not among the extra files of %q in .goreleaser.yml", where))
		}
	}
	if r.config.Release.Draft {
		problem(errors.New("the registry does not see a release that is a draft"))
	}
	if len(r.config.Signs) != 1 || r.config.Signs[0].Artifacts != "checksum" {
		problem(errors.New("the checksums have to be signed, and nothing else"))
	}
	return problems
}

// checkManifest looks for the protocol that main.go serves.
func (r *release) checkManifest() error {
	var manifest struct {
		Version  int `json:"version"`
		Metadata struct {
			Protocols []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(r.manifest, &manifest); err != nil {
		return fmt.Errorf("the manifest: %w", err)
	}
	if manifest.Version != 1 || !slices.Equal(manifest.Metadata.Protocols, []string{"6.0"}) {
		return errors.New("the manifest has to be of version 1 and name protocol 6.0")
	}
	return r.checkSum(r.file("manifest.json"), r.manifest)
}

func (r *release) checkSum(name string, content []byte) error {
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != r.checksums[name] {
		return fmt.Errorf("the checksum of %s is another", name)
	}
	return nil
}

// checkArchive looks for the one file of an archive, for the version in it, and
// for the archive's checksum.
func (r *release) checkArchive(name string) error {
	content, err := fs.ReadFile(r.dist, name)
	if err != nil {
		return err
	}
	if err := r.checkSum(name, content); err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	binary := r.name + "_v" + r.version
	if strings.Contains(name, "_windows_") {
		binary += ".exe"
	}
	if len(archive.File) != 1 || archive.File[0].Name != binary {
		return fmt.Errorf("it has to hold %s and nothing else", binary)
	}
	if archive.File[0].Mode()&0o111 == 0 {
		return fmt.Errorf("%s is not executable", binary)
	}
	file, err := archive.File[0].Open()
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // read only
	program, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	if !bytes.Contains(program, []byte(r.version)) {
		return fmt.Errorf("%s does not know its version", binary)
	}
	return nil
}
