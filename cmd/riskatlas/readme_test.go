package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var example = regexp.MustCompile("(?m)^\\$ curl 'http://localhost:8080([^']+)'\n(.+)\n```")

// What the READMEs show is what the demonstration city answers.
func TestReadmeShowsRealAnswers(t *testing.T) {
	url := serveForTest(t, "serve", "--demo", "--view", "public", "--listen", "127.0.0.1:0")
	for _, file := range []string{"../../README.md", "../../README.zh-CN.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := example.FindAllStringSubmatch(string(text), -1)
		if len(found) != 3 {
			t.Errorf("%s has %d examples, want 3", file, len(found))
		}
		for _, m := range found {
			if _, body := get(t, url+m[1]); strings.TrimSpace(string(body)) != m[2] {
				t.Errorf("%s: %s answers\n%s\nbut the page shows\n%s", file, m[1], body, m[2])
			}
		}
	}
}
