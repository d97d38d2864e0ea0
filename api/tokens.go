package api

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"riskatlas/data"
)

// Role is what a caller may do.
type Role uint8

// The roles. The zero value may do what asks for no role.
const (
	Nobody Role = iota
	Reader      // sees who changed what
	Editor      // changes the city
)

// roleTable says of each role how files spell it and which demands it meets. Finer
// roles are rows of their own: what a route asks for is one role, and the row of
// the caller's says whether it is met.
var roleTable = [...]struct {
	key   string
	meets []Role
}{
	Nobody: {"", []Role{Nobody}},
	Reader: {"reader", []Role{Nobody, Reader}},
	Editor: {"editor", []Role{Nobody, Reader, Editor}},
}

// String is the role as files spell it.
func (r Role) String() string {
	if int(r) < len(roleTable) {
		return roleTable[r].key
	}
	return "invalid"
}

// Meets reports whether who has this role may do what asks for the other.
func (r Role) Meets(demand Role) bool {
	if int(r) < len(roleTable) {
		for _, m := range roleTable[r].meets {
			if m == demand {
				return true
			}
		}
	}
	return false
}

// ParseRole reads a role that a token may have.
func ParseRole(s string) (Role, error) {
	var keys []string
	for r := range roleTable {
		if Role(r) == Nobody {
			continue
		}
		if roleTable[r].key == s {
			return Role(r), nil
		}
		keys = append(keys, roleTable[r].key)
	}
	return Nobody, &data.Invalid{Field: "role", Value: s, Want: "one of", Allowed: keys}
}

// localName is the name of whoever writes from the server's own machine when
// there are no tokens. No token may have it.
const localName = "local"

// Tokens are the bearer tokens that a server knows: of each, its SHA-256 alone.
// Immutable, safe for concurrent use.
type Tokens struct{ rows []tokenRow }

type tokenRow struct {
	name string
	role Role
	sum  [sha256.Size]byte
}

// mostTokens bounds a file of tokens: each request with a token is compared with
// all of them.
const mostTokens = 1000

// ReadTokens reads a file of tokens: lines of a name, a role and the SHA-256 of
// the token in hexadecimal, with spaces between. Empty lines and what follows a
// # are comments. A name may have several tokens, of one role, so that one can
// be changed for another. The error names the line.
func ReadTokens(r io.Reader) (*Tokens, error) {
	t := &Tokens{}
	named, seen := map[string]Role{}, map[[sha256.Size]byte]bool{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\uFEFF"), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		row, err := readToken(fields)
		switch role, known := named[row.name]; {
		case err != nil:
		case known && role != row.role:
			err = &data.Invalid{Field: "role", Value: row.role.String(), Want: fmt.Sprintf("%s, which %s has in a line before", role, row.name)}
		case seen[row.sum]:
			err = &data.Invalid{Field: "SHA-256", Value: hex.EncodeToString(row.sum[:8]) + "…", Want: "one that no line before has"}
		case len(t.rows) == mostTokens:
			err = &data.Invalid{Field: "tokens", Value: fmt.Sprint("over ", mostTokens), Want: fmt.Sprint("at most ", mostTokens)}
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		named[row.name], seen[row.sum] = row.role, true
		t.rows = append(t.rows, row)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(t.rows) == 0 {
		return nil, errors.New("it holds no token: want lines of NAME reader|editor SHA-256, which 'riskatlas token' prints")
	}
	return t, nil
}

func readToken(fields []string) (row tokenRow, err error) {
	if len(fields) != 3 {
		// Not the line itself: somebody may have put a token into it.
		return row, &data.Invalid{Field: "fields", Value: fmt.Sprint(len(fields)), Want: "three: NAME reader|editor SHA-256"}
	}
	if row.name = fields[0]; CheckName(row.name) != nil {
		return row, CheckName(row.name)
	}
	if row.role, err = ParseRole(fields[1]); err != nil {
		return row, err
	}
	sum, err := hex.DecodeString(fields[2])
	if err != nil || len(sum) != sha256.Size {
		return row, &data.Invalid{Field: "SHA-256", Value: fmt.Sprint(len(fields[2]), " characters"),
			Want: "64 hexadecimal digits, the SHA-256 of the token and not the token itself"}
	}
	row.sum = [sha256.Size]byte(sum)
	return row, nil
}

// CheckName says what is wrong with the name of a token, which history keeps as
// the author: 1 to 64 letters (Chinese ones too), digits and . _ @ -
func CheckName(name string) error {
	bad := strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._@-", r)
	})
	if n := utf8.RuneCountInString(name); n == 0 || n > 64 || bad || !utf8.ValidString(name) {
		return &data.Invalid{Field: "name", Value: name, Want: "1 to 64 letters, digits and . _ @ -"}
	}
	if name == localName {
		return &data.Invalid{Field: "name", Value: name, Want: "another one: this is the author's where there are no tokens"}
	}
	return nil
}

// find gives whose token it is. How long it takes does not tell how much of a
// wrong one is right.
func (t *Tokens) find(token string) (c caller, ok bool) {
	sum := sha256.Sum256([]byte(token))
	for i := range t.rows {
		if subtle.ConstantTimeCompare(sum[:], t.rows[i].sum[:]) == 1 {
			c, ok = caller{t.rows[i].name, t.rows[i].role}, true
		}
	}
	return c, ok
}

// tokenBytes is how many random bytes a token has.
const tokenBytes = 32

// NewToken makes a token of 32 random bytes, and the line of the file that makes
// it known. Only who is given the token ever has it.
func NewToken(name string, role Role) (token, line string, err error) {
	if err := CheckName(name); err != nil {
		return "", "", err
	}
	if _, err := ParseRole(role.String()); err != nil {
		return "", "", err
	}
	var random [tokenBytes]byte
	rand.Read(random[:]) // never fails: the program ends first
	token = base64.RawURLEncoding.EncodeToString(random[:])
	return token, fmt.Sprintf("%s %s %x", name, role, sha256.Sum256([]byte(token))), nil
}
