package city

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
)

func TestConvert(t *testing.T) {
	p := hangzhou(t)
	for _, c := range []struct {
		from, code, street, to, want string
		sure                         bool
	}{
		{"2019", "330103", "", "2021", "330105", true},
		{"2019", "330105", "", "2021", "330105", true},
		{"2019", "330102", "", "2021", "330102", true},
		{"2019", "330104", "凯旋街道", "2021", "330102", true},
		{"2019", "330104", "下沙街道", "2021", "330114", true},
		{"2019", "330104", "白杨", "2021", "330114", true},
		{"2019", "330104", "", "2021", "330102", false},
		{"2019", "330109", "河庄街道", "2021", "330114", true},
		{"2019", "330109", " 楼塔镇 ", "2021", "330109", true},
		{"2019", "330109", "", "2021", "330109", false},
		{"2019", "330110", "临平街道", "2021", "330113", true},
		{"2019", "330110", "塘栖镇", "2021", "330113", true},
		{"2019", "330110", "余杭街道", "2021", "330110", true},
		{"2019", "330110", "径山镇", "2021", "330110", true},
		{"2019", "330110", "", "2021", "", false},
		{"2019", "330110", "别处", "2021", "", false},
		{"2019", "330106", "", "2021", "330106", true},
		{"2019", "330113", "", "2021", "", false}, // not a code of 2019
		{"2019", "X3301QT", "", "2021", "", false},
		{"2021", "330113", "", "2019", "330110", true},
		{"2021", "330114", "", "2019", "", false},
		{"2021", "330114", "义蓬街道", "2019", "330109", true},
		{"2021", "330102", "", "2019", "", false},
		{"2021", "330102", "小营", "2019", "330102", true},
		{"2021", "330105", "石桥街道", "2019", "330103", true},
		{"2019", "330104", "", "2019", "330104", true},
		{"2021", "330104", "", "2021", "330104", false},
		{"2021", "330106", "", "1999", "", false},
		{"1999", "330106", "", "1999", "330106", false},
		{"2019", "330110", "镇", "2021", "", false},
	} {
		got, sure := p.Convert(c.from, c.code, c.street, c.to)
		if got != c.want && (sure || c.sure) || sure != c.sure {
			t.Errorf("%s of %s, street %q, in %s: %q %v, want %q %v", c.code, c.from, c.street, c.to, got, sure, c.want, c.sure)
		}
	}
}

// Every street of the statistics bureau's lists of 2019 and 2023 that has the
// same name in both converts, either way, to the district that it has there.
func TestConvertOfficialStreets(t *testing.T) {
	p := hangzhou(t)
	old, after := streets(t, "2019-10-31"), streets(t, "2023-06-30")
	moved, kept := 0, 0
	for name, was := range old {
		now, ok := after[name]
		if !ok || len(was) != 1 || len(now) != 1 {
			continue // renamed, or the name is not unique
		}
		got, sure := p.Convert("2019", was[0], name, "2021")
		back, sureBack := p.Convert("2021", now[0], name, "2019")
		if got != now[0] || back != was[0] || !sure || !sureBack {
			t.Errorf("%s: %s is %s %v, want %s; back %s %v, want %s", name, was[0], got, sure, now[0], back, sureBack, was[0])
		}
		if was[0] == now[0] {
			kept++
		} else {
			moved++
		}
	}
	t.Logf("%d streets kept their district, %d moved", kept, moved)
	if moved != 31 {
		t.Errorf("%d streets moved, the reform moved 31", moved)
	}
}

// streets reads the districts of each street's name.
func streets(t *testing.T, date string) map[string][]string {
	t.Helper()
	root := os.Getenv("RISKATLAS_REALDATA")
	if root == "" {
		root = "../../../shared/realdata"
	}
	raw, err := os.ReadFile(filepath.Join(root, "hangzhou", "nbs-streets-hangzhou-"+date+".csv"))
	if err != nil {
		t.Skip("the statistics bureau's list of streets is not here (RISKATLAS_REALDATA): ", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, r := range rows[1:] {
		out[r[1]] = append(out[r[1]], r[2])
	}
	return out
}
