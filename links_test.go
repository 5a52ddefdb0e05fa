package dtfunctions_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
)

// Every relative link of the repository's documents leads to a file or a folder, and every
// anchor to a heading. Links to other sites are not followed.
func TestLinksLeadSomewhere(t *testing.T) {
	dead, err := deadLinks(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range dead {
		t.Error(link)
	}
}

func TestDeadLinksAreFound(t *testing.T) {
	files := func(text string) fstest.MapFS {
		return fstest.MapFS{
			"docs/page.md":      {Data: []byte(text)},
			"docs/other.md":     {Data: []byte("# Other\n\n## What it *costs*, in `USD`\n\n## Twice\n\n## Twice\n\n    # no heading\n\n```\n# none either\n```\n")},
			"docs/picture.svg":  {Data: []byte("<svg/>")},
			"terraform/main.tf": {Data: []byte("")},
		}
	}
	for name, test := range map[string]struct {
		text string
		dead []string // links, in order
	}{
		"file":                     {"[a](other.md) and [b](missing.md)", []string{"missing.md"}},
		"two in a line":            {"[a](x.md), [b](y.md)", []string{"x.md", "y.md"}},
		"folder":                   {"[a](../terraform) [b](../terraform/) [c](../missing)", []string{"../missing"}},
		"out of the repository":    {"[a](../../other.md)", []string{"../../other.md"}},
		"from the root":            {"[a](/docs/other.md)", []string{"/docs/other.md"}},
		"picture":                  {"![a](picture.svg) ![b](none.svg)", []string{"none.svg"}},
		"picture that is a link":   {"[![a](none.svg)](missing.md)", []string{"none.svg", "missing.md"}},
		"anchor elsewhere":         {"[a](other.md#what-it-costs-in-usd) [b](other.md#cost)", []string{"other.md#cost"}},
		"anchor here":              {"# A title: 1 of 2\n\n[a](#a-title-1-of-2) [b](#title)", []string{"#title"}},
		"heading that comes twice": {"[a](other.md#twice) [b](other.md#twice-1) [c](other.md#twice-2)", []string{"other.md#twice-2"}},
		"no heading in code":       {"[a](other.md#no-heading) [b](other.md#none-either)", []string{"other.md#no-heading", "other.md#none-either"}},
		"anchor of no document":    {"[a](../terraform/main.tf#L1)", []string{"../terraform/main.tf#L1"}},
		"definition":               {"See [a].\n\n[a]: missing.md", []string{"missing.md"}},
		"another site":             {"[a](https://example.com/missing.md#x) [b](mailto:a@example.com)", nil},
		"code":                     {"`[a](missing.md)`\n\n```\n[a](missing.md)\n```\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			dead, err := deadLinks(files(test.text))
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, link := range test.dead {
				want = append(want, "docs/page.md: "+link+" leads nowhere")
			}
			if !slices.Equal(dead, want) {
				t.Errorf("got %q, want %q", dead, want)
			}
		})
	}
}

var (
	inlineLink = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	definition = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s+(\S+)`)
	otherSite  = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
	fence      = regexp.MustCompile("(?ms)^```.*?^```")
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	heading    = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*$`)
	linkText   = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// deadLinks returns a line for each relative link in the .md files below fsys that leads
// nowhere. Folders that git does not keep are left out.
func deadLinks(fsys fs.FS) ([]string, error) {
	var dead []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || name == "dist") {
			return fs.SkipDir
		}
		if entry.IsDir() || path.Ext(name) != ".md" {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		prose := inlineCode.ReplaceAllString(fence.ReplaceAllString(string(text), ""), "")
		for _, match := range append(inlineLink.FindAllStringSubmatch(prose, -1), definition.FindAllStringSubmatch(prose, -1)...) {
			link := match[1]
			if !otherSite.MatchString(link) && !leadsSomewhere(fsys, name, link) {
				dead = append(dead, fmt.Sprintf("%s: %s leads nowhere", name, link))
			}
		}
		return nil
	})
	return dead, err
}

func leadsSomewhere(fsys fs.FS, from, link string) bool {
	file, anchor, hasAnchor := strings.Cut(link, "#")
	if strings.HasPrefix(file, "/") {
		return false
	}
	target := from
	if file != "" {
		target = path.Join(path.Dir(from), file)
	}
	if _, err := fs.Stat(fsys, target); err != nil {
		return false
	}
	if !hasAnchor {
		return true
	}
	if path.Ext(target) != ".md" {
		return false
	}
	text, err := fs.ReadFile(fsys, target)
	return err == nil && slices.Contains(anchors(string(text)), anchor)
}

// anchors returns what a document's headings can be linked by, as GitHub makes it of
// them: https://docs.github.com/en/get-started/writing-on-github, "Section links".
func anchors(text string) []string {
	var all []string
	seen := map[string]int{}
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			}
			return -1
		}, linkText.ReplaceAllString(match[1], "$1"))
		if n := seen[anchor]; n > 0 {
			all = append(all, fmt.Sprintf("%s-%d", anchor, n))
		} else {
			all = append(all, anchor)
		}
		seen[anchor]++
	}
	return all
}
