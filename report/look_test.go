package report

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip()
	}
	n, _ := strconv.Atoi(os.Getenv("LOOK_N"))
	r := fixture(t, n)
	for name, write := range map[string]func(io.Writer, *Report, string) error{"html": HTML, "md": Markdown, "xlsx": XLSX, "list.xlsx": MainListXLSX} {
		for _, lang := range []string{"zh", "en"} {
			f, _ := os.Create(dir + "/report-" + lang + "." + name)
			start := time.Now()
			if err := write(f, r, lang); err != nil {
				t.Fatal(err)
			}
			took := time.Since(start)
			i, _ := f.Stat()
			fmt.Println(name, lang, i.Size(), took)
			f.Close()
		}
	}
}
